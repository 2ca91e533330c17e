// What is under way and takes minutes, told line by line as Ollama does: making a model, pulling one.
//
// The first line opens the stream, so that what is wrong before is an ordinary error; a client that wants no stream
// gets the end alone.
#pragma once

#include <utility>

#include "api/ollama_routes.h"
#include "http/events.h"
#include "http/responder.h"
#include "wire/codec.h"
#include "wire/ollama.h"

namespace lar::api {

class StatusLines {
public:
    StatusLines(http::Responder& responder, bool streams) : responder_(responder), streams_(streams) {}

    // False once nobody listens any more.
    bool say(const wire::OllamaStatus& status) {
        if (!streams_) return !responder_.cancelled();
        if (!std::exchange(open_, true) && !responder_.stream(http::json_lines_type)) return false;
        return responder_.write(http::to_json_line(wire::to_json(status)));
    }
    void fail_with(const Error& error) {
        if (!open_) return answer_ollama_error(responder_, error);
        responder_.write(http::to_json_line(wire::to_json(wire::OllamaError{error.message})));
        responder_.end();
    }
    void succeed() {
        if (!streams_) {
            responder_.json(200, wire::to_json(wire::OllamaStatus{.status = "success"}));
            return;
        }
        say({.status = "success"});
        responder_.end();
    }

private:
    http::Responder& responder_;
    bool streams_, open_ = false;
};

}  // namespace lar::api
