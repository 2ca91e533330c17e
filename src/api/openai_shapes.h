// Answers as /v1 gives them: one object, or server-sent events that end with [DONE]; errors as
// {"error":{message,type,…}}.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/shape.h"
#include "wire/openai.h"

namespace lar::api {

struct OpenAiAsked {
    std::string model;
    std::string id;            // "chatcmpl-…"
    std::int64_t created = 0;  // seconds
    bool stream = false, include_usage = false;
    std::uint32_t prompts = 1;        // of the choices; each prompt is counted once
    std::vector<std::string> echoes;  // one for each choice; may be empty
};
std::unique_ptr<Shape> openai_chat_shape(OpenAiAsked asked);
std::unique_ptr<Shape> openai_text_shape(OpenAiAsked asked);

http::Response openai_refusal(const Failure& failure);
http::Response openai_error(int status, std::string message, std::string_view code = {}, std::string_view param = {});
http::Response render_openai_problem(const http::Problem& problem);

// The numbers as little-endian 32-bit floats, in base64.
std::string to_base64(const std::vector<float>& values);

}  // namespace lar::api
