#include "index/packing.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

static_assert(std::endian::native == std::endian::little, "segments are written in the order of this machine's bytes");

namespace lar::index {
namespace {

using Lanes = std::uint32_t __attribute__((vector_size(16)));
constexpr std::size_t lane_numbers = 4;
constexpr std::size_t rows = pack_numbers / lane_numbers;

Lanes load(const void* from) {
    Lanes lanes;
    std::memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

constexpr unsigned longest_varint_bytes = 10;

}  // namespace

unsigned bits_needed(PackView numbers) {
    std::uint32_t all = 0;
    for (const std::uint32_t number : numbers) all |= number;
    return static_cast<unsigned>(std::bit_width(all));
}

void append_pack(std::string& out, PackView numbers, unsigned bits) {
    if (bits == 0) return;
    Lanes word{};
    unsigned used = 0;
    const auto put = [&] { out.append(reinterpret_cast<const char*>(&word), sizeof word); };
    for (std::size_t row = 0; row < rows; ++row) {
        const Lanes value = load(numbers.data() + row * lane_numbers);
        word |= value << used;
        used += bits;
        if (used < 32) continue;
        put();
        used -= 32;
        word = used > 0 ? value >> (bits - used) : Lanes{};
    }
}

void read_pack(const unsigned char* bytes, unsigned bits, Pack numbers) {
    if (bits == 0) {
        std::ranges::fill(numbers, 0U);
        return;
    }
    const std::uint32_t mask = bits == 32 ? ~0U : (1U << bits) - 1;
    Lanes word = load(bytes);
    unsigned used = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        Lanes value = word >> used;
        used += bits;
        if (used >= 32) {
            used -= 32;
            if (row + 1 < rows || used > 0) {
                bytes += sizeof word;
                word = load(bytes);
            }
            if (used > 0) value |= word << (bits - used);
        }
        value &= mask;
        std::memcpy(numbers.data() + row * lane_numbers, &value, sizeof value);
    }
}

void append_varint(std::string& out, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) out += static_cast<char>((number & 0x7f) | 0x80);
    out += static_cast<char>(number);
}

std::uint64_t ByteReader::varint() {
    std::uint64_t number = 0;
    for (unsigned count = 0; count < longest_varint_bytes && at_ != end_; ++count) {
        const unsigned char next = *at_++;
        number |= static_cast<std::uint64_t>(next & 0x7f) << (7 * count);
        if ((next & 0x80) == 0) return number;
    }
    ok_ = false;
    at_ = end_;
    return 0;
}

std::uint8_t ByteReader::byte() {
    if (at_ != end_) return *at_++;
    ok_ = false;
    return 0;
}

std::string_view ByteReader::bytes(std::size_t count) {
    if (count > left()) {
        ok_ = false;
        at_ = end_;
        return {};
    }
    const std::string_view found(reinterpret_cast<const char*>(at_), count);
    at_ += count;
    return found;
}

// Four lanes of words, each step a bijection of its lane, so that no single changed word goes unseen.
std::uint64_t checksum(std::span<const unsigned char> bytes) {
    constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;
    std::array<std::uint64_t, 4> lanes{odd, odd << 1, odd << 2, odd << 3};
    const auto step = [&](std::uint64_t& lane, std::uint64_t word) { lane = std::rotl((lane ^ word) * odd, 29); };
    std::size_t at = 0;
    for (; at + 32 <= bytes.size(); at += 32) {
        std::array<std::uint64_t, 4> words;
        std::memcpy(words.data(), bytes.data() + at, sizeof words);
        for (std::size_t lane = 0; lane < 4; ++lane) step(lanes[lane], words[lane]);
    }
    for (std::size_t lane = 0; at < bytes.size(); at += 8, lane = (lane + 1) % 4) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, std::min<std::size_t>(8, bytes.size() - at));
        step(lanes[lane], word);
    }
    std::uint64_t sum = bytes.size();
    for (const std::uint64_t lane : lanes) step(sum, lane);
    return sum ^ (sum >> 32);
}

}  // namespace lar::index
