#include "recall/shelf.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace lar::recall {
namespace {

constexpr double test_factor = 0.5;
constexpr double licence_factor = 0.5;
constexpr double changes_factor = 0.6;
constexpr double completion_factor = 0.6;
constexpr double vendored_factor = 0.6;

constexpr auto test_folders = std::to_array<std::string_view>(
    {"test", "tests", "testing", "testdata", "__tests__", "spec", "specs", "fixtures", "fuzz", "mock", "mocks"});
constexpr auto licences = std::to_array<std::string_view>({"license", "licence", "copying", "notice", "copyright"});
constexpr auto change_lists =
    std::to_array<std::string_view>({"changelog", "changes", "news", "history", "releases", "releasenotes"});
constexpr auto completion_folders = std::to_array<std::string_view>({"completion", "completions"});
constexpr auto licence_terms = std::to_array<std::string_view>({"licens", "licenc", "copyright"});
constexpr auto change_terms = std::to_array<std::string_view>({"version", "releas", "changelog", "chang"});

constexpr auto vendor_folders =
    std::to_array<std::string_view>({"vendor", "vendors", "vendored", "third_party", "third-party", "thirdparty",
                                     "3rdparty", "deps", "external", "extern", "node_modules"});

template <class Names>
bool is_one_of(std::string_view name, const Names& names) {
    return std::ranges::find(names, name) != names.end();
}

bool is_test_file(std::string_view name) {
    const std::string_view stem = name.substr(0, name.find('.'));
    return stem.starts_with("test_") || stem.ends_with("_test") || stem.ends_with("_tests") ||
           stem.ends_with("_spec") || stem.ends_with("-test") || name.contains(".test.") || name.contains(".spec.");
}

}  // namespace

Shelf shelf_of(std::string_view path) {
    const std::string lower = to_lower_ascii(path);
    const auto parts = split(lower, '/');
    const std::string_view name = parts.back();
    const std::string_view word = name.substr(0, name.find_first_of(".-"));
    if (is_one_of(word, licences)) return Shelf::licence;
    if (is_one_of(word, change_lists) || name.contains("releasenotes")) return Shelf::changes;
    const auto lies_in = [&](const auto& folders) {
        return std::ranges::any_of(parts.begin(), parts.end() - 1,
                                   [&](std::string_view folder) { return is_one_of(folder, folders); });
    };
    if (lies_in(vendor_folders)) return Shelf::vendored;
    if (lies_in(test_folders) || is_test_file(name)) return Shelf::test;
    return lies_in(completion_folders) ? Shelf::completion : Shelf::ordinary;
}

ShelvesAsked shelves_asked(std::span<const QuestionTerm> terms, const Understood& understood) {
    ShelvesAsked asked{.changes = understood.intent == Intent::changes || understood.newest};
    for (const QuestionTerm& term : terms) {
        asked.tests = asked.tests || (term.term == "test" && !understood.how_to);
        asked.licence = asked.licence || is_one_of(term.term, licence_terms);
        asked.changes = asked.changes || is_one_of(term.term, change_terms);
    }
    return asked;
}

double shelf_factor(Shelf shelf, const ShelvesAsked& asked) {
    switch (shelf) {
        case Shelf::test: return asked.tests ? 1 : test_factor;
        case Shelf::licence: return asked.licence ? 1 : licence_factor;
        case Shelf::changes: return asked.changes ? 1 : changes_factor;
        case Shelf::completion: return completion_factor;
        case Shelf::vendored: return vendored_factor;
        case Shelf::ordinary: break;
    }
    return 1;
}

bool is_document(std::string_view path) {
    const std::string name = to_lower_ascii(path.substr(path.rfind('/') + 1));
    return name.starts_with("readme") || name.starts_with("install") || name.starts_with("contributing") ||
           name.ends_with(".md") || name.ends_with(".rst") || name.ends_with(".adoc") || name.ends_with(".txt") ||
           name.ends_with(".org");
}

std::string_view path_of(const store::PlacedPassage& placed) {
    return placed.passage.path.empty() ? placed.document.path : placed.passage.path;
}

}  // namespace lar::recall
