// Errors of the rooms as /lar/v1 says them: lar::Code ↔ status in one table, and the JSON of wire::ApiError.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "http/responder.h"

namespace lar::wire {
struct EngineFailed;
}

namespace lar::api {

int status_of(Code code);
// The code of that name, as workers say it; internal for any other.
Code code_named(std::string_view name);
Error error_of(const wire::EngineFailed& failed);
// What the HTTP side refuses (a missing token, a body too large) has a status and needs a code.
Code code_of(int status);

// The family's shape for what http/ refuses.
http::Response render_problem(const http::Problem& problem);
// The same as one text, for families whose errors have no place for a hint.
std::string text_of(const http::Problem& problem);
// Answers with the error; `hint` empty: a general one for its code.
void answer_error(http::Responder& responder, const Error& error, std::string_view hint = {});
std::string_view hint_for(Code code);

}  // namespace lar::api
