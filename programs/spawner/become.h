// Between fork and exec: a child of the spawner's becomes one of Lar's workers, with nothing but its channel.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "wire/spawner.h"

namespace lar::spawner {

// The programs that may be started, in one folder.
std::filesystem::path program_of(const std::filesystem::path& programs, wire::Worker worker);

struct Start {
    std::filesystem::path program;
    std::vector<std::string> arguments = {};  // none but for a proof of its policy
    wire::Worker worker = wire::Worker::reader;
    int channel = -1;  // becomes descriptor 3
    int null = -1;     // /dev/null, opened before the lock-down
    int report = -1;   // an errno is written to it if there is no exec, which closes it
    pid_t parent = 0;  // when it is no longer the parent, nobody waits for this worker
};
[[noreturn]] void become(const Start& start);

}  // namespace lar::spawner
