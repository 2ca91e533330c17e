#include "recall/shelf.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace lar::recall {
namespace {

constexpr double test_factor = 0.6;
constexpr double licence_factor = 0.5;

constexpr auto test_folders = std::to_array<std::string_view>(
    {"test", "tests", "testing", "testdata", "__tests__", "spec", "specs", "fixtures", "fuzz", "mock", "mocks"});
constexpr auto licences = std::to_array<std::string_view>({"license", "licence", "copying", "notice", "copyright"});

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
    if (std::ranges::find(licences, name.substr(0, name.find_first_of(".-"))) != licences.end()) return Shelf::licence;
    const bool in_tests = std::ranges::any_of(parts.begin(), parts.end() - 1, [](std::string_view folder) {
        return std::ranges::find(test_folders, folder) != test_folders.end();
    });
    return in_tests || is_test_file(name) ? Shelf::test : Shelf::ordinary;
}

double shelf_factor(std::string_view path, bool asks_for_tests, bool asks_for_licence) {
    const Shelf shelf = shelf_of(path);
    if (shelf == Shelf::test) return asks_for_tests ? 1 : test_factor;
    if (shelf == Shelf::licence) return asks_for_licence ? 1 : licence_factor;
    return 1;
}

std::string_view path_of(const store::PlacedPassage& placed) {
    return placed.passage.path.empty() ? placed.document.path : placed.passage.path;
}

}  // namespace lar::recall
