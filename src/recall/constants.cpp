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

constexpr auto names_parts =
    std::to_array<std::string_view>({"default", "max", "limit", "min", "maximum", "minimum", "size", "count", "num",
                                     "depth", "timeout", "interval", "length"});

constexpr std::size_t least_piece_letters = 3;
constexpr std::size_t least_stem_letters = 4, most_ending_letters = 3;  // of a name's last word
constexpr std::size_t least_name_letters = 6, most_name_letters = 48;
constexpr double least_made = 0.6;             // of a name's letters, by pieces
constexpr double least_worth = 0.25;           // see Constant::worth
constexpr std::size_t limit_looked_at = 24;    // names, for where they get a number
constexpr std::uint64_t limit_passages = 100;  // that hold a name: what is used more often is no such constant
constexpr std::size_t limit_passages_read = 200;
constexpr std::size_t limit_given = 3;  // more have numbers of their own by that name
constexpr std::size_t limit_constants = 2;
constexpr std::size_t limit_line_bytes = 300;  // a longer one is data
// What a comment begins with, a text, or a statement that uses a name.
constexpr auto no_definitions =
    std::to_array<std::string_view>({"//", "*", "/*", "#", "--", "\"", "'", "case ", "if ", "if(", "elif ", "for ",
                                     "for(", "while ", "while(", "return "});
constexpr auto go_types = std::to_array<std::string_view>({"int", "uint", "float", "byte", "time."});
constexpr std::size_t limit_type_bytes = 24;  // between a name and its number

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
    std::size_t left_out = 0;  // letters after the last piece
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
        const bool is_asked = std::ranges::any_of(
            terms_.terms, [&](const QuestionTerm& term) { return term.identifier && term.term == name; });
        if ((made.pieces < 2 && !is_asked) || share < least_made) return 0;
        double information = 0;
        for (std::uint64_t left = made.of; left != 0; left &= left - 1)
            information += terms_.terms[static_cast<std::size_t>(std::countr_zero(left))].information;
        return share * std::min(information / terms_.information, 1.0);
    }

private:
    Made made_of(std::string_view name) {
        best_.assign(name.size() + 1, {});
        for (std::size_t i = 0; i < name.size(); ++i) {
            const Made before = best_[i];
            take(i + 1, {before.letters, before.pieces, before.of, before.left_out + 1});
            // Two letters between pieces are the beginning of another word: "limit", "th", "read".
            if (before.left_out == 2 && before.pieces > 0) continue;
            const std::string_view rest = name.substr(i);
            for (const Piece* piece : begun_with_[static_cast<unsigned char>(rest[0])]) {
                // "emb" stands for embedding, but not in members.
                if (before.left_out > 0 && piece->text.size() < least_stem_letters) continue;
                if (rest.starts_with(piece->text) || ends_as_stem(rest, piece->text)) {
                    const std::size_t letters = std::min(rest.size(), piece->text.size());
                    take(i + letters, {before.letters + letters, before.pieces + 1, before.of | piece->of, 0});
                }
            }
        }
        return best_.back();
    }

    // The last word of a name is stemmed with the whole, as if that were one word.
    static bool ends_as_stem(std::string_view rest, std::string_view piece) {
        return rest.size() >= least_stem_letters && piece.size() <= rest.size() + most_ending_letters &&
               piece.starts_with(rest);
    }

    void take(std::size_t end, const Made& made) {
        if (made.letters > best_[end].letters || (end > 0 && best_[end].letters == 0 && best_[end].left_out == 0))
            best_[end] = made;
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

bool is_macro(std::string_view code) { return code.starts_with("#define") || code.starts_with("# define"); }

bool may_define(std::string_view code) {
    return is_macro(code) || std::ranges::none_of(no_definitions, [&](std::string_view beginning) {
               return code.starts_with(beginning);
           });
}

// A number, but for the zero that anything begins with.
bool is_number(std::string_view value) {
    value = value.substr(std::min(value.find_first_not_of(" \t(-"), value.size()));
    if (value.empty() || value[0] < '0' || value[0] > '9') return false;
    return value[0] != '0' || (value.size() > 1 && (is_digit_or_letter(value[1]) || value[1] == '.'));
}

// What a name is given, of what stands after it; empty where it is given nothing. A type may stand between.
std::string_view given_after(std::string_view after) {
    if (after.starts_with('{')) return after.substr(1);
    const auto skip_spaces = [&] { after.remove_prefix(std::min(after.find_first_not_of(" \t"), after.size())); };
    skip_spaces();
    if (after.starts_with(':') && !after.starts_with(":=")) {
        const std::size_t sign = after.find('=');
        if (sign > limit_type_bytes || after.substr(0, sign).find_first_of(";(){") != std::string_view::npos) return {};
        after.remove_prefix(sign);
    } else if (std::ranges::any_of(go_types, [&](std::string_view type) { return after.starts_with(type); })) {
        after.remove_prefix(std::min(after.find_first_of(" \t="), after.size()));
        skip_spaces();
    }
    if (after.starts_with(":=")) after.remove_prefix(1);
    if (!after.starts_with('=') || after.starts_with("==") || after.starts_with("=>")) return {};
    return after.substr(1);
}

}  // namespace

std::vector<std::string> given_numbers(std::string_view line) {
    std::vector<std::string> names;
    if (line.size() > limit_line_bytes || line.find_first_of("123456789") == std::string_view::npos) return names;
    const std::string_view code = trim(line);
    const bool macro = is_macro(code);
    if (!may_define(code) || (!macro && line.find_first_of("={") == std::string_view::npos)) return names;
    for (index::Token& token : index::analyse(line)) {
        if (token.part) continue;
        const std::string_view after = line.substr(token.last);
        if (is_number(macro ? after : given_after(after))) names.push_back(std::move(token.term));
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
    const bool has_files = scope.kinds.empty() || std::ranges::contains(scope.kinds, store::DocumentKind::file);
    const std::vector<std::string> begun =
        has_files ? TRY(names_begun_with(pieces, names, reader)) : std::vector<std::string>();
    if (!begun.empty()) {
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
