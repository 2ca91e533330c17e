// Which language a text is in, as far as search has to know it: the one that its words are stemmed by.
//
// There is one for every language that libstemmer has a stemmer for and whose function words (function_words.h) Lar
// knows. A text is told by them: of a sentence in any language about every third word is one, and two languages share
// few. Scripts that are one language's mostly, such as Greek, tell it themselves. English is what everything else is
// taken for: code, tables, names, and languages that Lar does not know.
//
// A Tally counts words while a text is analysed and then says what they tell. It would rather say English: a text that
// is told wrong is found by its very words, but not by other forms of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace lar::index {

// Where two are equally likely, the first is taken.
enum class Language : std::uint8_t {
    english,
    german,
    french,
    spanish,
    italian,
    portuguese,
    dutch,
    swedish,
    danish,
    norwegian,
    polish,
    czech,
    romanian,
    hungarian,
    finnish,
    turkish,
    indonesian,
    catalan,
    serbian,
    lithuanian,
    estonian,
    basque,
    irish,
    esperanto,
    russian,
    greek,
    arabic,
    persian,
    hindi,
    nepali,
    armenian,
    tamil,
    yiddish,
};
inline constexpr std::size_t language_count = 33;
using LanguageSet = std::uint64_t;  // bit i: Language i
constexpr LanguageSet set_of(Language language) { return LanguageSet{1} << static_cast<unsigned>(language); }

enum class Script : std::uint8_t { latin, cyrillic, greek, arabic, devanagari, armenian, tamil, hebrew, other };
inline constexpr std::size_t script_count = 9;

// The code of ISO 639-1.
std::string_view code_of(Language language);
// In English: "German".
std::string_view name_of(Language language);
// As libstemmer calls it.
const char* stemmer_of(Language language);
bool is_written_in(Language language, Script script);
// Of the letter that a word begins with.
Script script_of(std::string_view word);

// A word's place in the table of all function words, and 0 for what is none.
using FunctionWord = std::uint16_t;
// `folded`: lower case, without accents.
FunctionWord function_word(std::string_view folded);
bool is_function_word(Language language, std::string_view folded);

class Tally {
public:
    void add_ascii(FunctionWord word) {
        ++words_[static_cast<std::size_t>(Script::latin)];
        if (word != 0) add_function_word(word);
    }
    void add(std::string_view folded);
    // The one added last has letters that English does not have; they may be some that only one language has.
    void add_accented(std::string_view word);

    // What the words tell; nothing where they tell neither English nor another.
    std::optional<Language> language() const;
    // The same of a question, which is in English or one of these. Two words are enough to tell by, or one
    // beside letters that English does not have; one alone is not.
    Language language_among(std::span<const Language> others) const;
    bool is_short() const;

private:
    void add_function_word(FunctionWord word) {
        if (seen_count_ < limit_seen) seen_[seen_count_++] = word;
    }
    struct Count {
        std::uint32_t words = 0, points = 0, distinct_points = 0, telling = 0;
    };
    Count count(Language in, std::optional<Language> not_in) const;
    std::optional<Language> latin() const;
    enum class Latin : std::uint8_t { counts, does_not_count };
    Script script(Latin latin) const;
    Language most_said(Script script, LanguageSet among) const;

    static constexpr std::size_t limit_seen = 96;  // these tell enough
    std::array<std::uint32_t, script_count> words_{};
    std::uint32_t accented_ = 0;
    std::array<FunctionWord, limit_seen> seen_;
    std::size_t seen_count_ = 0;
};

}  // namespace lar::index
