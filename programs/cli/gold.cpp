#include "gold.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"
#include "collection.h"
#include "wire/fields.h"

namespace lar::cli {
namespace {

namespace fs = std::filesystem;
using wire::Fields;
using wire::JsonKind;

constexpr std::size_t least_commit_digits = 7;
constexpr std::size_t compared_commit_digits = 12;

std::optional<std::uint32_t> line_number(std::string_view text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || number == 0) return std::nullopt;
    return number;
}

// "src/a.c:12-20", "src/a.c:12", "src/a.c".
GoldPlace place_in_short(const std::string& text) {
    GoldPlace place{.path = text, .whole_file = true};
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) return place;
    const std::string_view lines = std::string_view(text).substr(colon + 1);
    const std::size_t dash = lines.find('-');
    const auto first = line_number(lines.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : line_number(lines.substr(dash + 1));
    if (!first || !last || *last < *first) return place;  // a colon of the path's own
    return {.path = text.substr(0, colon), .lines = {{*first, *last}}};
}

Result<GoldPlace> place_of(std::string_view json, const std::string& where) {
    if (wire::kind_of(json) == JsonKind::string) {
        std::string text;
        TRY_VOID(wire::read_value(json, where, text));
        if (text.empty()) return fail(Code::invalid, lar::format("'{}' is empty", where));
        return place_in_short(text);
    }
    GoldPlace place;
    std::uint32_t first = 0, last = 0;
    Fields fields = TRY(Fields::of(json, where));
    fields.read("path", place.path).read("line", first).read("line_last", last);
    fields.read("anchor", place.anchor).read("commit", place.commit);
    TRY_VOID(fields.done());
    if (place.path.empty() && place.commit.empty())
        return fail(Code::invalid, lar::format("'{}' has neither 'path' nor 'commit'", where));
    if (!place.commit.empty() && place.commit.size() < least_commit_digits)
        return fail(Code::invalid,
                    lar::format("'{}' has a commit of fewer than {} digits", where, least_commit_digits));
    if (last != 0 && last < first) return fail(Code::invalid, lar::format("'{}' ends before it begins", where));
    if (first != 0) place.lines.emplace_back(first, std::max(first, last));
    place.whole_file = place.commit.empty() && place.lines.empty() && place.anchor.empty();
    return place;
}

bool is_at(const GoldPlace& gold, const wire::ApiPlace& place) {
    if (!gold.commit.empty()) return place.commit.starts_with(gold.commit.substr(0, compared_commit_digits));
    if (place.kind != "file" || place.path != gold.path) return false;
    return gold.whole_file || std::ranges::any_of(gold.lines, [&](const auto& lines) {
               return place.line_first <= lines.second && lines.first <= place.line_last;
           });
}

}  // namespace

Result<GoldQuestion> parse_gold_question(std::string_view json) {
    GoldQuestion question;
    wire::Json answers;
    bool answerable = true;
    Fields fields = TRY(Fields::of(json, "$"));
    fields.read("id", question.id).read("question", question.text).read("kind", question.category);
    fields.read("category", question.category).read("answers", answers).read("answerable", answerable);
    TRY_VOID(fields.done());
    if (trim(question.text).empty()) return fail(Code::invalid, "there is no 'question'");
    if (wire::kind_of(answers.text) == JsonKind::string) {
        std::string none;
        TRY_VOID(wire::read_value(answers.text, fields.path_of("answers"), none));
        if (none != "none") return fail(Code::invalid, "'answers' is an array of places, or \"none\"");
    } else if (answers.present()) {
        for (const std::string& one : TRY(wire::json_elements(answers.text, fields.path_of("answers"))))
            question.places.push_back(
                TRY(place_of(one, lar::format("{}[{}]", fields.path_of("answers"), question.places.size()))));
    }
    if (fields.has("answerable") && answerable != !question.places.empty())
        return fail(Code::invalid,
                    answerable ? "it is answerable and has no 'answers'" : "it is not answerable and has 'answers'");
    return question;
}

Result<std::vector<GoldQuestion>> read_gold_questions(const fs::path& file) {
    std::vector<GoldQuestion> questions;
    TRY_VOID(for_each_line(file, limit_gold_line_bytes, [&](std::string_view line, std::uint64_t number) -> Result<> {
        auto question = parse_gold_question(line);
        if (!question)
            return fail(question.error().code,
                        lar::format("{}:{}: {}", file.filename().string(), number, question.error().message));
        if (question->id.empty()) question->id = lar::format("line-{}", number);
        questions.push_back(std::move(*question));
        return {};
    }));
    return questions;
}

Result<std::uint64_t> find_anchors(std::vector<GoldQuestion>& questions, const fs::path& tree) {
    std::uint64_t gone = 0;
    for (GoldQuestion& question : questions)
        for (GoldPlace& place : question.places) {
            if (place.anchor.empty()) continue;
            auto text = read_file(tree / place.path, limit_gold_file_bytes);
            if (!text && text.error().code != Code::not_found) return std::unexpected(std::move(text).error());
            std::uint32_t number = 0;
            for (const std::string_view line : split_lines(text ? std::string_view(*text) : std::string_view())) {
                ++number;
                if (line.contains(place.anchor)) place.lines.emplace_back(number, number);
            }
            gone += place.lines.empty() ? 1U : 0U;
        }
    return gone;
}

bool is_right(const GoldQuestion& question, const wire::ApiPlace& place) {
    return std::ranges::any_of(question.places, [&](const GoldPlace& gold) { return is_at(gold, place); });
}

}  // namespace lar::cli
