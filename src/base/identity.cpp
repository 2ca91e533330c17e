#include "base/identity.h"

#include <sodium.h>

#include <array>
#include <vector>

#include "base/result.h"

namespace lar {
namespace {

std::string hex(const unsigned char* bytes, std::size_t count) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(count * 2);
    for (std::size_t i = 0; i < count; ++i) {
        out += digits[bytes[i] >> 4];
        out += digits[bytes[i] & 15];
    }
    return out;
}

void need_sodium() {
    static const int ready = sodium_init();
    ASSERT(ready >= 0);
}

}  // namespace

std::string hash_hex(std::string_view bytes) {
    need_sodium();
    std::array<unsigned char, 32> digest{};
    crypto_generichash(digest.data(), digest.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                       nullptr, 0);
    return hex(digest.data(), digest.size());
}

std::string new_uuid(std::int64_t now_us) {
    need_sodium();
    std::array<unsigned char, 16> id{};
    randombytes_buf(id.data(), id.size());
    const auto ms = static_cast<std::uint64_t>(now_us / 1000);
    for (int i = 0; i < 6; ++i) id[static_cast<std::size_t>(i)] = static_cast<unsigned char>(ms >> (40 - 8 * i));
    id[6] = static_cast<unsigned char>(0x70 | (id[6] & 0x0f));
    id[8] = static_cast<unsigned char>(0x80 | (id[8] & 0x3f));
    const std::string digits = hex(id.data(), id.size());
    return digits.substr(0, 8) + '-' + digits.substr(8, 4) + '-' + digits.substr(12, 4) + '-' + digits.substr(16, 4) +
           '-' + digits.substr(20);
}

std::string random_hex(std::size_t bytes) {
    need_sodium();
    std::vector<unsigned char> random(bytes);
    randombytes_buf(random.data(), random.size());
    return hex(random.data(), random.size());
}

}  // namespace lar
