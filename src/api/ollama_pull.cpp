// Fetching a model. That somebody asked for it is what lets Lar connect; nothing else here does.
#include <atomic>
#include <memory>

#include "api/ollama_routes.h"
#include "api/status_lines.h"

namespace lar::api {

void OllamaRoutes::pull(http::Request&& request, http::Responder responder) {
    const Result<wire::OllamaName> asked = wire::read_ollama_name(request.body);
    if (!asked) return answer_ollama_error(responder, asked.error());
    StatusLines lines(responder, asked->stream);
    // Shared: a client may go away when this has ended.
    const auto cancelled = std::make_shared<std::atomic<bool>>(false);
    responder.on_cancel([cancelled] { cancelled->store(true); });
    const Result<> pulled =
        puller_.pull({.name = asked->model, .insecure = asked->insecure, .trusted = request.peer.trusted}, *cancelled,
                     [&](const wire::OllamaStatus& status) -> Result<> {
                         return lines.say(status) ? Result<>() : fail(Code::unavailable, "cancelled");
                     });
    if (!pulled) return lines.fail_with(pulled.error());
    lines.succeed();
}

}  // namespace lar::api
