#include "recall/constants.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>

#include "base/text.h"
#include "index/analysis.h"
#include "index/terms.h"
#include "recall/hints.h"
#include "recall/shelf.h"

namespace lar::recall {
namespace {

constexpr auto after_how =
    std::to_array<std::string_view>({"many", "much", "long", "large", "big", "often", "far", "fast", "deep", "deeply"});
constexpr auto numbers_words = std::to_array<std::string_view>(
    {"limit",   "limits",   "maximum", "minimum",  "max",       "min",     "size",    "number",
     "default", "defaults", "timeout", "port",     "threshold", "most",    "cap",     "largest",
     "longest", "deepest",  "biggest", "smallest", "count",     "version", "interval"});
constexpr auto names_parts =
    std::to_array<std::string_view>({"default", "max", "limit", "min", "maximum", "minimum", "size", "count", "num",
                                     "depth", "timeout", "interval", "length"});

constexpr std::size_t least_piece_letters = 3;
constexpr std::size_t least_name_letters = 6, most_name_letters = 48;
constexpr double least_made = 0.6;             // of a name's letters, by pieces
constexpr double least_worth = 0.25;           // see Constant::worth
constexpr std::size_t limit_looked_at = 24;    // names, for where they get a number
constexpr std::uint64_t limit_passages = 100;  // that hold a name: what is used more often is no such constant
constexpr std::size_t limit_passages_read = 200;
constexpr std::size_t limit_given = 3;  // more have numbers of their own by that name
constexpr std::size_t limit_constants = 2;
constexpr std::size_t limit_line_bytes = 300;  // a longer one is data
constexpr std::size_t limit_type_bytes = 24;   // between a name and its number

bool is_digit_or_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// What a name may be made of, and the terms of the question that it stands for; 0: none.
struct Piece {
    std::string text;
    std::uint64_t of = 0;  // bit i: QuestionTerms::terms[i]
};

std::vector<Piece> pieces_of(std::string_view question, const QuestionTerms& terms) {
    std::vector<Piece> pieces;
    const auto add = [&](std::string_view text, std::uint64_t of) {
        if (text.size() < least_piece_letters) return;
        const auto known = std::ranges::find(pieces, text, &Piece::text);
        if (known == pieces.end())
            pieces.push_back({std::string(text), of});
        else
            known->of |= of;
    };
    for (const index::Token& token : index::analyse(question)) {
        const auto term = std::ranges::find(terms.terms, token.term, &QuestionTerm::term);
        if (term == terms.terms.end()) continue;
        const std::uint64_t of = std::uint64_t{1} << (term - terms.terms.begin());
        add(to_lower_ascii(question.substr(token.first, token.last - token.first)), of);
        add(token.term, of);
    }
    for (const Alias& alias : terms.aliases)
        if (!alias.synonym) add(alias.term, alias.of);
    for (const std::string_view part : names_parts) add(part, 0);
    return pieces;
}

// How a name is made of pieces so that they make up most of it.
struct Made {
    std::size_t letters = 0, pieces = 0;
    std::uint64_t of = 0;
};

class Names {
public:
    Names(std::span<const Piece> pieces, const QuestionTerms& terms) : terms_(terms) {
        for (const Piece& piece : pieces) begun_with_[static_cast<unsigned char>(piece.text[0])].push_back(&piece);
    }

    // Constant::worth; 0: not for what is made of too little.
    double worth(std::string_view name) {
        if (name.size() < least_name_letters || name.size() > most_name_letters ||
            !std::ranges::all_of(name, is_digit_or_letter))
            return 0;
        const Made made = made_of(name);
        const double share = static_cast<double>(made.letters) / static_cast<double>(name.size());
        if (made.pieces < 2 || share < least_made) return 0;
        double information = 0;
        for (std::uint64_t left = made.of; left != 0; left &= left - 1)
            information += terms_.terms[static_cast<std::size_t>(std::countr_zero(left))].information;
        return share * information / terms_.information;
    }

private:
    Made made_of(std::string_view name) {
        best_.assign(name.size() + 1, {});
        for (std::size_t i = 0; i < name.size(); ++i) {
            take(i + 1, best_[i]);
            const std::string_view rest = name.substr(i);
            for (const Piece* piece : begun_with_[static_cast<unsigned char>(rest[0])]) {
                // The last word of a name is stemmed with the whole, as if it were one word.
                const bool cut = rest.size() >= least_piece_letters && piece->text.starts_with(rest);
                if (!cut && !rest.starts_with(piece->text)) continue;
                const std::size_t letters = std::min(rest.size(), piece->text.size());
                take(i + letters, {best_[i].letters + letters, best_[i].pieces + 1, best_[i].of | piece->of});
            }
        }
        return best_.back();
    }

    void take(std::size_t end, const Made& made) {
        if (made.letters > best_[end].letters) best_[end] = made;
    }

    const QuestionTerms& terms_;
    std::array<std::vector<const Piece*>, 256> begun_with_;
    std::vector<Made> best_;  // of what comes before each letter
};

// Those names of all that the store holds that begin with a piece and are worth it, the best first.
Result<std::vector<std::string>> names_begun_with(std::span<const Piece> pieces, Names& names, store::Reader& reader) {
    std::vector<std::string_view> beginnings;
    for (const Piece& piece : pieces) beginnings.emplace_back(piece.text);
    const auto worth_it = [&](std::string_view name) { return names.worth(name) >= least_worth; };
    std::vector<std::pair<double, std::string>> found;
    for (index::HeldTerm& held : TRY(reader.terms_beginning(beginnings, worth_it)))
        if (held.passages <= limit_passages) found.emplace_back(-names.worth(held.term), std::move(held.term));
    std::ranges::sort(found);
    if (found.size() > limit_looked_at) found.resize(limit_looked_at);
    std::vector<std::string> best;
    for (auto& [worth, name] : found) best.push_back(std::move(name));
    return best;
}

// What gets a number in code that is no test, and where.
class Givers {
public:
    explicit Givers(Names& names) : names_(names) {}

    void read(const store::PlacedPassage& placed) {
        const std::string_view path = placed.document.path;
        if (placed.document.kind != store::DocumentKind::file || is_document(path) ||
            shelf_of(path) != Shelf::ordinary || !read_.insert(placed.passage.id.value).second)
            return;
        std::set<std::string> given;
        for (const std::string_view line : split_lines(placed.passage.text)) given.insert_range(given_numbers(line));
        for (const std::string& name : given)
            if (names_.worth(name) >= least_worth) places_[name].push_back(placed);
    }

    std::vector<Constant> best() {
        std::vector<Constant> found;
        for (auto& [name, places] : places_)
            if (places.size() <= limit_given) found.push_back({name, names_.worth(name), std::move(places)});
        std::ranges::stable_sort(found, std::ranges::greater(), &Constant::worth);
        if (found.size() > limit_constants) found.resize(limit_constants);
        return found;
    }

private:
    Names& names_;
    std::set<std::int64_t> read_;
    std::map<std::string, std::vector<store::PlacedPassage>> places_;
};

}  // namespace

bool asks_for_number(std::string_view question) {
    const std::vector<Word> words = words_of(question);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view word = words[i].text;
        if (std::ranges::contains(numbers_words, word)) return true;
        if (i > 0 && words[i - 1].text == "how" && std::ranges::contains(after_how, word)) return true;
    }
    return false;
}

std::vector<std::string> given_numbers(std::string_view line) {
    std::vector<std::string> names;
    if (line.size() > limit_line_bytes || line.find_first_of("0123456789") == std::string_view::npos) return names;
    const bool is_macro = line.contains("define");
    if (!is_macro && line.find_first_of("={") == std::string_view::npos) return names;
    for (index::Token& token : index::analyse(line)) {
        if (token.part) continue;
        const std::string_view after = line.substr(token.last);
        const std::size_t sign = after.find_first_of("={");
        const bool has_sign = sign <= limit_type_bytes;
        if (!has_sign && !is_macro) continue;
        const std::size_t value = after.find_first_not_of(" \t={(-", has_sign ? sign : 0);
        if (value != std::string_view::npos && after[value] >= '0' && after[value] <= '9')
            names.push_back(std::move(token.term));
    }
    return names;
}

Result<std::vector<Constant>> constants_asked_for(std::string_view question, const QuestionTerms& terms,
                                                  const store::Scope& scope,
                                                  std::span<const store::PlacedPassage* const> found,
                                                  store::Reader& reader) {
    if (terms.information <= 0 || !asks_for_number(question)) return std::vector<Constant>();
    const std::vector<Piece> pieces = pieces_of(question, terms);
    Names names(pieces, terms);
    Givers givers(names);
    for (const store::PlacedPassage* placed : found) givers.read(*placed);
    store::Scope files = scope;
    files.kinds = {store::DocumentKind::file};
    const std::vector<std::string> begun = TRY(names_begun_with(pieces, names, reader));
    const bool has_files = scope.kinds.empty() || std::ranges::contains(scope.kinds, store::DocumentKind::file);
    if (!begun.empty() && has_files) {
        std::vector<store::QueryTerm> query;
        for (const std::string& name : begun) query.push_back({name, 1});
        std::vector<store::PassageId> ids;
        for (const store::Hit& hit : TRY(reader.search(query, files, {}, limit_passages_read)))
            ids.push_back(hit.passage);
        for (const store::PlacedPassage& placed : TRY(reader.passages(ids))) givers.read(placed);
    }
    return givers.best();
}

}  // namespace lar::recall
