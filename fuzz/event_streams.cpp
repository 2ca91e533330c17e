// What a server streams to `lar`: the first byte says whether it is server-sent events or lines of JSON, the second in
// how large pieces it comes. The pieces make no difference, and what is no event of ours is refused.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "http/events.h"
#include "wire/api.h"
#include "wire/codec.h"

namespace {

using namespace lar;

std::vector<http::Event> read(http::EventReader::Form form, std::string_view bytes, std::size_t piece) {
    http::EventReader reader(form);
    std::vector<http::Event> all;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
        const auto events = reader.take(bytes.substr(0, piece));
        if (!events) std::abort();  // an input is far below the limit
        all.insert(all.end(), events->begin(), events->end());
    }
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto form = data[0] == 'l' ? http::EventReader::Form::lines : http::EventReader::Form::events;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
    const std::vector<http::Event> whole = read(form, bytes, std::max<std::size_t>(1, bytes.size()));
    const std::vector<http::Event> pieces = read(form, bytes, std::size_t{1} + data[1]);
    const bool same = std::ranges::equal(
        whole, pieces, [](const http::Event& a, const http::Event& b) { return a.name == b.name && a.data == b.data; });
    if (!same) std::abort();
    for (const http::Event& event : whole) {
        if (const auto asked = wire::from_json<wire::AskEvent>(event.data); !asked && asked.error().message.empty())
            std::abort();
        static_cast<void>(wire::from_json<wire::ApiJob>(event.data));
    }
    return 0;
}
