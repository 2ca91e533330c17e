#include "service.h"

#include <string.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "authorities.h"
#include "base/build.h"
#include "base/format.h"
#include "base/sha256.h"
#include "lookup.h"
#include "order.h"
#include "transfer.h"
#include "wire/handoff.h"

namespace lar::courier {
namespace {

constexpr std::size_t limit_order_descriptors = 3;

// All of it, in memory: what is sent afterwards is what was hashed, whoever writes to the descriptor meanwhile.
Result<std::string> approved_payload(const wire::Order& order, const Fd& payload) {
    std::string bytes(order.payload_bytes, '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t n = ::pread(payload.number(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno("cannot read what is to be sent", errno);
        if (n == 0) break;
        done += static_cast<std::size_t>(n);
    }
    if (done != bytes.size() || sha256_hex(bytes) != order.payload_sha256)
        return fail(Code::conflict, "what was to be sent is not what was approved, and nothing was sent");
    return bytes;
}

// In memory until the order is carried out, and wiped then.
class Secret {
public:
    explicit Secret(std::string& text) : text_(text) {}
    ~Secret() { ::explicit_bzero(text_.data(), text_.size()); }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;

private:
    std::string& text_;
};

Result<> read_secret(const Fd& file, std::string& secret) {
    secret.assign(wire::limit_provider_key_bytes + 1, '\0');
    const ssize_t n = ::pread(file.number(), secret.data(), secret.size(), 0);
    secret.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    if (secret.size() > wire::limit_provider_key_bytes || !is_header_value(secret))
        return fail(Code::invalid, "the key does not read as one, and nothing was sent");
    return {};
}

}  // namespace

Result<> Service::say(const wire::CourierEvent& event) { return ipc::send(channel_, event); }

Result<wire::CourierDelivered> Service::carry_out(const wire::Order& order, std::vector<Fd> descriptors, Tally& tally) {
    TRY_VOID(validate(order));
    const bool has_secret = !order.secret_header.empty();
    const std::size_t wanted = (order.sends_payload ? 1U : 0U) + (order.writes_file ? 1U : 0U) + (has_secret ? 1U : 0U);
    if (descriptors.size() != wanted) return fail(Code::corrupt, "an order without what belongs to it");
    Cargo cargo;
    const Secret wiped(cargo.secret);
    if (has_secret) {
        TRY_VOID(read_secret(descriptors.back(), cargo.secret));
        descriptors.pop_back();
    }
    if (order.sends_payload) cargo.payload = TRY(approved_payload(order, descriptors.front()));
    if (order.writes_file) {
        cargo.file = std::move(descriptors.back());
        if (::lseek(cargo.file.number(), static_cast<off_t>(order.from_bytes), SEEK_SET) < 0)
            return fail_errno("cannot go on with the file", errno);
    }
    Libcurl libcurl = TRY(prepare_libcurl());
    TRY_VOID(lock_down_.to_look_up(order));
    cargo.authorities = TRY(read_authorities(order));
    const std::vector<std::string> addresses = TRY(look_up(order));
    const sandbox::Layers layers = TRY(lock_down_.to_talk(order));
    TRY_VOID(say(wire::CourierUnderWay{.layers = sandbox::to_string(layers), .addresses = addresses}));
    return carry(
        libcurl, order, cargo, addresses, [&](std::uint64_t bytes_in) { return say(wire::CourierProgress{bytes_in}); },
        tally);
}

Result<> Service::run() {
    TRY_VOID(say(wire::CourierReady{.build = std::string(build_id())}));
    auto request = ipc::receive_with_descriptors<wire::CourierRequest>(channel_, limit_order_descriptors);
    if (!request) {
        // lard thought better of it: that is no mistake.
        if (request.error().code == Code::unavailable) return {};
        return std::unexpected(request.error());
    }
    Tally tally;
    Result<wire::CourierDelivered> delivered =
        carry_out(std::get<wire::Order>(request->message), std::move(request->descriptors), tally);
    if (delivered) return say(std::move(*delivered));
    return say(wire::CourierFailed{.code = std::string(to_string(delivered.error().code)),
                                   .message = delivered.error().message,
                                   .bytes_in = tally.bytes_in,
                                   .bytes_out = tally.bytes_out,
                                   .address = tally.address});
}

}  // namespace lar::courier
