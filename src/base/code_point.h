// One code point as UTF-8 (RFC 3629), for whoever decodes another encoding.
#pragma once

#include <cstdint>
#include <string>

namespace lar {

// `point`: at most 0x10FFFF and no surrogate.
void append_code_point(std::string& out, std::uint32_t point);

}  // namespace lar
