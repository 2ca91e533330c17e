#include "sandbox.h"

#include <array>
#include <filesystem>
#include <system_error>

#include "authorities.h"
#include "lookup.h"
#include "order.h"

namespace lar::courier {
namespace {

// What the C library reads to find a host.
constexpr std::array<const char*, 5> files_of_names = {"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf",
                                                       "/etc/host.conf", "/etc/gai.conf"};

void read_if_there(sandbox::Policy& policy, const std::filesystem::path& file) {
    std::error_code error;
    if (std::filesystem::is_regular_file(file, error)) policy.read_file(file);
}

}  // namespace

Result<sandbox::Layers> lock_down_to_look_up(const wire::Order& order) {
    sandbox::Policy policy;
    policy.allow_common_runtime();
    // What becomes of the order is said over the channel.
    policy.allow_ipc();
    // These few files of the system, and none of the user's.
    policy.allow_read_only_open();
    for (const std::filesystem::path& file : places_of_authorities(order)) read_if_there(policy, file);
    const NextHop hop = next_hop(order);
    policy.allow_connecting(hop.port);
    if (needs_resolver(hop.host)) {
        for (const char* const file : files_of_names) read_if_there(policy, file);
        policy.allow_looking_up_names();
    }
    // The second stage goes on top.
    policy.allow_narrowing();
    // The file that it was handed gets no longer than the order says, whatever the server sends.
    if (order.writes_file) policy.limit({.file_bytes = order.from_bytes + order.limit_bytes});
    return policy.apply();
}

Result<sandbox::Layers> lock_down_to_talk(const wire::Order& order) {
    sandbox::Policy policy;
    policy.allow_common_runtime();
    policy.allow_ipc();
    // To the one port; the addresses are those that were looked up before.
    policy.allow_connecting(next_hop(order).port);
    // libcurl and OpenSSL look for settings of their own.
    policy.refuse_opening();
    return policy.apply();
}

}  // namespace lar::courier
