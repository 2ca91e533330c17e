// /v1: what programs written for OpenAI's API ask for. One table from method and path to handler; who is let in and
// where the work is done is as with /api (ollama_routes.h).
#pragma once

#include <string>
#include <vector>

#include "api/model_rooms.h"
#include "api/route_table.h"
#include "http/router.h"

namespace lar::api {

class OpenAiRoutes {
public:
    OpenAiRoutes(ModelRooms rooms, std::vector<std::string> origins)
        : rooms_(std::move(rooms)), origins_(std::move(origins)) {}
    void add_to(http::Router& router);  // the routes must outlive its server

private:
    static const Endpoint<OpenAiRoutes> table[];

    void models(http::Request&&, http::Responder);
    void model(http::Request&&, http::Responder);
    void chat(http::Request&&, http::Responder);
    void completion(http::Request&&, http::Responder);
    void embeddings(http::Request&&, http::Responder);
    void not_yet(http::Request&&, http::Responder);

    ModelRooms rooms_;
    std::vector<std::string> origins_;
};

}  // namespace lar::api
