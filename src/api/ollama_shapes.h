// Answers as /api gives them: lines of JSON, or one object; errors as {"error":"…"}.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/shape.h"
#include "base/time.h"
#include "wire/ollama.h"

namespace lar::api {

enum class OllamaKind : std::uint8_t { generate, chat };

inline constexpr std::int64_t ns_per_us = 1000;

struct OllamaAsked {
    std::string model;
    OllamaKind kind = OllamaKind::generate;
    bool stream = true;
    bool with_context = false;  // tells the tokens to go on from
};
std::unique_ptr<Shape> ollama_shape(OllamaAsked asked, const Clock& clock);

// A failure's status and body; what does not fit the window is the client's to change: 400.
http::Response ollama_refusal(const Failure& failure);
// http's refusals in this family's shape.
http::Response render_ollama_problem(const http::Problem& problem);
// "2026-11-21T14:03:00.123456Z"
std::string ollama_time(std::int64_t us);

}  // namespace lar::api
