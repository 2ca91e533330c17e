// How a family says an answer: what generation.h calls as the events of an engine come.
//
// A shape is made for one request. Streaming, it gives the bytes for each event; otherwise it remembers them and gives
// the whole at the end. Pure: no clock but the one passed in, no connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/thoughts.h"
#include "base/result.h"
#include "http/message.h"
#include "wire/engine.h"

namespace lar::api {

// Why there is no answer, or no more of it.
struct Failure {
    Code code = Code::internal;
    std::string message;
    std::uint32_t prompt_tokens = 0, context_tokens = 0;  // when it did not fit
    bool too_long() const { return code == Code::too_large && context_tokens > 0; }
};
Failure failure_of(const Error& error);
Failure failure_of(const wire::EngineFailed& failed);

// What generation.h measured besides what the engine says.
struct Totals {
    std::int64_t total_us = 0, load_us = 0;
    std::uint32_t dropped_messages = 0;
};

class Shape {
public:
    virtual ~Shape() = default;
    virtual bool streams() const = 0;
    virtual std::string_view stream_type() const = 0;
    virtual std::string begun(std::size_t choice) = 0;  // the prompt of a choice is in the window
    virtual std::string piece(std::size_t choice, const wire::Piece& piece, const Thoughts::Text& text) = 0;
    virtual std::string finished(std::size_t choice, const wire::Finished& finished, const Thoughts::Text& rest,
                                 const Totals& totals) = 0;
    virtual std::string end() = 0;                              // behind the last choice
    virtual std::string whole() = 0;                            // instead of all these, when it does not stream
    virtual std::string broke_off(const Failure& failure) = 0;  // within a stream
    virtual http::Response refused(const Failure& failure) = 0;
    // The model was only loaded (or let go), as asked.
    virtual http::Response done_without_prompt(bool unloaded, const Totals& totals) = 0;
};

}  // namespace lar::api
