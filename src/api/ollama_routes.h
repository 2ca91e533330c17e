// /api: what programs written for Ollama ask for. One table from method and path to handler.
//
// Over TCP it needs no token: it reaches models and nothing of the user's memory. What names files of the user (create
// from a path or a Modelfile) is for clients that could read them anyway: those on the unix socket or with the token.
// Pulling is for everybody as far as the usual servers go; another one only the latter may name.
// A handler reads its request on a thread of the pool and hands it to the I/O thread, where engines are.
#pragma once

#include "api/model_rooms.h"
#include "api/route_table.h"
#include "http/router.h"
#include "models/pull.h"

namespace lar::api {

// The version of Ollama whose endpoints these are; clients compare it.
inline constexpr std::string_view ollama_version = "0.33.0";

class OllamaRoutes {
public:
    // `origins`: pages that may use models, besides those of this machine's own programs (see default_origins).
    OllamaRoutes(ModelRooms rooms, models::Puller& puller, std::vector<std::string> origins)
        : rooms_(std::move(rooms)), puller_(puller), origins_(std::move(origins)) {}

    // Also "/", which says that Ollama is running: clients look for those words. The routes must outlive the router's
    // server.
    void add_to(http::Router& router);

private:
    static const Endpoint<OllamaRoutes> table[];

    void running(http::Request&&, http::Responder);
    void version(http::Request&&, http::Responder);
    void not_yet(http::Request&&, http::Responder);

    // ollama_text.cpp
    void generate(http::Request&&, http::Responder);
    void chat(http::Request&&, http::Responder);
    void embed(http::Request&&, http::Responder);
    void embeddings(http::Request&&, http::Responder);

    // ollama_models.cpp
    void tags(http::Request&&, http::Responder);
    void show(http::Request&&, http::Responder);
    void ps(http::Request&&, http::Responder);
    void copy(http::Request&&, http::Responder);
    void remove(http::Request&&, http::Responder);

    // ollama_pull.cpp
    void pull(http::Request&&, http::Responder);

    // ollama_create.cpp
    void create(http::Request&&, http::Responder);
    void has_blob(http::Request&&, http::Responder);
    http::Upload receive_blob(const http::Request& request, std::optional<std::uint64_t> size_bytes);

    ModelRooms rooms_;
    models::Puller& puller_;
    std::vector<std::string> origins_;
};

// Pages of programs on this machine, as Ollama lets them in: localhost on any port, app://, tauri://, editors' views.
std::vector<std::string> default_origins();

// Both families' way of saying an error of a room.
void answer_ollama_error(http::Responder& responder, const Error& error);

}  // namespace lar::api
