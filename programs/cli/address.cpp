#include "address.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"

namespace lar::cli {
namespace {

constexpr std::size_t limit_host_bytes = 253;
constexpr std::size_t limit_listing_bytes = 64 * 1024;
constexpr int status_not_found = 2;  // of getent

bool is_address(const std::string& text) {
    in6_addr room;
    return ::inet_pton(AF_INET, text.c_str(), &room) == 1 || ::inet_pton(AF_INET6, text.c_str(), &room) == 1;
}

bool is_name(std::string_view host) {
    return !host.empty() && host.size() <= limit_host_bytes && host.front() != '-' &&
           host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") ==
               std::string_view::npos;
}

// Until the end, or as much as may be.
Result<std::string> read_pipe(const Fd& from) {
    std::string bytes(limit_listing_bytes, '\0');
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t got = ::read(from.number(), bytes.data() + filled, bytes.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno("read", errno);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
}

struct Ran {
    std::string output;
    int status = 0;
};

Result<Ran> run_getent(std::string host) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("pipe", errno);
    Fd from(ends[0]);
    Fd to(ends[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, to.number(), 1);
    std::string words[] = {"getent", "ahosts", std::move(host)};
    char* const argv[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
    pid_t child = 0;
    const int error = ::posix_spawnp(&child, argv[0], &actions, nullptr, argv, environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return fail_errno("starting getent", error);
    to.reset();
    auto output = read_pipe(from);
    from.reset();
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return fail_errno("waitpid", errno);
    if (!output) return std::unexpected(std::move(output).error());
    return Ran{std::move(*output), WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

}  // namespace

std::vector<std::string> listed_addresses(std::string_view getent_output) {
    std::vector<std::string> addresses;
    for (const std::string_view line : split_lines(getent_output)) {
        const std::string first(line.substr(0, line.find(' ')));
        if (is_address(first) && !std::ranges::contains(addresses, first) && addresses.size() < limit_host_addresses)
            addresses.push_back(first);
    }
    return addresses;
}

Outcome<std::vector<std::string>> addresses_of(std::string_view host) {
    const std::string name(host);
    if (is_address(name)) return std::vector{name};
    if (to_lower_ascii(host) == "localhost") return std::vector<std::string>{"127.0.0.1", "::1"};
    if (!is_name(host)) return wrong_usage(lar::format("'{}' is not the name of a machine", printable(host)));
    const auto ran = run_getent(name);
    if (!ran)
        return failed(ran.error().code,
                      lar::format("the address of {} cannot be looked up: {}", name, ran.error().message),
                      "write its IP address instead");
    std::vector<std::string> addresses = listed_addresses(ran->output);
    if (addresses.empty())
        return failed(Code::not_found,
                      ran->status == status_not_found || ran->status == 0
                          ? lar::format("there is no machine called {}", name)
                          : lar::format("getent could not look up the address of {}", name),
                      "check the name, or write its IP address instead");
    return addresses;
}

}  // namespace lar::cli
