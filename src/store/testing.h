// What the store's tests share: a fixed clock, a folder that goes away, and short ways to make sources and documents.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/identity.h"
#include "base/testing.h"
#include "base/time.h"
#include "store/store.h"

namespace lar::store {

class FixedClock final : public Clock {
public:
    std::int64_t now_us() const override { return 1'700'000'000'000'000; }
    std::int64_t monotonic_us() const override { return 0; }
};
inline const FixedClock fixed_clock;

// The value of a result, or the test's end with its message.
template <class T>
T must(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().message;
        std::abort();
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline Store open_store(const std::filesystem::path& path = {}) { return must(Store::open(path, fixed_clock)); }

inline SourceId add_source(Store& store, const std::string& name) {
    SourceId id;
    must(store.write([&](Writer& writer) -> Result<> {
        id = TRY(writer.add_source({.name = name, .location = "/home/ana/" + name, .added = {1, 60}}));
        return {};
    }));
    return id;
}

// A passage that is indexed by the words it consists of.
inline NewPassage passage(const std::string& text, const std::string& title = "") {
    NewPassage made;
    made.passage.text = text;
    made.passage.hash = hash_hex(text);
    made.indexed.body = text;
    made.indexed.title = title;
    return made;
}

inline Document document(SourceId source, const std::string& path, std::int64_t time_us = 0) {
    Document made{.source = source, .path = path, .title = path, .size_bytes = 10, .time = {time_us, 0}};
    made.hash = hash_hex(path);
    return made;
}

inline DocumentId put(Store& store, const Document& document, const std::vector<std::string>& texts) {
    std::vector<NewPassage> passages;
    for (const std::string& text : texts) {
        passages.push_back(passage(text));
        passages.back().passage.ordinal = static_cast<std::uint32_t>(passages.size() - 1);
    }
    DocumentId id;
    must(store.write([&](Writer& writer) -> Result<> {
        id = TRY(writer.put_document(document, passages));
        return {};
    }));
    return id;
}

inline std::vector<std::string> found(Reader& reader, const std::vector<QueryTerm>& terms, const Scope& scope = {},
                                      std::size_t limit = 10) {
    std::vector<PassageId> ids;
    for (const Hit& hit : must(reader.search(terms, scope, {}, limit))) ids.push_back(hit.passage);
    std::vector<std::string> texts;
    for (const PlacedPassage& placed : must(reader.passages(ids))) texts.push_back(placed.passage.text);
    return texts;
}

}  // namespace lar::store
