// SHA-256 of bytes that come in pieces: the name of a model's file in every store of models.
//
// What Lar names by itself has a BLAKE2b hash (base/identity.h); this one is for what others name too.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lar {

class Sha256 {
public:
    Sha256();
    void add(std::string_view bytes);
    // 64 lower-case hex digits of all that was added. Once.
    std::string finish();

private:
    alignas(std::uint64_t) std::array<std::byte, 104> state_;  // libsodium's own, kept out of this header
};

std::string sha256_hex(std::string_view bytes);

}  // namespace lar
