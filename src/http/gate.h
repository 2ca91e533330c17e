// Whose request over TCP this is: what the token that it presents stands for. This room asks; whoever keeps tokens
// answers (programs/lard/clients.h).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace lar::http {

struct Visitor {
    std::string name;
    bool may_use_guarded = false;              // families that reach the user's memory, besides the others
    std::optional<std::chrono::seconds> wait;  // it has asked too often, and is to come back then
};

class Gate {
public:
    virtual ~Gate() = default;
    // On the I/O thread, once for each request that presents a token. nullopt: nobody's.
    virtual std::optional<Visitor> visitor(std::string_view token) = 0;
    // Whether families that are not guarded want a token, too.
    virtual bool wants_token_everywhere() const = 0;
};

}  // namespace lar::http
