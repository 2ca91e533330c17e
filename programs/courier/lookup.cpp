#include "lookup.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "order.h"

namespace lar::courier {
namespace {

using Bytes6 = std::array<std::uint8_t, 16>;

struct Network4 {
    std::uint32_t address;
    int bits;
};
// Not of the internet: this network, private ones, shared, link-local, for tests, for many, reserved (RFC 6890).
constexpr std::array<Network4, 12> internal4 = {{{0x00000000, 8},
                                                 {0x0a000000, 8},
                                                 {0x64400000, 10},
                                                 {0xa9fe0000, 16},
                                                 {0xac100000, 12},
                                                 {0xc0000000, 24},
                                                 {0xc0000200, 24},
                                                 {0xc0a80000, 16},
                                                 {0xc6120000, 15},
                                                 {0xc6336400, 24},
                                                 {0xcb007100, 24},
                                                 {0xe0000000, 3}}};

Place place_of4(std::uint32_t address) {
    if (address >> 24 == 127) return Place::loopback;
    for (const Network4& network : internal4)
        if ((address ^ network.address) >> (32 - network.bits) == 0) return Place::internal;
    return Place::internet;
}

std::uint32_t last_four(const Bytes6& bytes) {
    std::uint32_t address = 0;
    for (std::size_t i = 12; i < 16; ++i) address = address << 8 | bytes[i];
    return address;
}

Place place_of6(const Bytes6& bytes) {
    const auto zeros = [&](std::size_t from, std::size_t to) {
        return std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                           bytes.begin() + static_cast<std::ptrdiff_t>(to), [](std::uint8_t b) { return b == 0; });
    };
    if (zeros(0, 15)) return bytes[15] == 1 ? Place::loopback : Place::internal;
    // An address of the old kind within: mapped, or behind a translator (64:ff9b::/96).
    if (zeros(0, 10) && bytes[10] == 0xff && bytes[11] == 0xff) return place_of4(last_four(bytes));
    if (bytes[0] == 0 && bytes[1] == 0x64 && bytes[2] == 0xff && bytes[3] == 0x9b && zeros(4, 12))
        return place_of4(last_four(bytes));
    // Of the internet is what is assigned to it: 2000::/3.
    return bytes[0] >> 5 == 1 ? Place::internet : Place::internal;
}

std::optional<Place> literal_place(std::string_view address) {
    const std::string text(address);
    in_addr four{};
    if (::inet_pton(AF_INET, text.c_str(), &four) == 1) return place_of4(ntohl(four.s_addr));
    Bytes6 six{};
    if (::inet_pton(AF_INET6, text.c_str(), six.data()) == 1) return place_of6(six);
    return std::nullopt;
}

bool is_localhost(std::string_view host) { return to_lower_ascii(host) == "localhost"; }

Result<std::vector<std::string>> ask(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int status = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); status != 0)
        return fail(status == EAI_NONAME ? Code::not_found : Code::unavailable,
                    lar::format("the address of {} could not be found: {}", host, ::gai_strerror(status)));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, ::freeaddrinfo);
    std::vector<std::string> out;
    for (const addrinfo* at = found; at != nullptr && out.size() < limit_addresses; at = at->ai_next) {
        std::array<char, NI_MAXHOST> text{};
        if (::getnameinfo(at->ai_addr, at->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0)
            out.emplace_back(text.data());
    }
    return out;
}

// Where a name leads only the proxy knows. An address in digits says it by itself.
Result<> permit_through_proxy(const wire::Order& order) {
    const Place place =
        is_localhost(order.host) ? Place::loopback : literal_place(order.host).value_or(Place::internet);
    if (order.reach == wire::Reach::loopback || (order.reach == wire::Reach::internet && place != Place::internet))
        return fail(Code::denied, lar::format("{} is not for a proxy to find", order.host));
    return {};
}

}  // namespace

bool needs_resolver(std::string_view host) { return !is_localhost(host) && !literal_place(host); }

Place place_of(std::string_view address) { return literal_place(address).value_or(Place::internal); }

Result<std::vector<std::string>> look_up(const wire::Order& order) {
    const std::string& host = next_hop(order).host;
    std::vector<std::string> addresses;
    if (is_localhost(host))
        addresses = {"127.0.0.1", "::1"};
    else if (!needs_resolver(host))
        addresses = {host};
    else
        addresses = TRY(ask(host));
    TRY_VOID(permit(order, addresses));
    return addresses;
}

Result<> permit(const wire::Order& order, const std::vector<std::string>& addresses) {
    if (addresses.empty()) return fail(Code::not_found, lar::format("{} has no address", next_hop(order).host));
    if (order.proxy) return permit_through_proxy(order);
    for (const std::string& address : addresses) {
        const Place place = place_of(address);
        if (order.scheme == wire::Scheme::http && place != Place::loopback)
            return fail(
                Code::denied,
                lar::format("{} is not this machine, and Lar speaks plain http with this machine only", order.host));
        if (order.reach == wire::Reach::loopback && place != Place::loopback)
            return fail(Code::denied, lar::format("{} is not this machine, as it was to be", order.host));
        if (order.reach == wire::Reach::internet && place != Place::internet)
            return fail(Code::denied,
                        lar::format("{} leads into the network of this machine ({}), and only you may send Lar there",
                                    order.host, address));
    }
    return {};
}

}  // namespace lar::courier
