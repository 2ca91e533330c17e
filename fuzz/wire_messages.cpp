// What a peer may send, as bytes: the first chooses the type, the rest is JSON. A message that decodes must encode,
// and decode again to the same text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wire/api.h"
#include "wire/codec.h"
#include "wire/courier.h"
#include "wire/engine.h"
#include "wire/ledger.h"
#include "wire/reader.h"
#include "wire/spawner.h"

namespace {

template <class T>
void there_and_back(std::string_view json) {
    const auto value = lar::wire::from_json<T>(json);
    if (!value) return;
    const std::string text = lar::wire::to_json(*value);
    const auto again = lar::wire::from_json<T>(text);
    if (!again || lar::wire::to_json(*again) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view json(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0]) {
        case 'S': there_and_back<lar::wire::SpawnerRequest>(json); break;
        case 's': there_and_back<lar::wire::SpawnerEvent>(json); break;
        case 'R': there_and_back<lar::wire::ReaderRequest>(json); break;
        case 'r': there_and_back<lar::wire::ReaderEvent>(json); break;
        case 'E': there_and_back<lar::wire::EngineRequest>(json); break;
        case 'e': there_and_back<lar::wire::EngineEvent>(json); break;
        case 'C': there_and_back<lar::wire::CourierRequest>(json); break;
        case 'c': there_and_back<lar::wire::CourierEvent>(json); break;
        case 'q': there_and_back<lar::wire::ApiSearchRequest>(json); break;
        case 'a': there_and_back<lar::wire::ApiAskRequest>(json); break;
        case 'A': there_and_back<lar::wire::AskEvent>(json); break;
        case 'L': there_and_back<lar::wire::LedgerComputed>(json); break;
        case 'p': there_and_back<lar::wire::ApiPush>(json); break;
        default: break;
    }
    return 0;
}
