#include "clients.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/fd.h"
#include "base/format.h"
#include "base/identity.h"
#include "base/text.h"
#include "wire/codec.h"

namespace lar::lard {
namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::string_view token_prefix = "lar_";  // so that whoever looks for leaked secrets knows one
constexpr std::size_t limit_name_bytes = 64;
constexpr std::size_t limit_file_bytes = 4 * 1024 * 1024;
constexpr std::uint32_t limit_per_minute = 1'000'000;
constexpr std::array<std::string_view, 2> scopes{"chat", "memory"};

Result<> check(const wire::ApiTokenRequest& request) {
    const bool printable_name =
        !request.name.empty() && request.name.size() <= limit_name_bytes &&
        std::ranges::all_of(request.name, [](char c) {
            return is_digit(c) || is_lower(c) || is_upper(c) || c == '-' || c == '_' || c == '.';
        });
    if (!printable_name)
        return fail(Code::invalid,
                    lar::format("a token's name has 1 to {} letters, digits, '-', '_' and '.'", limit_name_bytes));
    if (!std::ranges::contains(scopes, std::string_view(request.scope)))
        return fail(Code::invalid,
                    lar::format("'{}' is no scope: use chat (models alone) or memory (all that you reach)",
                                printable(request.scope)));
    if (request.per_minute > limit_per_minute)
        return fail(Code::invalid, lar::format("per_minute is a number from 0 to {}", limit_per_minute));
    return {};
}

}  // namespace

Clients::Clients(Options options, const Clock& clock, const Zone& zone)
    : options_(std::move(options)), own_hash_(hash_hex(options_.own_token)), clock_(clock), zone_(zone) {}

Result<std::unique_ptr<Clients>> Clients::open(Options options, const Clock& clock, const Zone& zone) {
    auto clients = std::unique_ptr<Clients>(new Clients(std::move(options), clock, zone));
    const std::filesystem::path& file = clients->options_.file;
    const Result<std::string> text = read_file(file, limit_file_bytes);
    if (!text && text.error().code == Code::not_found) return clients;
    if (!text) return std::unexpected(text.error());
    Result<wire::KeptTokens> kept = wire::from_json<wire::KeptTokens>(*text);
    if (!kept)
        return fail(Code::corrupt,
                    lar::format("{} is damaged: {}. Remove it to revoke every token that 'lar token' made",
                                file.string(), kept.error().message));
    clients->kept_ = std::move(*kept);
    return clients;
}

std::optional<http::Visitor> Clients::visitor(std::string_view token) {
    // Hashes are compared, of which nobody can choose the first bytes: how long that takes tells nothing of a token.
    const std::string hash = hash_hex(token);
    if (hash == own_hash_) return http::Visitor{.name = "the user's own", .may_use_guarded = true};
    const std::lock_guard lock(mutex_);
    const auto known = std::ranges::find(kept_.tokens, hash, &wire::KeptToken::hash);
    if (known == kept_.tokens.end()) return std::nullopt;
    return http::Visitor{
        .name = known->about.name, .may_use_guarded = known->about.scope == "memory", .wait = wait_of(known->about)};
}

// The mutex is held.
std::optional<std::chrono::seconds> Clients::wait_of(const wire::ApiToken& about) {
    if (about.per_minute == 0) return std::nullopt;
    constexpr double minute_us = 60e6;
    const double most = about.per_minute;
    const std::int64_t now_us = clock_.monotonic_us();
    const auto [at, fresh] = allowances_.try_emplace(about.name, Allowance{.left = most, .at_us = now_us});
    Allowance& allowance = at->second;
    allowance.left = std::min(most, allowance.left + static_cast<double>(now_us - allowance.at_us) * most / minute_us);
    allowance.at_us = now_us;
    if (allowance.left >= 1) {
        allowance.left -= 1;
        return std::nullopt;
    }
    return std::chrono::seconds(static_cast<std::int64_t>(std::ceil((1 - allowance.left) * minute_us / most / 1e6)));
}

Result<> Clients::keep(wire::KeptTokens tokens) {
    TRY_VOID(write_file_atomically(options_.file, wire::to_json(tokens)));
    kept_ = std::move(tokens);
    return {};
}

Result<wire::ApiTokens> Clients::list() {
    const std::lock_guard lock(mutex_);
    wire::ApiTokens list;
    for (const wire::KeptToken& one : kept_.tokens) list.tokens.push_back(one.about);
    return list;
}

Result<wire::ApiNewToken> Clients::create(const wire::ApiTokenRequest& request) {
    TRY_VOID(check(request));
    const std::lock_guard lock(mutex_);
    const auto same_name = [&](const wire::KeptToken& one) { return one.about.name == request.name; };
    if (std::ranges::any_of(kept_.tokens, same_name))
        return fail(Code::conflict, lar::format("there is a token '{}' already; revoke it first", request.name));
    if (kept_.tokens.size() >= limit_tokens)
        return fail(Code::too_large, lar::format("there are {} tokens already; revoke some", limit_tokens));
    const std::int64_t now_us = clock_.now_us();
    wire::ApiNewToken made{.token = std::string(token_prefix) + random_hex(token_bytes),
                           .about = {.name = request.name,
                                     .scope = request.scope,
                                     .per_minute = request.per_minute,
                                     .created = to_rfc3339({.us = now_us, .offset_min = zone_.offset_min_at(now_us)})}};
    wire::KeptTokens tokens = kept_;
    tokens.tokens.push_back({.hash = hash_hex(made.token), .about = made.about});
    TRY_VOID(keep(std::move(tokens)));
    return made;
}

Result<wire::ApiToken> Clients::revoke(std::string_view name) {
    const std::lock_guard lock(mutex_);
    wire::KeptTokens tokens = kept_;
    const auto known = std::ranges::find(tokens.tokens, name,
                                         [](const wire::KeptToken& one) -> std::string_view { return one.about.name; });
    if (known == tokens.tokens.end())
        return fail(Code::not_found, lar::format("there is no token '{}'", printable(name)));
    wire::ApiToken revoked = known->about;
    tokens.tokens.erase(known);
    TRY_VOID(keep(std::move(tokens)));
    allowances_.erase(revoked.name);
    return revoked;
}

}  // namespace lar::lard
