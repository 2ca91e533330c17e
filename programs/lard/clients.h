// Programs that may reach Lar over TCP, each by a token of its own: what it may reach, and how often it may ask.
//
// The user's own token, in the file `token` of the data directory, reaches everything. Others are made by name and kept
// as hashes in a file that only the user can read; who holds one can neither make nor list nor revoke any: that is
// asked for over the unix socket alone. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "api/tokens.h"
#include "base/result.h"
#include "base/time.h"
#include "http/gate.h"
#include "wire/tokens.h"

namespace lar::lard {

inline constexpr std::size_t limit_tokens = 1000;

class Clients final : public http::Gate, public api::Tokens {
public:
    struct Options {
        std::filesystem::path file;  // need not exist
        std::string own_token;
        bool wants_token_everywhere = false;
    };
    static Result<std::unique_ptr<Clients>> open(Options options, const Clock& clock, const Zone& zone);

    std::optional<http::Visitor> visitor(std::string_view token) override;
    bool wants_token_everywhere() const override { return options_.wants_token_everywhere; }

    Result<wire::ApiTokens> list() override;
    Result<wire::ApiNewToken> create(const wire::ApiTokenRequest& request) override;
    Result<wire::ApiToken> revoke(std::string_view name) override;

private:
    // So many requests at once, and more as time goes by (a token bucket).
    struct Allowance {
        double left = 0;
        std::int64_t at_us = 0;
    };

    Clients(Options options, const Clock& clock, const Zone& zone);
    Result<> keep(wire::KeptTokens tokens);
    std::optional<std::chrono::seconds> wait_of(const wire::ApiToken& about);

    const Options options_;
    const std::string own_hash_;
    const Clock& clock_;
    const Zone& zone_;
    std::mutex mutex_;
    wire::KeptTokens kept_;
    std::map<std::string, Allowance> allowances_;  // by name
};

}  // namespace lar::lard
