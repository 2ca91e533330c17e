// Tokens of programs that reach Lar over TCP, which programs/lard keeps.
#pragma once

#include <string_view>

#include "base/result.h"
#include "wire/tokens.h"

namespace lar::api {

class Tokens {
public:
    virtual ~Tokens() = default;
    // Any thread.
    virtual Result<wire::ApiTokens> list() = 0;
    virtual Result<wire::ApiNewToken> create(const wire::ApiTokenRequest& request) = 0;
    virtual Result<wire::ApiToken> revoke(std::string_view name) = 0;
};

}  // namespace lar::api
