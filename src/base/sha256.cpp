#include "base/sha256.h"

#include <sodium.h>

#include "base/result.h"

namespace lar {
namespace {

crypto_hash_sha256_state* state_in(std::array<std::byte, 104>& bytes) {
    static_assert(sizeof(crypto_hash_sha256_state) <= sizeof bytes);
    static_assert(alignof(crypto_hash_sha256_state) <= alignof(std::uint64_t));
    return reinterpret_cast<crypto_hash_sha256_state*>(bytes.data());
}

}  // namespace

Sha256::Sha256() { crypto_hash_sha256_init(state_in(state_)); }

void Sha256::add(std::string_view bytes) {
    crypto_hash_sha256_update(state_in(state_), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

std::string Sha256::finish() {
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256_final(state_in(state_), digest.data());
    std::string out(digest.size() * 2 + 1, '\0');  // sodium writes a zero behind
    ASSERT(sodium_bin2hex(out.data(), out.size(), digest.data(), digest.size()) != nullptr);
    out.pop_back();
    return out;
}

std::string sha256_hex(std::string_view bytes) {
    Sha256 hash;
    hash.add(bytes);
    return hash.finish();
}

}  // namespace lar
