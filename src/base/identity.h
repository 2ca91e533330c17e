// Names for things: content hashes and time-ordered unique ids.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lar {

// BLAKE2b-256 of the bytes, as 64 lower-case hex digits.
std::string hash_hex(std::string_view bytes);

// A UUIDv7 (RFC 9562, 5.7) for that moment, in its usual spelling.
std::string new_uuid(std::int64_t now_us);

// `bytes` random bytes from the kernel as lower-case hex; for tokens.
std::string random_hex(std::size_t bytes);

}  // namespace lar
