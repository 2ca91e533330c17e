#include "documents/own_iconv.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/text.h"

namespace lar::documents {
namespace {

// The only conversion that there is; iconv_t is a pointer, and this is what it points to.
int utf8_to_utf16le = 0;

struct Decoded {
    std::uint32_t point = 0;
    std::size_t length = 0;  // 0: ill-formed
};
Decoded decode(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char lead = byte(0);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length > text.size() || !is_utf8(text.substr(0, length))) return {};
    std::uint32_t point = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t at = 1; at < length; ++at) point = point << 6 | (byte(at) & 0x3F);
    return {point, length};
}

}  // namespace

void use_own_iconv() {}

}  // namespace lar::documents

// Found before the C library's by the shared libraries of this program, because the program comes first.
extern "C" void* iconv_open(const char* to, const char* from) {
    if (std::string_view(to) == "UTF-16LE" && std::string_view(from) == "UTF-8")
        return &lar::documents::utf8_to_utf16le;
    errno = EINVAL;
    return reinterpret_cast<void*>(std::intptr_t{-1});
}

extern "C" int iconv_close(void*) { return 0; }

extern "C" std::size_t iconv(void*, char** in, std::size_t* in_left, char** out, std::size_t* out_left) {
    constexpr auto failed = static_cast<std::size_t>(-1);
    if (in == nullptr || *in == nullptr) return 0;  // back to the beginning, where we always are
    const auto put = [&](std::uint32_t unit) {
        (*out)[0] = static_cast<char>(unit & 0xFF);
        (*out)[1] = static_cast<char>(unit >> 8);
        *out += 2;
        *out_left -= 2;
    };
    while (*in_left > 0) {
        const lar::documents::Decoded decoded = lar::documents::decode({*in, *in_left});
        if (decoded.length == 0) {
            errno = EILSEQ;
            return failed;
        }
        const bool pair = decoded.point >= 0x10000;
        if (*out_left < (pair ? 4U : 2U)) {
            errno = E2BIG;
            return failed;
        }
        if (pair) {
            put(0xD800 + ((decoded.point - 0x10000) >> 10));
            put(0xDC00 + ((decoded.point - 0x10000) & 0x3FF));
        } else {
            put(decoded.point);
        }
        *in += decoded.length;
        *in_left -= decoded.length;
    }
    return 0;
}
