#include "recall/question.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <unordered_map>

#include "base/text.h"
#include "index/analysis.h"
#include "recall/everyday.h"
#include "recall/misspelt.h"
#include "recall/synonyms.h"
#include "recall/thesaurus.h"
#include "recall/unspaced.h"

namespace lar::recall {
namespace {

constexpr double part_weight = 0.6;  // of an identifier's parts, beside its whole
constexpr double quoted_weight = 1.5;
constexpr double guess_weight = 0.3;     // of an identifier that two words may make
constexpr std::size_t enough_terms = 1;  // that must remain before question words are dropped

// Terms (stemmed) that make a sentence a question and say nothing of what is asked.
constexpr auto question_words = std::to_array<std::string_view>(
    {"what", "where", "which",   "who",    "whom",  "whose",  "when", "whi",   "how",  "doe", "do",   "did",
     "done", "can",   "could",   "should", "would", "i",      "me",   "my",    "we",   "our", "us",   "you",
     "your", "he",    "she",     "have",   "has",   "had",    "been", "were",  "am",   "ani", "some", "pleas",
     "tell", "show",  "explain", "give",   "whats", "wheres", "hows", "about", "from", "so",  "than"});
// After "how" these ask for a quantity, and need not stand in what tells it: that has names of its own.
struct Quantity {
    std::string_view word;
    std::array<std::string_view, 3> names;  // stems
};
constexpr auto quantities = std::to_array<Quantity>({{"mani", {"limit", "max", "count"}},
                                                     {"much", {"limit", "max", "size"}},
                                                     {"long", {"timeout", "length", "limit"}},
                                                     {"larg", {"size", "limit", "max"}},
                                                     {"big", {"size", "limit", "max"}},
                                                     {"often", {"interv", "period", "everi"}},
                                                     {"far", {"distanc", "depth", "limit"}},
                                                     {"fast", {"speed", "rate", "second"}},
                                                     {"old", {"age", "time", "version"}}});
constexpr double quantity_weight = 0.3;

// They ask what something is or does and seldom stand where it is said; also what is left of "its" and "being".
constexpr auto asking_words = std::to_array<std::string_view>(
    {"defin",   "declar", "implement", "locat",   "happen",   "work",   "use",     "purpos",  "mean",  "exist",
     "possibl", "number", "most",      "kind",    "exact",    "actual", "current", "certain", "thing", "way",
     "comput",  "calcul", "handl",     "perform", "determin", "decid",  "it",      "be"});
// See everyday.h: less in ranking, and hardly in judging whether there is an answer at all.
constexpr double everyday_weight = 0.6;
constexpr double asking_weight = 0.35;
constexpr double everyday_information = 0.5;  // besides

struct Spelling {
    std::string_view word, alias;  // stems
};
constexpr auto spellings = std::to_array<Spelling>(
    {{"maximum", "max"},   {"maximum", "limit"},   {"limit", "max"},       {"minimum", "min"},    {"number", "num"},
     {"number", "count"},  {"configur", "config"}, {"configur", "conf"},   {"directori", "dir"},  {"folder", "dir"},
     {"messag", "msg"},    {"buffer", "buf"},      {"length", "len"},      {"pointer", "ptr"},    {"address", "addr"},
     {"function", "func"}, {"argument", "arg"},    {"paramet", "param"},   {"databas", "db"},     {"connect", "conn"},
     {"temporari", "tmp"}, {"environ", "env"},     {"initi", "init"},      {"initialis", "init"}, {"alloc", "malloc"},
     {"authent", "auth"},  {"author", "auth"},     {"repositori", "repo"}, {"imag", "img"},       {"string", "str"},
     {"charact", "char"},  {"object", "obj"},      {"valu", "val"},        {"refer", "ref"},      {"previous", "prev"},
     {"index", "idx"},     {"document", "doc"},    {"request", "req"},     {"respons", "resp"},   {"command", "cmd"},
     {"destin", "dst"},    {"synchron", "sync"},   {"inform", "info"},     {"statist", "stat"},   {"error", "err"},
     {"regular", "regex"}, {"asynchron", "async"}, {"thread", "pthread"},  {"delet", "remov"},    {"remov", "delet"},
     {"creat", "make"},    {"made", "make"},       {"big", "size"},        {"larg", "size"},      {"licenc", "licens"},
     {"second", "sec"},    {"millisecond", "ms"},  {"descriptor", "fd"}});
constexpr double alias_weight = 0.4;
constexpr double synonym_weight = 0.3;
constexpr std::size_t limit_looked_up = 8;  // words that nobody holds, for what they were meant to be
constexpr double meant_weight = 0.8;        // of what a misspelt word was probably meant to be
constexpr double phrase_weight = 0.6;       // of what a phrase means, whatever its words weigh

bool is_one_of(std::string_view term, std::span<const std::string_view> words) {
    return std::ranges::find(words, term) != words.end();
}

const Quantity* quantity_of(std::string_view term) {
    const auto found = std::ranges::find(quantities, term, &Quantity::word);
    return found == quantities.end() ? nullptr : &*found;
}

// For each byte, whether it stands between double quotes that are closed.
std::vector<bool> quoted_bytes(std::string_view text) {
    std::vector<bool> quoted(text.size());
    for (std::size_t open = text.find('"'); open != std::string_view::npos;) {
        const std::size_t close = text.find('"', open + 1);
        if (close == std::string_view::npos) break;
        std::fill(quoted.begin() + static_cast<std::ptrdiff_t>(open),
                  quoted.begin() + static_cast<std::ptrdiff_t>(close), true);
        open = text.find('"', close + 1);
    }
    return quoted;
}

// The tokens that say what is asked; all of them when too few would be left.
std::vector<index::Token> telling_tokens(const std::vector<index::Token>& tokens, const std::vector<bool>& quoted) {
    std::vector<index::Token> telling;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const bool quantity = i > 0 && tokens[i - 1].term == "how" && quantity_of(tokens[i].term) != nullptr;
        const bool empty =
            quantity || is_one_of(tokens[i].term, question_words) || pair_tells(tokens[i].term) == PairTells::nothing;
        if (!empty || quoted[tokens[i].first]) telling.push_back(tokens[i]);
    }
    return telling.size() >= enough_terms ? telling : tokens;
}

void join(std::string_view left, std::string_view right, std::vector<std::string>& guesses) {
    const auto joined = index::analyse(std::string(left) + "_" + std::string(right));
    if (!joined.empty()) guesses.push_back(joined.back().term);
}

// `stop_words` for "stop words", in either order, for words that stand side by side.
std::vector<std::string> guesses_in(std::string_view question, const std::vector<index::Token>& tokens) {
    std::vector<std::string> guesses;
    const auto text = [&](const index::Token& token) { return question.substr(token.first, token.last - token.first); };
    for (std::size_t i = 1; i < tokens.size(); ++i) {
        const index::Token &first = tokens[i - 1], &second = tokens[i];
        if (first.part || second.part || second.first - first.last != 1) continue;
        for (const auto& [left, right] : {std::pair(text(first), text(second)), std::pair(text(second), text(first))})
            join(left, right, guesses);
        // "maximum clients" may be max_clients.
        for (const Spelling& spelling : spellings)
            if (spelling.word == first.term) join(spelling.alias, text(second), guesses);
    }
    return guesses;
}

// "how many headers" may be max_headers or header_limit.
void guess_quantities(std::string_view question, const std::vector<index::Token>& tokens,
                      std::vector<std::string>& guesses) {
    for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
        const Quantity* quantity = tokens[i - 1].term == "how" ? quantity_of(tokens[i].term) : nullptr;
        if (quantity == nullptr || tokens[i + 1].part) continue;
        const std::string_view what = question.substr(tokens[i + 1].first, tokens[i + 1].last - tokens[i + 1].first);
        for (const std::string_view name : quantity->names) {
            join(name, what, guesses);
            join(what, name, guesses);
        }
    }
}

// `store.open` is found where open is defined in store, not where the two stand joined: the names are what is asked
// for, the whole says nothing by itself. The last of each, which is what somewhere is defined.
std::vector<std::string> ask_for_names(std::vector<index::Token>& tokens) {
    std::vector<std::string> last_names;
    const auto within = [](const index::Token& inner, const index::Token& outer) {
        return inner.first >= outer.first && inner.last <= outer.last &&
               inner.last - inner.first < outer.last - outer.first;
    };
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i].part || !tokens[i].term.contains('.')) continue;
        for (std::size_t j = i; j > 0 && within(tokens[j - 1], tokens[i]); --j) {
            index::Token& name = tokens[j - 1];
            const bool inner = std::ranges::any_of(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(i),
                                                   [&](const index::Token& other) { return within(name, other); });
            if (inner) continue;
            if (!tokens[i].part) last_names.push_back(name.term);
            name.part = false;
            tokens[i].part = true;
        }
    }
    return last_names;
}

// British and American: "recognis", "recogniz"; "colour", "color" (stems).
std::string other_english(std::string_view stem) {
    if (stem.size() > 4 && stem.ends_with("is")) return std::string(stem.substr(0, stem.size() - 2)) + "iz";
    if (stem.size() > 4 && stem.ends_with("iz")) return std::string(stem.substr(0, stem.size() - 2)) + "is";
    if (stem.size() > 4 && stem.ends_with("our")) return std::string(stem.substr(0, stem.size() - 3)) + "or";
    return {};
}

double weight_as_asked(std::string_view term) {
    if (is_one_of(term, asking_words) || pair_tells(term) == PairTells::little) return asking_weight;
    return is_everyday(term) ? everyday_weight : 1;
}

// "how large" is told by a size or a limit; that these are missing says nothing.
void add_quantity(QuestionTerms& terms, const std::vector<index::Token>& tokens) {
    for (std::size_t i = 1; i < tokens.size(); ++i) {
        const Quantity* quantity = tokens[i - 1].term == "how" ? quantity_of(tokens[i].term) : nullptr;
        if (quantity == nullptr) continue;
        for (const std::string_view name : quantity->names) {
            const bool known = std::ranges::find(terms.terms, name, &QuestionTerm::term) != terms.terms.end();
            if (!known && terms.terms.size() < store::limit_query_terms)
                terms.terms.push_back({.term = std::string(name), .weight = quantity_weight, .part = true});
        }
    }
}

std::uint64_t bit(std::size_t i) { return std::uint64_t{1} << i; }

void add_spellings(QuestionTerms& terms) {
    for (std::size_t i = 0; i < terms.terms.size(); ++i) {
        const double weight = alias_weight * terms.terms[i].weight;
        if (std::string other = other_english(terms.terms[i].term); !other.empty())
            terms.aliases.push_back({std::move(other), bit(i), weight, false});
        for (const Spelling& spelling : spellings) {
            const bool asked = std::ranges::find(terms.terms, spelling.alias, &QuestionTerm::term) != terms.terms.end();
            if (spelling.word == terms.terms[i].term && !asked)
                terms.aliases.push_back({std::string(spelling.alias), bit(i), weight, false});
        }
    }
}

void add_other_words(QuestionTerms& terms, std::string_view question, const std::vector<index::Token>& tokens) {
    for (OtherWord& other : other_words(question, terms.wording == Wording::asked ? Led::far : Led::near)) {
        const bool known = std::ranges::contains(terms.terms, other.term, &QuestionTerm::term) ||
                           std::ranges::contains(terms.aliases, other.term, &Alias::term);
        if (known) continue;
        Alias alias{.weight = 0, .synonym = other.nearness == Nearness::related};
        for (const index::Token& token : tokens) {
            const bool says = std::ranges::any_of(
                other.said_by, [&](const Span& span) { return token.first >= span.first && token.last <= span.last; });
            if (!says || token.part) continue;
            const auto term = std::ranges::find(terms.terms, token.term, &QuestionTerm::term);
            if (term == terms.terms.end()) continue;
            alias.of |= bit(static_cast<std::size_t>(term - terms.terms.begin()));
            alias.weight = std::max(alias.weight, synonym_weight * term->weight);
        }
        if (other.nearness == Nearness::phrase) alias.weight = phrase_weight;
        if (alias.weight == 0) continue;  // of a word that only asks
        alias.term = std::move(other.term);
        terms.aliases.push_back(std::move(alias));
    }
}

// Of words in other languages than English, as they are in each that the collection has.
void add_synonyms(QuestionTerms& terms) {
    for (std::size_t i = 0; i < terms.terms.size(); ++i) {
        const QuestionTerm& term = terms.terms[i];
        std::vector<std::string> said = term.forms;
        said.push_back(term.term);
        for (const std::string& form : said) {
            for (Synonym& synonym : synonyms_in_language(form)) {
                if (std::ranges::contains(terms.terms, synonym.term, &QuestionTerm::term)) continue;
                const auto known = std::ranges::find(terms.aliases, synonym.term, &Alias::term);
                if (known == terms.aliases.end())
                    terms.aliases.push_back(
                        {std::move(synonym.term), bit(i), synonym_weight * term.weight, !synonym.same});
                else if (known->synonym == !synonym.same)
                    known->of |= bit(i);
            }
        }
    }
}

std::vector<Meeting> meetings_of(const std::vector<QuestionTerm>& terms, const std::vector<index::Token>& tokens) {
    std::vector<Meeting> meetings;
    const auto place = [&](const index::Token& token) {
        return static_cast<std::size_t>(std::ranges::find(terms, token.term, &QuestionTerm::term) - terms.begin());
    };
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        Meeting meeting{.term = place(tokens[i])};
        if (!is_pair(tokens[i].term) || meeting.term == terms.size()) continue;
        if (i == 0 || i + 1 == tokens.size() || !is_pair(tokens[i - 1].term) || !is_pair(tokens[i + 1].term)) continue;
        if (tokens[i - 1].last <= tokens[i].first || tokens[i].last <= tokens[i + 1].first) continue;
        for (const std::size_t other : {i - 1, i + 1})
            if (const std::size_t at = place(tokens[other]); at < terms.size()) meeting.neighbours.push_back(at);
        if (!meeting.neighbours.empty()) meetings.push_back(std::move(meeting));
    }
    return meetings;
}

}  // namespace

std::vector<store::QueryTerm> QuestionTerms::query() const {
    std::vector<store::QueryTerm> query;
    for (const QuestionTerm& term : terms) query.push_back({term.term, term.weight, term.forms});
    for (const Alias& alias : aliases)
        if (query.size() < store::limit_query_terms) query.push_back({alias.term, alias.weight});
    return query;
}

QuestionTerms terms_of_question(std::string_view question, Wording wording,
                                std::span<const index::Language> languages) {
    const auto quoted = quoted_bytes(question);
    const index::Language asked_in = index::language_of_question(question, languages);
    auto all = index::analyse(question, asked_in);
    const auto names = wording != Wording::plain ? ask_for_names(all) : std::vector<std::string>();
    const auto tokens = telling_tokens(all, quoted);

    QuestionTerms found{.wording = wording};
    std::unordered_map<std::string, std::size_t> places;
    std::size_t before = SIZE_MAX;
    bool after_part = false;
    for (const index::Token& token : tokens) {
        auto [place, is_new] = places.try_emplace(token.term, found.terms.size());
        if (is_new) {
            if (found.terms.size() == store::limit_query_terms) {
                places.erase(place);
                continue;
            }
            found.terms.push_back({.term = token.term, .weight = 0, .part = true});
            found.terms.back().forms = index::forms_of(token, question, asked_in, languages);
        }
        QuestionTerm& term = found.terms[place->second];
        const double whole = token.part && token.term.contains('.') ? guess_weight : part_weight;
        term.weight += (token.part ? whole : 1.0) * (quoted[token.first] ? quoted_weight : 1.0);
        // The whole follows its parts.
        term.identifier = term.identifier || (after_part && !token.part) || std::ranges::contains(names, token.term);
        after_part = token.part;
        if (is_new && wording != Wording::plain && !quoted[token.first]) term.weight *= weight_as_asked(token.term);
        term.part = term.part && token.part;
        if (before != SIZE_MAX && before != place->second) found.pairs.emplace_back(before, place->second);
        before = place->second;
    }
    std::ranges::sort(found.pairs);
    const auto repeated = std::ranges::unique(found.pairs);
    found.pairs.erase(repeated.begin(), repeated.end());
    if (wording != Wording::plain) {
        found.guesses = guesses_in(question, tokens);
        guess_quantities(question, all, found.guesses);
        add_quantity(found, all);
        add_spellings(found);
        add_other_words(found, question, all);
        add_synonyms(found);
        found.meetings = meetings_of(found.terms, all);
    }
    return found;
}

namespace {

// Where in how many passages hold each name the terms end, the aliases begin, and the forms of the terms.
struct HeldNames {
    std::size_t asked = 0, aliases = 0, forms = 0;
};

// A word that nobody holds may be misspelt: what it was meant to be, and how common that is.
Result<std::vector<Alias>> read_misspelt(QuestionTerms& terms, std::vector<std::uint64_t>& held, const HeldNames& names,
                                         store::Reader& reader) {
    std::vector<Alias> meant_words;
    if (terms.wording == Wording::plain) return meant_words;
    for (std::size_t i = 0, form = names.forms, looked_up = 0; i < names.asked; ++i) {
        QuestionTerm& term = terms.terms[i];
        bool is_held = held[i] > 0;
        for (std::size_t count = term.forms.size(); count > 0; --count) is_held = held[form++] > 0 || is_held;
        for (std::size_t alias = 0; alias < terms.aliases.size(); ++alias)
            is_held = is_held || ((terms.aliases[alias].of & bit(i)) != 0 && held[names.aliases + alias] > 0);
        if (is_held || term.part || term.identifier) continue;
        if (!may_be_misspelt(term.term) || std::ranges::any_of(term.forms, is_everyday)) continue;
        if (++looked_up > limit_looked_up) break;
        std::vector<std::string> forms = {term.term};
        forms.append_range(term.forms);
        std::string meant = TRY(meant_by(forms, reader));
        if (meant.empty()) continue;
        terms.misspelt.push_back({.term = term.term, .word = term.term, .meant = meant});
        if (std::ranges::contains(terms.terms, meant, &QuestionTerm::term)) {
            term.part = true;  // of what the question says elsewhere, rightly
            continue;
        }
        held[i] = TRY(reader.document_frequencies(std::span(&meant, 1)))[0];
        meant_words.push_back({std::move(meant), bit(i), meant_weight * term.weight, false});
    }
    return meant_words;
}

}  // namespace

Result<> inform(QuestionTerms& terms, store::Reader& reader) {
    const std::uint64_t passages = TRY(reader.passages_in({}));
    std::vector<std::string> names;
    for (const QuestionTerm& term : terms.terms) names.push_back(term.term);
    const std::size_t asked = names.size();
    for (const std::string& guess : terms.guesses)
        if (std::ranges::find(names, guess) == names.end() && names.size() < store::limit_query_terms)
            names.push_back(guess);

    const std::size_t searched = names.size();
    for (const Alias& alias : terms.aliases) names.push_back(alias.term);
    const std::size_t spelled = names.size();
    for (const QuestionTerm& term : terms.terms) names.append_range(term.forms);

    auto held = TRY(reader.document_frequencies(names));
    std::vector<Alias> meant_words = TRY(read_misspelt(terms, held, {asked, searched, spelled}, reader));
    // A term is as common as its commonest spelling.
    for (std::size_t i = 0; i < terms.aliases.size(); ++i)
        for (std::size_t of = 0; of < asked; ++of)
            if (!terms.aliases[i].synonym && (terms.aliases[i].of & bit(of)) != 0)
                held[of] = std::max(held[of], held[searched + i]);
    terms.aliases.insert_range(terms.aliases.begin(), std::move(meant_words));  // first, to be searched in any case
    // And has all its forms, each in passages of its own.
    std::size_t form = spelled;
    for (std::size_t i = 0; i < asked; ++i)
        for (std::size_t count = terms.terms[i].forms.size(); count > 0; --count) held[i] += held[form++];
    for (const Meeting& meeting : terms.meetings)
        if (held[meeting.term] == 0 &&
            std::ranges::all_of(meeting.neighbours, [&](std::size_t at) { return held[at] > 0; }))
            terms.terms[meeting.term].part = true;
    terms.information = 0;
    for (std::size_t i = 0; i < searched; ++i) {
        // Guesses come last, so that pairs keep their numbers.
        if (i >= asked && held[i] == 0) continue;
        if (i >= asked)
            terms.terms.push_back({.term = names[i], .weight = guess_weight, .identifier = true, .part = true});
        QuestionTerm& term = i < asked ? terms.terms[i] : terms.terms.back();
        term.passages = held[i];
        const auto with = static_cast<double>(held[i]);
        const auto all = std::max(static_cast<double>(passages), with);
        term.information = term.weight * std::log1p((all - with + 0.5) / (with + 0.5));
        if (terms.wording != Wording::plain && (is_everyday(term.term) || pair_tells(term.term) == PairTells::little))
            term.information *= everyday_information;
        if (!term.part) terms.information += term.information;
    }
    terms.guesses.clear();
    return {};
}

Result<QuestionTerms> informed_terms(std::string_view question, Wording wording, store::Reader& reader) {
    const std::vector<index::Language> languages = TRY(reader.languages());
    QuestionTerms terms = terms_of_question(question, wording, languages);
    const index::Language asked_in = index::language_of_question(question, languages);
    TRY_VOID(inform(terms, reader));
    if (!terms.misspelt.empty())
        for (const index::Token& token : index::analyse(question, asked_in))
            for (Misspelt& misspelt : terms.misspelt)
                if (misspelt.term == token.term) misspelt.word = question.substr(token.first, token.last - token.first);
    return terms;
}

}  // namespace lar::recall
