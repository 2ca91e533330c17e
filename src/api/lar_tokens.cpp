// Tokens: made, listed and revoked by the user alone, over the unix socket. One that leaked makes no others.
#include <optional>

#include "api/lar_routes.h"
#include "api/replies.h"

namespace lar::api {
namespace {

constexpr std::string_view list_hint = "'lar token list' lists them.";

std::optional<Error> refusal(const http::Request& request) {
    if (request.peer.transport == http::Transport::unix_socket) return std::nullopt;
    return Error{Code::denied, "tokens are made, listed and revoked over Lar's unix socket alone: use 'lar token'"};
}

}  // namespace

void LarRoutes::tokens(http::Request&& request, http::Responder responder) {
    if (const auto refused = refusal(request)) return answer_error(responder, *refused);
    reply(responder, rooms_.tokens.list());
}

void LarRoutes::create_token(http::Request&& request, http::Responder responder) {
    if (const auto refused = refusal(request)) return answer_error(responder, *refused);
    const auto made = [&]() -> Result<wire::ApiNewToken> {
        return rooms_.tokens.create(TRY(wire::from_json<wire::ApiTokenRequest>(request.body)));
    }();
    reply(responder, made, 201, list_hint);
}

void LarRoutes::revoke_token(http::Request&& request, http::Responder responder) {
    if (const auto refused = refusal(request)) return answer_error(responder, *refused);
    reply(responder, rooms_.tokens.revoke(path_parameter(request, "name")), 200, list_hint);
}

}  // namespace lar::api
