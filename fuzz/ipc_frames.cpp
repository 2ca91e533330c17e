// A channel's bytes, as the other process may send them: whatever they are, the receiver ends with messages and then
// corrupt or unavailable, once and for all.
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdlib>

#include "ipc/channel.h"
#include "wire/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t fits_the_socket = 64 * 1024;
    if (size > fits_the_socket) return 0;
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return 0;
    const lar::Fd sender(ends[0]);
    lar::ipc::Channel channel{lar::Fd(ends[1])};
    if (::send(sender.number(), data, size, MSG_DONTWAIT) != static_cast<ssize_t>(size)) return 0;
    ::shutdown(sender.number(), SHUT_WR);
    for (;;) {
        const auto frame = channel.receive({.timeout_ms = 1000});
        if (frame) {
            static_cast<void>(lar::wire::from_json<lar::wire::ReaderEvent>(frame->json));
            continue;
        }
        if (frame.error().code != lar::Code::corrupt && frame.error().code != lar::Code::unavailable) std::abort();
        if (frame.error().code == lar::Code::corrupt && channel.receive({.timeout_ms = 0})) std::abort();
        return 0;
    }
}
