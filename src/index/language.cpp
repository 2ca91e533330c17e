#include "index/language.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/function_words.h"
#include "index/words.h"

namespace lar::index {
namespace {

// A text of fewer words is a heading or a short note, and has few function words to tell by.
constexpr std::uint32_t short_words = 14;
// A function word speaks for its language with two points, with one if it is misleading; a word with letters that
// English does not have speaks with one against English.
constexpr std::uint32_t telling_points = 2, misleading_points = 1;
constexpr std::uint32_t limit_accented_points = 2, limit_accented_points_without_english = 4;
constexpr std::uint32_t least_points = 6, least_points_of_short = 4;  // of different words
constexpr std::uint32_t least_words = 2;
// Words that do not mislead; where no word speaks for English, accented ones are as good beside one of them.
constexpr std::uint32_t least_telling = 2;
// Of a text's words at least every so many is a function word of its language.
constexpr std::uint32_t words_for_one = 8;
constexpr std::uint32_t most_english_for_one = 4;  // words that English has too, for one that it does not have
constexpr std::uint32_t times_english = 2;         // how much more must speak for a language than for English
// Letters of other scripts stand in formulas: these make words.
constexpr std::uint32_t least_words_of_question = 2;  // "limit per client" is no Italian
constexpr std::uint32_t least_words_of_script = 2;
constexpr std::size_t least_letters_bytes = 5;  // more than two letters of two bytes

struct Facts {
    std::string_view code, name;
    const char* stemmer;
    Script script;
};
// In the order of Language.
constexpr auto languages = std::to_array<Facts>(
    {{"en", "English", "english", Script::latin},       {"de", "German", "german", Script::latin},
     {"fr", "French", "french", Script::latin},         {"es", "Spanish", "spanish", Script::latin},
     {"it", "Italian", "italian", Script::latin},       {"pt", "Portuguese", "portuguese", Script::latin},
     {"nl", "Dutch", "dutch", Script::latin},           {"sv", "Swedish", "swedish", Script::latin},
     {"da", "Danish", "danish", Script::latin},         {"no", "Norwegian", "norwegian", Script::latin},
     {"pl", "Polish", "polish", Script::latin},         {"cs", "Czech", "czech", Script::latin},
     {"ro", "Romanian", "romanian", Script::latin},     {"hu", "Hungarian", "hungarian", Script::latin},
     {"fi", "Finnish", "finnish", Script::latin},       {"tr", "Turkish", "turkish", Script::latin},
     {"id", "Indonesian", "indonesian", Script::latin}, {"ca", "Catalan", "catalan", Script::latin},
     {"sr", "Serbian", "serbian", Script::latin},       {"lt", "Lithuanian", "lithuanian", Script::latin},
     {"et", "Estonian", "estonian", Script::latin},     {"eu", "Basque", "basque", Script::latin},
     {"ga", "Irish", "irish", Script::latin},           {"eo", "Esperanto", "esperanto", Script::latin},
     {"ru", "Russian", "russian", Script::cyrillic},    {"el", "Greek", "greek", Script::greek},
     {"ar", "Arabic", "arabic", Script::arabic},        {"fa", "Persian", "persian", Script::arabic},
     {"hi", "Hindi", "hindi", Script::devanagari},      {"ne", "Nepali", "nepali", Script::devanagari},
     {"hy", "Armenian", "armenian", Script::armenian},  {"ta", "Tamil", "tamil", Script::tamil},
     {"yi", "Yiddish", "yiddish", Script::hebrew}});
static_assert(languages.size() == language_count && language_count <= 64);

const Facts& facts_of(Language language) { return languages[static_cast<std::size_t>(language)]; }

// What text of a script is in when no word says otherwise. Hebrew is mostly not Yiddish.
std::optional<Language> language_of(Script script) {
    switch (script) {
        case Script::cyrillic: return Language::russian;
        case Script::greek: return Language::greek;
        case Script::arabic: return Language::arabic;
        case Script::devanagari: return Language::hindi;
        case Script::armenian: return Language::armenian;
        case Script::tamil: return Language::tamil;
        case Script::latin:
        case Script::hebrew:
        case Script::other: return std::nullopt;
    }
    return std::nullopt;
}

template <class Each>
void for_each_word(std::string_view list, Each each) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(' '), list.size());
        each(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
}

// Letters that one of the languages has and no other. A word with one of them says what a function word says.
struct OwnLetters {
    Language language = Language::english;
    std::string_view letters;
};
constexpr auto own_letters = std::to_array<OwnLetters>({{Language::turkish, "ğĞıİ"},
                                                        {Language::polish, "łŁśŚźŹżŻ"},
                                                        {Language::czech, "řŘěĚůŮ"},
                                                        {Language::hungarian, "őŐűŰ"},
                                                        {Language::romanian, "ăĂțȚșȘ"},
                                                        {Language::german, "ß"},
                                                        {Language::portuguese, "ãÃ"},
                                                        {Language::lithuanian, "ėĖųŲįĮ"},
                                                        {Language::esperanto, "ĉĈĝĜĥĤĵĴŝŜŭŬ"}});

class FunctionWords {
public:
    FunctionWords() {
        for (std::size_t i = 0; i < language_count; ++i) {
            const auto language = static_cast<Language>(i);
            for_each_word(function_words(language), [&](std::string_view listed) {
                const bool plain =
                    std::ranges::all_of(listed, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
                const std::string word = plain ? std::string(listed) : fold(listed);
                FunctionWord number = find(word);
                if (number == 0) number = put(word);
                words_[number - 1U].in |= set_of(language);
            });
        }
        for_each_word(misleading_words, [&](std::string_view word) {
            if (const FunctionWord number = find(word); number != 0) words_[number - 1U].misleading = true;
        });
        // One letter or two may be any variable.
        for (Word& word : words_) word.misleading = word.misleading || word.bytes <= 2;
        for (std::size_t i = 0; i < own_letters.size(); ++i) {
            of_letters_[i] = put("\n" + std::string(own_letters[i].letters));  // no word
            words_[of_letters_[i] - 1U].in = set_of(own_letters[i].language);
        }
        ASSERT(words_.size() * 2 < slots);
    }

    // Asked for nearly every new word of a text, and mostly in vain.
    FunctionWord find(std::string_view folded) const {
        for (std::size_t slot = slot_of(folded);; slot = (slot + 1) % slots) {
            const FunctionWord number = table_[slot];
            if (number == 0 || text_of(words_[number - 1U]) == folded) return number;
        }
    }
    // What a word with a language's own letter says, in any case of it; 0 where it has none.
    FunctionWord by_letter(std::string_view word) const {
        constexpr std::size_t letter_bytes = 2;
        for (std::size_t at = 0; at + 1 < word.size(); ++at) {
            if ((static_cast<unsigned char>(word[at]) & 0xE0) != 0xC0) continue;
            for (std::size_t i = 0; i < own_letters.size(); ++i)
                if (own_letters[i].letters.contains(word.substr(at, letter_bytes))) return of_letters_[i];
        }
        return 0;
    }
    LanguageSet languages_of(FunctionWord number) const { return words_[number - 1U].in; }
    std::uint32_t points_of(FunctionWord number) const {
        return words_[number - 1U].misleading ? misleading_points : telling_points;
    }

private:
    struct Word {
        std::uint32_t at = 0;  // in letters_
        std::uint16_t bytes = 0;
        bool misleading = false;
        LanguageSet in = 0;
    };
    std::string_view text_of(const Word& word) const { return std::string_view(letters_).substr(word.at, word.bytes); }

    static constexpr std::size_t slots = 16 * 1024;
    static std::size_t slot_of(std::string_view word) { return std::hash<std::string_view>()(word) % slots; }
    FunctionWord put(std::string_view word) {
        words_.push_back(
            {.at = static_cast<std::uint32_t>(letters_.size()), .bytes = static_cast<std::uint16_t>(word.size())});
        letters_ += word;
        std::size_t slot = slot_of(word);
        while (table_[slot] != 0) slot = (slot + 1) % slots;
        return table_[slot] = static_cast<FunctionWord>(words_.size());
    }

    std::string letters_;
    std::vector<Word> words_;
    std::vector<FunctionWord> table_ = std::vector<FunctionWord>(slots);
    std::array<FunctionWord, own_letters.size()> of_letters_{};
};

const FunctionWords& all_function_words() {
    static const FunctionWords all;
    return all;
}

std::uint32_t code_point_of(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const std::uint32_t first = byte(0);
    if (first < 0x80) return first;
    if (first < 0xE0) return (first & 0x1F) << 6 | (byte(1) & 0x3F);
    if (first < 0xF0) return (first & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    return 0x10000;
}

}  // namespace

std::string_view code_of(Language language) { return facts_of(language).code; }
std::string_view name_of(Language language) { return facts_of(language).name; }
const char* stemmer_of(Language language) { return facts_of(language).stemmer; }

bool is_written_in(Language language, Script script) {
    return facts_of(language).script == script || (language == Language::serbian && script == Script::cyrillic);
}

Script script_of(std::string_view word) {
    const std::uint32_t code = code_point_of(word);
    if (code < 0x0250 || (code >= 0x1E00 && code <= 0x1EFF)) return Script::latin;
    if ((code >= 0x0370 && code <= 0x03FF) || (code >= 0x1F00 && code <= 0x1FFF)) return Script::greek;
    if (code >= 0x0400 && code <= 0x052F) return Script::cyrillic;
    if (code >= 0x0530 && code <= 0x058F) return Script::armenian;
    if (code >= 0x0590 && code <= 0x05FF) return Script::hebrew;
    if ((code >= 0x0600 && code <= 0x06FF) || (code >= 0x0750 && code <= 0x077F)) return Script::arabic;
    if (code >= 0x0900 && code <= 0x097F) return Script::devanagari;
    if (code >= 0x0B80 && code <= 0x0BFF) return Script::tamil;
    return Script::other;
}

FunctionWord function_word(std::string_view folded) { return all_function_words().find(folded); }

bool is_function_word(Language language, std::string_view folded) {
    const FunctionWord number = function_word(folded);
    return number != 0 && (all_function_words().languages_of(number) & set_of(language)) != 0;
}

void Tally::add(std::string_view folded) {
    const Script script = script_of(folded);
    if (script != Script::latin && folded.size() < least_letters_bytes && function_word(folded) == 0) return;
    ++words_[static_cast<std::size_t>(script)];
    if (const FunctionWord word = function_word(folded); word != 0) add_function_word(word);
}

void Tally::add_accented(std::string_view word) {
    ++accented_;
    if (const FunctionWord said = all_function_words().by_letter(word); said != 0) add_function_word(said);
}

bool Tally::is_short() const { return words_[static_cast<std::size_t>(Script::latin)] <= short_words; }

// What speaks for `in` and not for `not_in`.
Tally::Count Tally::count(Language in, std::optional<Language> not_in) const {
    const FunctionWords& known = all_function_words();
    Count counted;
    for (std::size_t i = 0; i < seen_count_; ++i) {
        const LanguageSet of = known.languages_of(seen_[i]);
        if ((of & set_of(in)) == 0 || (not_in && (of & set_of(*not_in)) != 0)) continue;
        // English is not misled by its own words.
        const std::uint32_t points = in == Language::english ? telling_points : known.points_of(seen_[i]);
        ++counted.words;
        counted.points += points;
        const auto end = seen_.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::find(seen_.begin(), end, seen_[i]) != end) continue;
        counted.distinct_points += points;
        counted.telling += points == telling_points ? 1U : 0U;
    }
    return counted;
}

// The language of `among` that most speaks for, besides English.
Language Tally::most_said(Script script, LanguageSet among) const {
    const FunctionWords& known = all_function_words();
    std::array<std::uint32_t, language_count> points{};
    for (std::size_t i = 0; i < seen_count_; ++i)
        for (LanguageSet rest = known.languages_of(seen_[i]) & among; rest != 0; rest &= rest - 1)
            points[static_cast<std::size_t>(std::countr_zero(rest))] += known.points_of(seen_[i]);
    Language best = language_of(script).value_or(Language::english);
    std::uint32_t most = best == Language::english ? 0 : points[static_cast<std::size_t>(best)];
    for (std::size_t i = 1; i < language_count; ++i) {
        if (!is_written_in(static_cast<Language>(i), script) || points[i] <= most) continue;
        best = static_cast<Language>(i);
        most = points[i];
    }
    return best;
}

// Nothing where no word speaks for English either.
std::optional<Language> Tally::latin() const {
    const FunctionWords& known = all_function_words();
    std::uint32_t english = 0;
    for (std::size_t i = 0; i < seen_count_; ++i)
        english += (known.languages_of(seen_[i]) & set_of(Language::english)) != 0 ? 1U : 0U;
    const auto otherwise = english > 0 ? std::optional(Language::english) : std::nullopt;
    const auto others = static_cast<std::uint32_t>(seen_count_) - english;
    // What English texts have is too little to be looked at.
    if (others < least_telling || others * most_english_for_one < english) return otherwise;
    const std::uint32_t words = words_[static_cast<std::size_t>(Script::latin)];
    const Language best = most_said(Script::latin, ~LanguageSet{0});
    if (best == Language::english) return otherwise;
    const Count own = count(best, Language::english);
    const std::uint32_t theirs = count(Language::english, best).points;
    if (theirs * times_english > own.points) return Language::english;
    const std::uint32_t accented =
        std::min(accented_, theirs == 0 ? limit_accented_points_without_english : limit_accented_points);
    const std::uint32_t telling = own.telling + (own.telling > 0 && theirs == 0 ? accented : 0);
    const bool enough = own.words >= least_words && telling >= least_telling &&
                        own.distinct_points + accented >= (words <= short_words ? least_points_of_short : least_points);
    // Only so many were kept; that a longer text has more goes without saying.
    const bool dense = seen_count_ == limit_seen || count(best, std::nullopt).words * words_for_one >= words;
    return enough && dense ? std::optional(best) : otherwise;
}

// The script of most words, or of most that are not Latin.
Script Tally::script(Latin latin) const {
    std::size_t most = latin == Latin::counts ? 0 : 1;
    for (std::size_t i = most + 1; i < static_cast<std::size_t>(Script::other); ++i)
        if (words_[i] > words_[most]) most = i;
    return static_cast<Script>(most);
}

std::optional<Language> Tally::language() const {
    const std::optional<Language> told = script(Latin::counts) == Script::latin ? latin() : std::nullopt;
    if (told && *told != Language::english) return told;
    // Words of another script keep their stems to themselves, so an English text that holds some loses nothing by them.
    const Script other = script(Latin::does_not_count);
    if (words_[static_cast<std::size_t>(other)] < least_words_of_script) return told;
    const Language said = most_said(other, ~LanguageSet{0});
    return said == Language::english ? told : said;
}

Language Tally::language_among(std::span<const Language> others) const {
    LanguageSet among = 0;
    for (const Language language : others) among |= set_of(language);
    const Script in = script(Latin::counts);
    const Language said = most_said(in, among);
    if ((among & set_of(said)) == 0) return Language::english;
    if (in != Script::latin) return said;
    const Count own = count(said, std::nullopt);
    const std::uint32_t telling = own.words + (own.words > 0 && accented_ > 0 ? 1U : 0U);
    return telling >= least_words_of_question && own.points > count(Language::english, std::nullopt).points
               ? said
               : Language::english;
}

}  // namespace lar::index
