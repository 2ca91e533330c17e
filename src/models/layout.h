// A folder of models as Ollama lays it out, which is also how Lar keeps its own:
//
//     manifests/HOST/NAMESPACE/NAME/TAG    JSON: what the model is made of, by digest
//     blobs/sha256-HEX                     the parts, each under the hash of its bytes
//
// Nothing here is believed: a manifest is checked when it is read, and a folder's names must be parts of a reference.
// A file that Lar uses where it lies has no blob; its layer's annotations say where it is and what it was then.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "models/reference.h"
#include "wire/models.h"

namespace lar::models {

inline constexpr std::size_t limit_manifest_bytes = 4 * 1024 * 1024;
inline constexpr std::size_t limit_small_blob_bytes = 4 * 1024 * 1024;  // all but models, adapters and projectors
inline constexpr std::size_t limit_layers = 1024;
inline constexpr std::size_t limit_models = 10'000;  // that are listed of one folder
inline constexpr std::uint64_t limit_layer_bytes = std::uint64_t{1} << 50;

namespace media {
inline constexpr std::string_view manifest = "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view config = "application/vnd.docker.container.image.v1+json";
inline constexpr std::string_view model = "application/vnd.ollama.image.model";
inline constexpr std::string_view adapter = "application/vnd.ollama.image.adapter";
inline constexpr std::string_view projector = "application/vnd.ollama.image.projector";
inline constexpr std::string_view tmpl = "application/vnd.ollama.image.template";
inline constexpr std::string_view system = "application/vnd.ollama.image.system";
inline constexpr std::string_view params = "application/vnd.ollama.image.params";
inline constexpr std::string_view messages = "application/vnd.ollama.image.messages";
inline constexpr std::string_view license = "application/vnd.ollama.image.license";
}  // namespace media

// A file at the moment when it was looked at. Two that are equal are taken for the same bytes.
struct Stamp {
    std::uint64_t size_bytes = 0;
    std::int64_t modified_ns = 0;
    bool operator==(const Stamp&) const = default;
};
Result<Stamp> stamp_of(int fd);  // of a regular file

// Where a layer's bytes lie, when that is not among the blobs.
struct Adopted {
    std::filesystem::path path;  // absolute
    std::int64_t modified_ns = 0;
};
std::optional<Adopted> adopted(const wire::ModelLayer& layer);
void set_adopted(wire::ModelLayer& layer, const Adopted& place);

// corrupt unless every digest, size and annotation is what it must be.
Result<wire::ModelManifest> parse_manifest(std::string_view json);

struct ManifestFile {
    wire::ModelManifest manifest;
    std::string digest;  // of its bytes: 64 hex digits
    std::int64_t modified_us = 0;
};
Result<ManifestFile> read_manifest(const std::filesystem::path& path);

// "sha256:HEX" or "sha256-HEX" → HEX; invalid when it is neither.
Result<std::string> hex_of(std::string_view digest);
std::string digest_of(std::string_view hex);

std::filesystem::path blob_path(const std::filesystem::path& folder, std::string_view hex);
std::filesystem::path manifest_path(const std::filesystem::path& folder, const Reference& reference);

// The names of all models of a folder, sorted. Empty where there is no such folder; denied where it may not be read.
Result<std::vector<Reference>> references_in(const std::filesystem::path& folder);

// The bytes of a blob that is small: text or JSON. Their hash is checked.
Result<std::string> read_small_blob(const std::filesystem::path& folder, const wire::ModelLayer& layer);

// Where Ollama keeps models on this machine: what OLLAMA_MODELS says, the user's own, the system service's. They
// need not exist.
std::vector<std::filesystem::path> ollama_folders(std::string_view ollama_models, const std::filesystem::path& home);

}  // namespace lar::models
