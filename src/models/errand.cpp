#include "models/errand.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/build.h"
#include "base/format.h"
#include "base/text.h"
#include "wire/codec.h"

namespace lar::models {
namespace {

constexpr int limit_redirects = 5;
constexpr std::uint32_t text_s = 60;
constexpr std::uint32_t file_s = 7 * 24 * 3600;  // that it makes no progress ends it long before
constexpr std::size_t limit_token_bytes = 7000;

bool is_redirect(std::uint32_t status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::unexpected<Error> answered_with(std::uint32_t status, std::string_view host, std::string_view what) {
    switch (status) {
        case 401:
        case 403:
            return fail(Code::denied, lar::format("{}: {} does not give it to everybody ({})", what, host, status));
        case 404:
        case 410: return fail(Code::not_found, lar::format("{}: file does not exist", what));
        case 408:
        case 425:
        case 429:
            return fail(Code::unavailable, lar::format("{}: {} asks to come back later ({})", what, host, status));
        default:
            return fail(status >= 500 ? Code::unavailable : Code::invalid,
                        lar::format("{}: {} answered with status {}", what, host, status));
    }
}

}  // namespace

// Where the body goes: into the answer, or onto the end of a file.
struct Errand::Body {
    std::uint32_t limit_s = text_s;
    std::uint64_t from_bytes = 0, limit_bytes = wire::limit_reply_bytes;
    int file = -1;
    std::string expected_sha256;
    std::function<void(std::uint64_t)> progress;
};

wire::Order Errand::order_to(const WebAddress& at, std::string_view accept, const Body& body) const {
    wire::Order order{.scheme = at.scheme,
                      .host = at.host,
                      .port = at.port,
                      .target = at.target,
                      .headers = {{"User-Agent", lar::format("lar/{}", version())}, {"Accept", std::string(accept)}},
                      .writes_file = body.file >= 0,
                      .from_bytes = body.from_bytes,
                      .limit_bytes = body.limit_bytes,
                      .expected_sha256 = body.expected_sha256,
                      .limit_s = body.limit_s};
    if (!same_server(at, server_)) {
        if (usual_ && !is_this_machine(server_.host)) order.reach = wire::Reach::internet;
        return order;
    }
    const std::lock_guard lock(mutex_);
    if (!token_.empty()) order.headers.push_back({"Authorization", "Bearer " + token_});
    return order;
}

Result<WebAddress> Errand::next_of(const WebAddress& at, const wire::CourierDelivered& redirect) const {
    const Result<WebAddress> next = parse_web_address(redirect.location);
    if (!next) return fail(Code::corrupt, lar::format("{} sends on to where nothing is", at.host));
    const bool among_ourselves = is_this_machine(at.host) && is_this_machine(next->host);
    if (next->scheme == wire::Scheme::https ? is_this_machine(next->host) && !among_ourselves : !among_ourselves)
        return fail(Code::denied, lar::format("{} sends on to {}, where Lar does not follow", at.host, next->host));
    return next;
}

Result<> Errand::take_token(const std::string& challenge) {
    const WebAddress address = TRY(token_address(challenge, server_));
    wire::Order order = order_to(address, "application/json", {});
    std::erase_if(order.headers, [](const wire::OrderHeader& header) { return header.name == "Authorization"; });
    const wire::CourierDelivered got = TRY(courier_.carry(order, {}, {.cancelled = &cancelled_}));
    if (got.status != 200) return answered_with(got.status, address.host, "a token");
    const Result<wire::RegistryToken> read = wire::from_json<wire::RegistryToken>(got.body);
    std::string token = read ? read->token.value_or(read->access_token.value_or("")) : "";
    const auto fits = [](char c) { return c > ' ' && c < 0x7f; };
    if (token.empty() || token.size() > limit_token_bytes || !std::ranges::all_of(token, fits))
        return fail(Code::corrupt, lar::format("{} sends a token that is none", address.host));
    const std::lock_guard lock(mutex_);
    token_ = std::move(token);
    return {};
}

Result<wire::CourierDelivered> Errand::ask(std::string_view target, std::string_view accept, const Body& body) {
    WebAddress at = server_;
    at.target = target;
    bool asked_for_token = false;
    for (int redirects = 0; redirects <= limit_redirects;) {
        const std::array<int, 1> file{body.file};
        wire::CourierDelivered got =
            TRY(courier_.carry(order_to(at, accept, body), std::span(file).first(body.file >= 0 ? 1 : 0),
                               {.cancelled = &cancelled_, .progress = body.progress}));
        if (got.status == 401 && same_server(at, server_) && !asked_for_token) {
            asked_for_token = true;  // none yet, or an old one
            TRY_VOID(take_token(got.authenticate));
        } else if (is_redirect(got.status)) {
            at = TRY(next_of(at, got));
            ++redirects;
        } else {
            return got;
        }
    }
    return fail(Code::unavailable, lar::format("{} sends on and on", server_.host));
}

Result<std::string> Errand::text(std::string_view target, std::string_view accept, std::string_view what) {
    wire::CourierDelivered got = TRY(ask(target, accept, {}));
    if (got.status != 200) return answered_with(got.status, server_.host, what);
    return std::move(got.body);
}

Result<> Errand::bytes(std::string_view target, PartialBlob& blob,
                       const std::function<void(std::uint64_t bytes_in)>& progress) {
    Body body{
        .limit_s = file_s, .from_bytes = TRY(blob.bytes_there()), .file = blob.descriptor(), .progress = progress};
    body.limit_bytes = blob.size_bytes() - body.from_bytes;
    if (body.from_bytes == 0) body.expected_sha256 = blob.hex();
    const wire::CourierDelivered got = TRY(ask(target, "application/octet-stream, */*", body));
    if (got.status == 416 || got.whole_file) {
        // It cannot go on in the middle, or never had so much: from the beginning then.
        TRY_VOID(blob.restart());
        return got.whole_file ? bytes(target, blob, progress)
                              : fail(Code::unavailable, lar::format("{} has less than it promised", server_.host));
    }
    if (got.status != 200 && got.status != 206)
        return answered_with(got.status, server_.host, lar::format("sha256:{}", blob.hex()));
    if (TRY(blob.bytes_there()) < blob.size_bytes())
        return fail(Code::unavailable, lar::format("{} sent less than it promised", server_.host));
    return {};
}

}  // namespace lar::models
