#include "api/ollama_routes.h"

#include <array>
#include <utility>

#include "api/ollama_shapes.h"
#include "base/build.h"
#include "base/format.h"
#include "base/log.h"
#include "wire/codec.h"

namespace lar::api {

using namespace on;

const Endpoint<OllamaRoutes> OllamaRoutes::table[] = {
    {"GET", "/", &OllamaRoutes::running, here},
    {"GET", "/api/version", &OllamaRoutes::version, here},

    {"POST", "/api/generate", &OllamaRoutes::generate, work_with_prompt},
    {"POST", "/api/chat", &OllamaRoutes::chat, work_with_prompt},
    {"POST", "/api/embed", &OllamaRoutes::embed, work_with_prompt},
    {"POST", "/api/embeddings", &OllamaRoutes::embeddings, work_with_prompt},

    {"GET", "/api/tags", &OllamaRoutes::tags, work},
    {"POST", "/api/show", &OllamaRoutes::show, work},
    {"GET", "/api/ps", &OllamaRoutes::ps, quick},
    // Hashing and copying a model takes minutes, in which searches go on.
    {"POST", "/api/create", &OllamaRoutes::create, slow_with_prompt},
    {"POST", "/api/copy", &OllamaRoutes::copy, work},
    {"DELETE", "/api/delete", &OllamaRoutes::remove, work},
    {"HEAD", "/api/blobs/{digest}", &OllamaRoutes::has_blob, work},

    {"POST", "/api/pull", &OllamaRoutes::pull, slow},
    {"POST", "/api/push", &OllamaRoutes::not_yet, here},
};

void OllamaRoutes::add_to(http::Router& router) {
    router.add_family({.prefix = "/api", .guarded = false, .render = render_ollama_problem, .origins = origins_});
    add_endpoints<OllamaRoutes>(router, *this, table);
    router.add_upload("POST", "/api/blobs/{digest}",
                      [this](const http::Request& request, std::optional<std::uint64_t> size_bytes) {
                          return receive_blob(request, size_bytes);
                      });
}

void OllamaRoutes::running(http::Request&&, http::Responder responder) {
    responder.send({200, "text/plain; charset=utf-8", "Ollama is running", {}});
}

void OllamaRoutes::version(http::Request&&, http::Responder responder) {
    responder.json(200, wire::to_json(wire::OllamaVersion{std::string(ollama_version), std::string(lar::version())}));
}

void OllamaRoutes::not_yet(http::Request&& request, http::Responder responder) {
    responder.json(501, wire::to_json(wire::OllamaError{
                            lar::format("{} is not in this Lar: it sends no model anywhere", request.path)}));
}

std::vector<std::string> default_origins() {
    std::vector<std::string> origins;
    for (const std::string_view host : {"localhost", "127.0.0.1", "0.0.0.0"})
        for (const std::string_view scheme : {"http", "https"}) {
            origins.push_back(lar::format("{}://{}", scheme, host));
            origins.push_back(lar::format("{}://{}:*", scheme, host));
        }
    for (const std::string_view scheme : {"app", "file", "tauri", "vscode-webview", "vscode-file"})
        origins.push_back(lar::format("{}://*", scheme));
    return origins;
}

void answer_ollama_error(http::Responder& responder, const Error& error) {
    // The message may quote the user; the log gets the code and the place in our source.
    http::Response response = ollama_refusal(failure_of(error));
    if (response.status == 500)
        log_error("api: {} from {}:{}", to_string(error.code), error.where.file_name(), error.where.line());
    responder.send(std::move(response));
}

}  // namespace lar::api
