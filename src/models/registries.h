// Where models come from, and how their registries are spoken to: a name → a server and what to ask it for.
//
// Two kinds. A registry of Ollama's kind answers /v2/NAMESPACE/NAME/manifests/TAG and /v2/NAMESPACE/NAME/blobs/DIGEST,
// and may ask for a token first. A hub holds repositories of files: it lists them with their hashes, and one of them,
// or one set of parts, is the model that a quantization names.
//
// The usual servers are those of models/reference.h, which is what names without a host mean to their users; the
// settings put others in their place (models.registry, models.hub).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "models/reference.h"
#include "models/web_address.h"
#include "wire/registries.h"

namespace lar::models {

// Other servers than the usual ones; empty: those.
struct Servers {
    std::string registry, hub;  // "https://models.example", or "http://127.0.0.1:5000" on this machine
};

enum class RegistryKind { registry, hub };
struct Source {
    RegistryKind kind = RegistryKind::registry;
    WebAddress server;
    bool usual = false;  // a server that Lar or its settings name, not whoever asks
    Reference reference;
};
// What may be asked for in plain http: a server on this machine, and only when whoever asks says so.
enum class Transport { secure, plain_on_this_machine };
Result<Source> source_of(std::string_view name, const Servers& servers, Transport transport);

// ---- registries ----
std::string manifest_target(const Reference& reference);
std::string blob_target(const Reference& reference, std::string_view hex);

// Where to ask for a token, from what a server answers to a request without one: Bearer
// realm="…",service="…",scope="…". denied when that is another server than this one or its neighbours, corrupt when it
// does not read.
Result<WebAddress> token_address(std::string_view challenge, const WebAddress& server);

// ---- hubs ----
std::string listing_target(const Reference& reference);
std::string file_target(const Reference& reference, std::string_view commit, std::string_view file);

struct HubPart {
    std::string file, hex;
    std::uint64_t size_bytes = 0;
};
struct HubModel {
    std::string commit;
    std::string quantization;  // as the files are named
    std::vector<HubPart> parts;
};
// The model that the reference's tag names: a quantization ("Q4_K_M"), a file, or with "latest" the only one there is
// or the usual one. not_found and conflict list what there is.
Result<HubModel> choose_model(const wire::HubRepository& repository, const Reference& reference);

}  // namespace lar::models
