#include "recall/understand.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "base/nearest.h"
#include "base/text.h"
#include "recall/hints.h"
#include "recall/question.h"

namespace lar::recall {
namespace {

// "do", "is" and "can" begin orders and remarks as well.
constexpr auto asking =
    std::to_array<std::string_view>({"what", "where", "which", "who", "whom", "whose", "when", "why", "how"});

std::unexpected<Error> no_such_source(std::string_view name, const std::vector<store::Source>& sources) {
    const store::Source* nearest = nullptr;
    for (const store::Source& source : sources)
        if (nearest == nullptr || edit_distance(name, source.name) < edit_distance(name, nearest->name))
            nearest = &source;
    if (nearest == nullptr)
        return fail(Code::not_found, lar::format("there is no source '{}', and none at all yet: add one first", name));
    if (edit_distance(name, nearest->name) <= std::max<std::size_t>(2, name.size() / 3))
        return fail(Code::not_found, lar::format("there is no source '{}'; did you mean '{}'?", name, nearest->name));
    return fail(Code::not_found, lar::format("there is no source '{}'; the nearest name is '{}'", name, nearest->name));
}

// One question on its way to being understood: which of its words are spent on hints.
class Understanding {
public:
    Understanding(std::string_view question, store::Reader& reader, const Zone& zone)
        : question_(question), reader_(reader), zone_(zone), words_(words_of(question)), used_(words_.size()) {}

    Result<> limit_to(const Limits& limits, const std::vector<store::Source>& sources) {
        for (const std::string& name : limits.in) {
            const auto found = std::ranges::find(sources, name, &store::Source::name);
            if (found == sources.end()) return no_such_source(name, sources);
            out_.scope.sources.push_back(found->id);
        }
        out_.scope.kinds = limits.kinds;
        out_.scope.window = {limits.since_us, limits.until_us};
        return {};
    }

    void read_time(std::int64_t now_us, bool calendar_is_subject) {
        const bool given = out_.scope.window.bounded();
        TimeWindow window;
        bool calendar = true;
        for (const TimeHint& hint : find_time(words_, now_us, zone_)) {
            if (hint.calendar && calendar_is_subject) {
                out_.hints.push_back(said(hint.first, hint.last) +
                                     ": taken as what is asked about, so all times were searched");
                continue;
            }
            if (hint.window.since_us)
                window.since_us = std::max(window.since_us.value_or(*hint.window.since_us), *hint.window.since_us);
            if (hint.window.until_us)
                window.until_us = std::min(window.until_us.value_or(*hint.window.until_us), *hint.window.until_us);
            calendar = calendar && hint.calendar;
            spend(hint.first, hint.last);
            out_.hints.push_back(said(hint.first, hint.last) +
                                 (given ? ": overruled by the limits given" : ": " + describe(hint.window, zone_)));
        }
        if (given || !window.bounded()) return;
        out_.scope.window = window;
        out_.calendar = calendar;
    }

    void read_source(const std::vector<store::Source>& sources) {
        std::vector<std::string> names;
        for (const store::Source& source : sources) names.push_back(source.name);
        const auto hint = find_source(words_, names);
        if (!hint) return;
        const auto id = std::ranges::find(sources, hint->name, &store::Source::name)->id;
        const bool given = !out_.scope.sources.empty();
        // A name that the limits leave out is a word like any other.
        if (given && std::ranges::find(out_.scope.sources, id) == out_.scope.sources.end()) return;
        if (!given) out_.scope.sources = {id};
        spend(hint->first, hint->last);
        out_.hints.push_back(lar::format("{}: source {}", said(hint->first, hint->last), hint->name));
    }

    Result<> read_branch(const std::vector<store::Source>& sources) {
        if (std::ranges::find(words_, "branch", &Word::text) == words_.end()) return {};
        std::vector<std::string> branches;
        for (const store::Source& source : sources) {
            const bool in_scope = out_.scope.sources.empty() ||
                                  std::ranges::find(out_.scope.sources, source.id) != out_.scope.sources.end();
            if (in_scope) branches.append_range(TRY(reader_.branches(source.id)));
        }
        const auto hint = find_branch(words_, branches);
        if (!hint) return {};
        out_.scope.branch = hint->name;
        spend(hint->first, hint->last);
        out_.hints.push_back(lar::format("{}: branch {}", said(hint->first, hint->last), hint->name));
        return {};
    }

    void read_intent() {
        const IntentHint hint = find_intent(words_);
        out_.intent = hint.intent;
        out_.question = trim(question_).ends_with('?') || trim(question_).ends_with("？") ||
                        (!words_.empty() && std::ranges::contains(asking, std::string_view(words_.front().text)));
        out_.why = hint.why;
        out_.where = hint.where;
        out_.how_to = hint.how_to;
        out_.newest = hint.newest;
        for (const auto& [first, last] : hint.used) spend(first, last);
        if (hint.intent == Intent::left_off)
            out_.hints.emplace_back("where you left off: uncommitted changes, latest commits, files edited last");
    }

    Understood finish() {
        out_.rest = question_;
        for (std::size_t i = 0; i < words_.size(); ++i)
            if (used_[i])
                std::fill_n(out_.rest.begin() + static_cast<std::ptrdiff_t>(words_[i].first),
                            words_[i].last - words_[i].first, ' ');
        out_.terms = terms_of_question(out_.rest, Wording::plain).query();
        return std::move(out_);
    }

private:
    void spend(std::size_t first, std::size_t last) {
        std::fill(used_.begin() + static_cast<std::ptrdiff_t>(first), used_.begin() + static_cast<std::ptrdiff_t>(last),
                  true);
    }
    std::string said(std::size_t first, std::size_t last) const {
        return std::string(question_.substr(words_[first].first, words_[last - 1].last - words_[first].first));
    }

    std::string_view question_;
    store::Reader& reader_;
    const Zone& zone_;
    std::vector<Word> words_;
    std::vector<bool> used_;
    Understood out_;
};

}  // namespace

Result<Understood> understand(std::string_view question, const Limits& limits, store::Reader& reader,
                              const Clock& clock, const Zone& zone, bool use_hints) {
    return understand_as(question, limits, reader, clock, zone, use_hints ? Hints::all : Hints::none);
}

Result<Understood> understand_as(std::string_view question, const Limits& limits, store::Reader& reader,
                                 const Clock& clock, const Zone& zone, Hints hints) {
    const auto sources = TRY(reader.sources());
    Understanding understanding(question, reader, zone);
    TRY_VOID(understanding.limit_to(limits, sources));
    if (hints != Hints::none) {
        understanding.read_time(clock.now_us(), hints == Hints::calendar_is_subject);
        understanding.read_source(sources);
        TRY_VOID(understanding.read_branch(sources));
        understanding.read_intent();
    }
    return understanding.finish();
}

}  // namespace lar::recall
