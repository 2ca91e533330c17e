// How numbers are kept small in a segment: 128 at a time in as many bits as the largest needs, or one by one in bytes.
//
// A pack has four lanes of 32 numbers, so that a processor takes four from it at once; `bits` bits a number make 16 *
// bits bytes. A varint has seven bits a byte, the lowest first. Reading never passes the end it is given.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace lar::index {

inline constexpr std::size_t pack_numbers = 128;
inline constexpr unsigned limit_pack_bits = 32;
inline constexpr std::size_t pack_bytes(unsigned bits) { return 16 * static_cast<std::size_t>(bits); }

using Pack = std::span<std::uint32_t, pack_numbers>;
using PackView = std::span<const std::uint32_t, pack_numbers>;

unsigned bits_needed(PackView numbers);
void append_pack(std::string& out, PackView numbers, unsigned bits);
// `bytes` holds at least pack_bytes(bits).
void read_pack(const unsigned char* bytes, unsigned bits, Pack numbers);

void append_varint(std::string& out, std::uint64_t number);

// The first eight bytes of a text as a number: lower ones stand first in the order of bytes, equal ones say nothing.
inline std::uint64_t rank_of(std::string_view text) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), std::min(text.size(), sizeof word));
    return std::byteswap(word);
}

// Takes numbers and bytes from the front of a piece of foreign bytes; once something was missing, all is.
class ByteReader {
public:
    explicit ByteReader(std::span<const unsigned char> bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

    bool ok() const { return ok_; }
    std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
    const unsigned char* at() const { return at_; }
    std::uint64_t varint();
    std::uint8_t byte();
    std::string_view bytes(std::size_t count);

private:
    const unsigned char* at_;
    const unsigned char* end_;
    bool ok_ = true;
};

// Tells any change of a chunk from what it was, as far as 64 bits can; no protection from an adversary.
std::uint64_t checksum(std::span<const unsigned char> bytes);
inline std::span<const unsigned char> as_bytes(std::string_view text) {
    return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

}  // namespace lar::index
