// The doors lard listens at, opened before it locks itself down: afterwards it can make no socket.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace lar::lard {

struct Listeners {
    Fd unix_socket;
    Fd tcp;                             // empty when not asked for, or taken
    std::vector<std::string> names;     // "unix:/run/…/lar.sock", "http://127.0.0.1:11434"
    std::vector<std::string> problems;  // a taken port, in one sentence
};

// Only one lard for one runtime directory: the lock is held as long as the Fd lives. conflict when taken by one that
// listens at `socket`; one that does not is about to end, or to listen, and is waited for.
Result<Fd> take_instance_lock(const std::filesystem::path& path, const std::filesystem::path& socket);

// The unix socket is 0700 and replaces a stale one (the lock is held, so nobody serves it). `port` 0: no TCP.
Result<Listeners> open_listeners(const std::filesystem::path& socket, std::uint16_t port);

}  // namespace lar::lard
