// Tokens of programs that reach Lar over TCP: /lar/v1/tokens, and the file that lard keeps them in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lar::wire {

struct ApiTokenRequest {
    std::string name;              // what `lar token list` calls it
    std::string scope = "chat";    // chat: models alone; memory: all that the user's own token reaches
    std::uint32_t per_minute = 0;  // requests; 0: as many as it likes
};
struct ApiToken {
    std::string name, scope;
    std::uint32_t per_minute = 0;
    std::string created;  // RFC 3339
};
struct ApiTokens {
    std::vector<ApiToken> tokens;
};
struct ApiNewToken {
    std::string token;  // said this once
    ApiToken about;
};

// As kept: never the token itself.
struct KeptToken {
    std::string hash;  // of base/identity.h
    ApiToken about;
};
struct KeptTokens {
    std::vector<KeptToken> tokens;
};

}  // namespace lar::wire
