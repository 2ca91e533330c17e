#include "recall/hints.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "base/text.h"

namespace lar::recall {
namespace {

constexpr auto quantities_after_how =
    std::to_array<std::string_view>({"many", "much", "long", "large", "big", "often", "far", "fast", "deep", "deeply"});
constexpr auto words_for_numbers = std::to_array<std::string_view>(
    {"limit",   "limits",   "maximum", "minimum",   "max",  "min",     "size",    "number",
     "default", "defaults", "timeout", "threshold", "cap",  "largest", "longest", "deepest",
     "biggest", "smallest", "count",   "interval",  "port", "version"});
constexpr auto words_for_no_number = std::to_array<std::string_view>({"how", "why", "who", "when", "where"});

constexpr std::string_view spaces = " \t\r\n\f\v";
constexpr std::string_view around_words = ".,;:!?()[]{}<>\"'`*";

bool is(std::span<const Word> words, std::size_t at, std::initializer_list<std::string_view> choices) {
    return at < words.size() && !words[at].quoted && std::ranges::find(choices, words[at].text) != choices.end();
}

// The words of a name, as words_of would give them in a question.
std::vector<std::string> words_in_name(std::string_view name) {
    std::vector<std::string> texts;
    for (const Word& word : words_of(name)) texts.push_back(word.text);
    return texts;
}

bool stands_at(std::span<const Word> words, std::size_t at, std::span<const std::string> name) {
    if (name.empty() || at + name.size() > words.size()) return false;
    for (std::size_t i = 0; i < name.size(); ++i)
        if (words[at + i].text != name[i] || words[at + i].quoted) return false;
    return true;
}

// The longest of the names that stands at that word, and the word after it.
std::optional<NameHint> longest_name(std::span<const Word> words, std::size_t at, std::span<const std::string> names) {
    std::optional<NameHint> best;
    for (const std::string& name : names) {
        const auto texts = words_in_name(name);
        if (stands_at(words, at, texts) && (!best || at + texts.size() > best->last))
            best = NameHint{name, at, at + texts.size()};
    }
    return best;
}

}  // namespace

std::vector<Word> words_of(std::string_view question) {
    std::vector<Word> words;
    bool quoted = false;
    std::size_t at = 0;
    while (at < question.size() && words.size() < limit_hint_words) {
        at = question.find_first_not_of(spaces, at);
        if (at == std::string_view::npos) break;
        const std::size_t end = std::min(question.find_first_of(spaces, at), question.size());
        std::size_t first = at, last = end;
        at = end;
        const auto quotes = std::ranges::count(question.substr(first, last - first), '"');
        const bool inside = quoted || quotes > 0;
        if (quotes % 2 == 1) quoted = !quoted;
        while (first < last && around_words.contains(question[first])) ++first;
        while (last > first && around_words.contains(question[last - 1])) --last;
        if (first == last) continue;
        std::string text = to_lower_ascii(question.substr(first, last - first));
        for (const std::string_view genitive : {"'s", "\xE2\x80\x99s"})
            if (text.size() > genitive.size() && text.ends_with(genitive)) text.resize(text.size() - genitive.size());
        words.push_back({std::move(text), first, last, inside});
    }
    return words;
}

std::optional<NameHint> find_source(std::span<const Word> words, std::span<const std::string> names) {
    for (std::size_t at = 0; at + 1 < words.size(); ++at) {
        if (!is(words, at, {"in", "within", "inside"})) continue;
        std::size_t name_at = at + 1;
        if (is(words, name_at, {"the", "my", "our"})) ++name_at;
        const bool announced = is(words, name_at, {"source"});
        if (announced) ++name_at;
        auto hint = longest_name(words, at + 1, names);  // a name may begin with "my"
        if (!hint) hint = longest_name(words, name_at, names);
        if (!hint) continue;
        const bool called = is(words, hint->last, {"source", "project", "repository", "repo", "folder", "tree"});
        // "in the notes" may be any notes; "in notes" and "in my notes" name the source.
        if (is(words, at + 1, {"the"}) && !called && !announced) continue;
        if (called) ++hint->last;
        hint->first = at;
        return hint;
    }
    return std::nullopt;
}

std::optional<NameHint> find_branch(std::span<const Word> words, std::span<const std::string> branches) {
    std::vector<std::string> names(branches.begin(), branches.end());
    std::vector<std::string> full = names;
    for (const std::string& branch : branches) {
        const auto slash = branch.rfind('/');
        if (slash == std::string::npos) continue;
        const std::string end = branch.substr(slash + 1);
        if (std::ranges::find(names, end) != names.end()) continue;  // another branch has the better claim
        names.push_back(end);
        full.push_back(branch);
    }
    for (std::size_t at = 0; at + 1 < words.size(); ++at) {
        if (!is(words, at, {"on", "in", "from", "of"})) continue;
        std::size_t name_at = at + 1;
        if (is(words, name_at, {"the", "my", "our"})) ++name_at;
        const bool before = is(words, name_at, {"branch"});
        auto hint = longest_name(words, before ? name_at + 1 : name_at, names);
        if (!hint || (!before && !is(words, hint->last, {"branch"}))) continue;
        if (!before) ++hint->last;
        hint->first = at;
        const auto which = static_cast<std::size_t>(std::ranges::find(names, hint->name) - names.begin());
        hint->name = full[which];
        return hint;
    }
    return std::nullopt;
}

namespace {

// One way of saying something: words in order, each of them one of some choices; an empty choice may be missing.
using Phrase = std::vector<std::vector<std::string_view>>;

std::optional<std::size_t> matches(std::span<const Word> words, std::size_t at, const Phrase& phrase) {
    for (const auto& choices : phrase) {
        const bool here = at < words.size() && !words[at].quoted &&
                          std::ranges::find(choices, std::string_view(words[at].text)) != choices.end();
        if (here) {
            ++at;
        } else if (std::ranges::find(choices, std::string_view()) == choices.end()) {
            return std::nullopt;
        }
    }
    return at;
}

const std::vector<Phrase>& left_off_phrases() {
    static const std::vector<Phrase> phrases = {
        {{"where"}, {"did", "have"}, {"i", "we"}, {"leave", "left", "stop", "stopped"}, {"off", "it", ""}},
        {{"where"}, {"i", "we"}, {"left", "stopped"}, {"off", ""}},
        {{"where"}, {"was", "were", "am", "are"}, {"i", "we"}},
        {{"pick", "continue", "resume", "carry"},
         {"up", "on", ""},
         {"from", ""},
         {"where"},
         {"i", "we"},
         {"left", "stopped"},
         {"off", ""}},
        {{"what"}, {"was", "were", "am", "are"}, {"i", "we"}, {"last", "just", ""}, {"working", "doing"}, {"on", ""}},
        {{"what"}, {"did"}, {"i", "we"}, {"last", "just"}, {"work", "do"}, {"on", ""}},
        {{"what"}, {"did"}, {"i", "we"}, {"work", "do"}, {"on", ""}, {"last"}},
    };
    return phrases;
}

const std::vector<Phrase>& change_phrases() {
    static const std::vector<Phrase> phrases = {
        {{"what"},
         {"has", "have", "was", "were", "got", "is", ""},
         {"been", ""},
         {"changed", "changes", "new", "happened", "committed", "done"}},
        {{"what"},
         {"did"},
         {"i", "we", "they", "he", "she"},
         {"change", "do", "commit", "fix", "add", "remove", "work"},
         {"on", ""}},
        {{"what"}, {"have", "has"}, {"i", "we", "they"}, {"changed", "done", "committed", "fixed", "added", "removed"}},
        {{"which", "what"}, {"commit", "commits"}},
        {{"last", "latest", "recent", "newest"}, {"commit", "commits", "change", "changes"}},
        {{"changes", "change", "commits", "history"}, {"to", "in", "of", "on", "since", "from"}},
        {{"history"}, {"of"}},
        {{"uncommitted", "unstaged", "staged"}, {"diff", "changes", "change", "work", ""}},
    };
    return phrases;
}

// "when was it removed", "since when"; "what happens when it is full" asks for no moment, and neither does "when is it
// sorted".
bool asks_for_a_moment(std::span<const Word> words, std::size_t at) {
    if (is(words, at, {"when"}) && is(words, at + 1, {"did", "was", "were", "has", "have", "had"})) return at == 0;
    return is(words, at, {"since"}) && is(words, at + 1, {"when", "which"});
}

}  // namespace

IntentHint find_intent(std::span<const Word> words) {
    IntentHint hint;
    for (std::size_t at = 0; at < words.size(); ++at) {
        for (const Phrase& phrase : left_off_phrases()) {
            const auto end = matches(words, at, phrase);
            // "where was I" is left off; "where was I wrong about X" is not asked of anybody's memory.
            if (!end || hint.intent == Intent::left_off) continue;
            hint.intent = Intent::left_off;
            hint.used.emplace_back(at, *end);
        }
        for (const Phrase& phrase : change_phrases()) {
            const auto end = hint.intent == Intent::find ? matches(words, at, phrase) : std::nullopt;
            if (!end) continue;
            hint.intent = Intent::changes;
            for (std::size_t i = at; i < *end; ++i)
                if (!is(words, i, {"fix", "fixed", "add", "added", "remove", "removed"}))
                    hint.used.emplace_back(i, i + 1);
        }
        if (is(words, at, {"why", "who"}) || asks_for_a_moment(words, at)) hint.why = true;
        const bool how = is(words, at, {"how"}) &&
                         (is(words, at + 1, {"to"}) || (is(words, at + 1, {"do", "can", "should", "could"}) &&
                                                        is(words, at + 2, {"i", "we", "you", "one"})));
        if (how) hint.how_to = true;
        if (is(words, at, {"where", "defined", "declared", "implemented"})) hint.where = true;
        if (is(words, at, {"latest", "newest", "recent", "recently", "lately"})) hint.newest = true;
    }
    return hint;
}

bool asks_for_number(std::string_view question) {
    const std::vector<Word> words = words_of(question);
    bool names_one = false, asks_otherwise = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view word = words[i].text, before = i > 0 ? std::string_view(words[i - 1].text) : "";
        if (before == "how" && std::ranges::contains(quantities_after_how, word)) return true;
        if (before == "at" && word == "most") return true;
        names_one = names_one || std::ranges::contains(words_for_numbers, word);
        asks_otherwise = asks_otherwise || std::ranges::contains(words_for_no_number, word);
    }
    return names_one && !asks_otherwise;
}

}  // namespace lar::recall
