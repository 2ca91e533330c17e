// What the kernel says of Lar's own processes: memory, for status.
#pragma once

#include <sys/types.h>

#include <string>

#include "wire/api.h"

namespace lar::lard {

// rss for any process of ours; pss only where the kernel lets us see it (ourselves: workers are not dumpable).
wire::ApiProcess process_facts(std::string name, pid_t pid, std::string layers);

}  // namespace lar::lard
