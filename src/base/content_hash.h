// The hash of base/identity.h of a file that is too large to hold in memory.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace lar {

// What hash_hex says of its bytes, a piece at a time. too_large beyond limit_bytes; refuses what is no regular file.
Result<std::string> hash_of_file(int fd, std::uint64_t limit_bytes);

}  // namespace lar
