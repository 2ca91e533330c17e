// What a store of models may hold, as bytes: the first says whether they are a manifest, parameters, messages or a
// configuration. A manifest that is taken names no file but by a digest, or by an absolute path.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "models/layout.h"
#include "models/parameters.h"
#include "wire/codec.h"

namespace {

void manifest(std::string_view json) {
    const auto taken = lar::models::parse_manifest(json);
    if (!taken) return;
    for (const lar::wire::ModelLayer& layer : taken->layers) {
        if (!lar::models::hex_of(layer.digest)) std::abort();
        if (const auto place = lar::models::adopted(layer); place && !place->path.is_absolute()) std::abort();
    }
    const std::string text = lar::wire::to_json(*taken);
    const auto again = lar::models::parse_manifest(text);
    if (!again || lar::wire::to_json(*again) != text) std::abort();
}

void parameters(std::string_view json) {
    const auto stored = lar::models::stored_options_from_json(json);
    if (!stored) return;
    const auto again = lar::models::options_from_json(lar::wire::to_json(stored->options));
    if (!again || lar::wire::to_json(*again) != lar::wire::to_json(stored->options)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view json(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0]) {
        case 'm': manifest(json); break;
        case 'p': parameters(json); break;
        case 't': static_cast<void>(lar::wire::from_json<std::vector<lar::wire::ModelMessage>>(json)); break;
        case 'c': static_cast<void>(lar::wire::from_json<lar::wire::ModelConfig>(json)); break;
        default: break;
    }
    return 0;
}
