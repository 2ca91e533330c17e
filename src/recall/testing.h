// What the tests of recall and answer share: a clock that stands still and a memory to fill by hand.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/identity.h"
#include "base/time.h"
#include "index/analysis.h"
#include "store/languages.h"
#include "store/store.h"

namespace lar::recall {

inline const FixedZone greenwich(0);

// Saturday, 2026-11-21, 15:30.
class StandingClock final : public Clock {
public:
    std::int64_t now_us() const override { return parse_rfc3339("2026-11-21T15:30", greenwich)->us; }
    std::int64_t monotonic_us() const override { return 0; }
};
inline const StandingClock standing_clock;

template <class T>
T must(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().message;
        std::abort();
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

struct Text {
    std::string text;
    std::string path;  // of a hunk's file
    std::string context;
    std::uint32_t line_first = 1;
};

class Memory {
public:
    explicit Memory(const std::string& source = "project", const std::string& location = "/nowhere/project")
        : store_(must(store::Store::open({}, standing_clock))) {
        source_ = add_source(source, location);
    }

    store::SourceId add_source(const std::string& name, const std::string& location) {
        store::SourceId id;
        must(store_.write([&](store::Writer& writer) -> Result<> {
            id = TRY(writer.add_source({.uuid = name, .name = name, .location = location}));
            return {};
        }));
        return id;
    }

    // `time` as RFC 3339, in Greenwich.
    void put(store::Document document, const std::vector<Text>& texts, const std::string& time = "2026-11-01") {
        if (document.source.value == 0) document.source = source_;
        if (document.title.empty()) document.title = document.path;
        document.uuid = hash_hex(document.path + std::to_string(document.source.value));
        document.time = *parse_rfc3339(time, greenwich);
        std::vector<store::NewPassage> passages;
        for (const Text& text : texts) passages.push_back(passage(document, text, passages.size()));
        must(store_.write([&](store::Writer& writer) -> Result<> {
            TRY(writer.put_document(document, passages));
            return {};
        }));
    }
    void file(const std::string& path, const std::string& text, const std::string& time = "2026-11-01") {
        put({.path = path}, {{.text = text}}, time);
    }
    void commit(const std::string& id, const std::string& message, const std::string& time) {
        put({.kind = store::DocumentKind::commit, .path = id, .title = message, .author = "Ana"},
            {{.text = message, .line_first = 0}}, time);
    }

    store::Reader reader() { return must(store_.reader()); }
    store::Store& store() { return store_; }

private:
    static store::NewPassage passage(const store::Document& document, const Text& text, std::size_t ordinal) {
        store::NewPassage made;
        made.passage.ordinal = static_cast<std::uint32_t>(ordinal);
        made.passage.path = text.path;
        made.passage.context = text.context;
        made.passage.text = text.text;
        made.passage.hash = hash_hex(text.text);
        made.passage.line_first = text.line_first;
        const auto lines = static_cast<std::uint32_t>(std::ranges::count(text.text, '\n'));
        made.passage.line_last = text.line_first == 0 ? 0 : text.line_first + lines;
        const index::Language language = store::language_of(document, made.passage);
        made.indexed = {.title = index::terms_of(document.title, language),
                        .path = index::terms_of(text.path.empty() ? document.path : text.path),
                        .context = index::terms_of(text.context, language),
                        .body = index::marked_terms_of(text.text, language)};
        return made;
    }

    store::Store store_;
    store::SourceId source_;
};

}  // namespace lar::recall
