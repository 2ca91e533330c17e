#include "index/vector_files.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/fd.h"
#include "base/format.h"
#include "base/identity.h"
#include "index/vectors.h"

namespace lar::index {
namespace {

constexpr std::string_view first_line = "lar vectors 1";
constexpr std::string_view dead_ending = ".dead";
constexpr std::size_t limit_manifest_bytes = 64 * 1024;
constexpr std::size_t hash_bytes = 64;

// The next line, without its end; none when there is no whole one.
std::optional<std::string_view> take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

std::optional<std::uint64_t> number_after(std::string_view line, std::string_view word) {
    if (!line.starts_with(word) || line.size() <= word.size() || line[word.size()] != ' ') return std::nullopt;
    line.remove_prefix(word.size() + 1);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    if (error != std::errc{} || end != line.data() + line.size()) return std::nullopt;
    return number;
}

std::optional<VectorManifest> parse(std::string_view text) {
    const std::string_view hashed = text.substr(0, text.size() - std::min(text.size(), hash_bytes + 1));
    std::string_view rest = text.substr(hashed.size());
    const auto hash = take_line(rest);
    if (!hash || *hash != hash_hex(hashed)) return std::nullopt;
    rest = hashed;
    const auto first = take_line(rest), dimensions = take_line(rest), generation = take_line(rest);
    if (!first || *first != first_line || !dimensions || !generation) return std::nullopt;
    VectorManifest manifest;
    const auto length = number_after(*dimensions, "dimensions"), count = number_after(*generation, "generation");
    if (!length || !count) return std::nullopt;
    manifest.dimensions = *length;
    manifest.generation = *count;
    while (const auto line = take_line(rest)) {
        const auto number = number_after(*line, "segment");
        if (!number || manifest.segments.size() == limit_segments) return std::nullopt;
        manifest.segments.push_back(*number);
    }
    return manifest;
}

Result<> unlink_if_there(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::remove(path, error);
    if (error) return fail_errno(lar::format("cannot remove {}", path.string()), error.value());
    return {};
}

}  // namespace

std::filesystem::path VectorFiles::segment(std::uint64_t number) const {
    return folder_ / lar::format("{}{}", number, segment_ending);
}

std::filesystem::path VectorFiles::dead(std::uint64_t number) const {
    return folder_ / lar::format("{}{}", number, dead_ending);
}

Result<VectorManifest> VectorFiles::load(std::size_t dimensions) const {
    const auto text = read_file(folder_ / "index", limit_manifest_bytes);
    if (!text && text.error().code == Code::not_found) return VectorManifest{.dimensions = dimensions, .segments = {}};
    if (!text) return std::unexpected(text.error());
    auto manifest = parse(*text);
    if (!manifest || manifest->dimensions != dimensions)
        return fail(Code::corrupt, lar::format("{} does not hold vectors of {} numbers", folder_.string(), dimensions));
    return std::move(*manifest);
}

Result<> VectorFiles::save(const VectorManifest& manifest) const {
    std::string text =
        lar::format("{}\ndimensions {}\ngeneration {}\n", first_line, manifest.dimensions, manifest.generation);
    for (const std::uint64_t number : manifest.segments) text += lar::format("segment {}\n", number);
    text += hash_hex(text) + '\n';
    return write_file_atomically(folder_ / "index", text);
}

Result<> VectorFiles::remove_strangers(const VectorManifest& manifest) const {
    std::error_code error;
    std::vector<std::filesystem::path> strangers;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
        const std::string name = entry.path().filename().string();
        const bool known = name == "index" || std::ranges::any_of(manifest.segments, [&](std::uint64_t number) {
                               return entry.path() == segment(number) || entry.path() == dead(number);
                           });
        if (!known) strangers.push_back(entry.path());
    }
    if (error) return fail_errno(lar::format("cannot list {}", folder_.string()), error.value());
    for (const auto& stranger : strangers) TRY_VOID(unlink_if_there(stranger));
    return {};
}

Result<std::vector<std::uint64_t>> VectorFiles::load_dead(std::uint64_t number, std::size_t rows) const {
    std::vector<std::uint64_t> bits = no_dead(rows);
    const std::size_t size = bits.size() * sizeof bits[0];
    const auto bytes = read_file(dead(number), size + hash_bytes);
    if (!bytes && bytes.error().code == Code::not_found) return bits;
    if (!bytes) return std::unexpected(bytes.error());
    const std::string_view text = *bytes;
    if (text.size() != size + hash_bytes || hash_hex(text.substr(0, size)) != text.substr(size))
        return fail(Code::corrupt, lar::format("{} is damaged", dead(number).string()));
    std::memcpy(bits.data(), text.data(), size);
    return bits;
}

Result<> VectorFiles::save_dead(std::uint64_t number, std::span<const std::uint64_t> bits) const {
    std::string bytes(reinterpret_cast<const char*>(bits.data()), bits.size_bytes());
    bytes += hash_hex(bytes);
    return write_file_atomically(dead(number), bytes);
}

Result<> VectorFiles::remove(std::uint64_t number) const {
    TRY_VOID(unlink_if_there(segment(number)));
    return unlink_if_there(dead(number));
}

Result<> VectorFiles::erase() const {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
    if (error) return fail_errno(lar::format("cannot remove {}", folder_.string()), error.value());
    return {};
}

}  // namespace lar::index
