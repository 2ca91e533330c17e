#include "models/layout.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "base/fd.h"
#include "base/format.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/time.h"
#include "wire/codec.h"

namespace lar::models {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view path_annotation = "lar.path";
constexpr std::string_view modified_annotation = "lar.modified_ns";
constexpr std::size_t hex_digits = 64;
constexpr std::int64_t ns_per_us = 1000;

bool is_hex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<> check(const wire::ModelLayer& layer) {
    if (const auto hex = hex_of(layer.digest); !hex) return std::unexpected(hex.error());
    if (layer.size > limit_layer_bytes) return fail(Code::corrupt, "a layer is larger than any file");
    const bool claims_a_place = layer.annotations && layer.annotations->contains(std::string(path_annotation));
    if (claims_a_place && !adopted(layer)) return fail(Code::corrupt, "a layer says wrongly where its file lies");
    return {};
}

// The names in a folder that may be that part of a reference. Others are none of ours.
Result<std::vector<std::string>> names_in(const fs::path& folder, Part part, fs::file_type wanted) {
    std::vector<std::string> out;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        std::string name = at->path().filename().string();
        std::error_code gone;
        if (may_be(part, name) && at->status(gone).type() == wanted) out.push_back(std::move(name));
    }
    if (error == std::errc::no_such_file_or_directory) return out;
    if (error) return fail_errno(lar::format("cannot read {}", folder.string()), error.value());
    std::ranges::sort(out);
    return out;
}

}  // namespace

Result<Stamp> stamp_of(int fd) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return fail_errno("fstat", errno);
    if (!S_ISREG(status.st_mode)) return fail(Code::invalid, "not a regular file");
    return Stamp{static_cast<std::uint64_t>(status.st_size),
                 status.st_mtim.tv_sec * us_per_second * ns_per_us + status.st_mtim.tv_nsec};
}

std::optional<Adopted> adopted(const wire::ModelLayer& layer) {
    if (!layer.annotations) return std::nullopt;
    const auto path = layer.annotations->find(std::string(path_annotation));
    const auto modified = layer.annotations->find(std::string(modified_annotation));
    if (path == layer.annotations->end() || modified == layer.annotations->end()) return std::nullopt;
    Adopted out{.path = path->second};
    const std::string& digits = modified->second;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.modified_ns);
    const bool whole = error == std::errc() && end == digits.data() + digits.size();
    if (!whole || !out.path.is_absolute() || path->second.contains('\0')) return std::nullopt;
    return out;
}

void set_adopted(wire::ModelLayer& layer, const Adopted& place) {
    layer.annotations = {{std::string(path_annotation), place.path.string()},
                         {std::string(modified_annotation), lar::format("{}", place.modified_ns)}};
}

Result<wire::ModelManifest> parse_manifest(std::string_view json) {
    auto manifest = wire::from_json<wire::ModelManifest>(json);
    if (!manifest) return fail(Code::corrupt, lar::format("the manifest does not read: {}", manifest.error().message));
    if (manifest->layers.size() > limit_layers)
        return fail(Code::too_large,
                    lar::format("the manifest has {} layers, {} at most", manifest->layers.size(), limit_layers));
    TRY_VOID(check(manifest->config));
    for (const wire::ModelLayer& layer : manifest->layers) TRY_VOID(check(layer));
    return manifest;
}

Result<ManifestFile> read_manifest(const fs::path& path) {
    const Fd file = TRY(open_read_only(path));
    const Stamp stamp = TRY(stamp_of(file.number()));
    const std::string bytes = TRY(read_fd(file.number(), limit_manifest_bytes));
    return ManifestFile{TRY(parse_manifest(bytes)), sha256_hex(bytes), stamp.modified_ns / ns_per_us};
}

Result<std::string> hex_of(std::string_view digest) {
    const bool prefixed = digest.starts_with("sha256:") || digest.starts_with("sha256-");
    const std::string_view hex = prefixed ? digest.substr(7) : std::string_view();
    if (hex.size() == hex_digits && is_hex(hex)) return std::string(hex);
    return fail(Code::invalid, lar::format("invalid digest format: '{}' is not sha256: and 64 digits 0-9 a-f",
                                           printable(utf8_prefix(digest, 80))));
}

std::string digest_of(std::string_view hex) { return lar::format("sha256:{}", hex); }

fs::path blob_path(const fs::path& folder, std::string_view hex) {
    return folder / "blobs" / lar::format("sha256-{}", hex);
}

fs::path manifest_path(const fs::path& folder, const Reference& reference) {
    return folder / "manifests" / reference.host / reference.name_space / reference.name / reference.tag;
}

Result<std::vector<Reference>> references_in(const fs::path& folder) {
    std::vector<Reference> out;
    const fs::path root = folder / "manifests";
    const auto folders = fs::file_type::directory;
    for (const std::string& host : TRY(names_in(root, Part::host, folders)))
        for (const std::string& name_space : TRY(names_in(root / host, Part::name_space, folders)))
            for (const std::string& name : TRY(names_in(root / host / name_space, Part::name, folders)))
                for (const std::string& tag :
                     TRY(names_in(root / host / name_space / name, Part::tag, fs::file_type::regular))) {
                    if (out.size() == limit_models)
                        return fail(Code::too_large,
                                    lar::format("{} holds more than {} models", folder.string(), limit_models));
                    out.push_back({host, name_space, name, tag});
                }
    return out;
}

Result<std::string> read_small_blob(const fs::path& folder, const wire::ModelLayer& layer) {
    const std::string hex = TRY(hex_of(layer.digest));
    std::string bytes = TRY(read_file(blob_path(folder, hex), limit_small_blob_bytes));
    if (sha256_hex(bytes) != hex)
        return fail(Code::corrupt, lar::format("the bytes of sha256-{} are not those of its name", hex));
    return bytes;
}

std::vector<fs::path> ollama_folders(std::string_view ollama_models, const fs::path& home) {
    std::vector<fs::path> out;
    if (fs::path(ollama_models).is_absolute()) out.emplace_back(ollama_models);
    if (!home.empty()) out.push_back(home / ".ollama" / "models");
    out.emplace_back("/usr/share/ollama/.ollama/models");
    return out;
}

}  // namespace lar::models
