#include <filesystem>
#include <utility>

#include "hidden.h"

namespace lar::reader {
namespace {

std::vector<std::string>& places() {
    static std::vector<std::string> known;  // set once, then only read
    return known;
}

}  // namespace

void set_visible_places(std::vector<std::string> visible) {
    for (std::string& place : visible) {
        place = std::filesystem::path(place).lexically_normal().string();
        while (place.size() > 1 && place.ends_with('/')) place.pop_back();
    }
    places() = std::move(visible);
}

bool is_visible(const char* path) {
    const std::string normal = std::filesystem::path(path).lexically_normal().string();
    for (const std::string& place : places()) {
        if (place == "/" || normal == place) return true;
        if (normal.size() > place.size() && normal.starts_with(place) && normal[place.size()] == '/') return true;
    }
    return places().empty();
}

}  // namespace lar::reader
