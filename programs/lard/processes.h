// What the kernel says of Lar's own processes: memory, for status.
#pragma once

#include <sys/types.h>

#include <string>

#include "wire/api.h"

namespace lar::lard {

// rss for any process of ours; pss only where the kernel lets us see it (ourselves: workers are not dumpable).
wire::ApiProcess process_facts(std::string name, pid_t pid, std::string layers);

// Lets go of the program's own code and constants: pages of the program file that nothing changed. They stay in the
// page cache and are mapped again, a minor fault each, when they are used again.
void release_program_pages();

}  // namespace lar::lard
