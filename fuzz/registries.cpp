// What servers of models say, as bytes: the first says whether they are an address, a wish for a token, or a list of a
// repository's files. An address that is taken is one that an order may carry; files that are chosen can be checked.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "models/registries.h"
#include "wire/codec.h"

namespace {

void is_orderly(const lar::models::WebAddress& address) {
    const auto graphic = [](char c) { return c > ' ' && c < 0x7f; };
    if (address.host.empty() || address.port == 0 || !address.target.starts_with('/') ||
        !std::ranges::all_of(address.host, graphic) || !std::ranges::all_of(address.target, graphic))
        std::abort();
}

void token(std::string_view challenge) {
    const lar::models::WebAddress server{.host = "models.example"};
    const auto address = lar::models::token_address(challenge, server);
    if (!address) return;
    is_orderly(*address);
    if (!address->host.ends_with("models.example") || address->scheme != lar::wire::Scheme::https) std::abort();
}

void listing(std::string_view json) {
    const auto repository = lar::wire::from_json<lar::wire::HubRepository>(json);
    if (!repository) return;
    for (const char* const tag : {"latest", "Q4_K_M", "a.gguf"}) {
        const auto model = lar::models::choose_model(*repository, {"hub.example", "ana", "tiny", tag});
        if (!model) continue;
        for (const lar::models::HubPart& part : model->parts)
            if (part.hex.size() != 64 || part.size_bytes == 0) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0]) {
        case 'a':
            if (const auto address = lar::models::parse_web_address(text)) is_orderly(*address);
            break;
        case 'c': token(text); break;
        case 'l': listing(text); break;
        default: break;
    }
    return 0;
}
