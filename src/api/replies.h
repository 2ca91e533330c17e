// What most handlers do with a Result: say it as JSON, or say the error.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "api/errors.h"
#include "base/result.h"
#include "http/message.h"
#include "http/responder.h"
#include "wire/api.h"
#include "wire/codec.h"

namespace lar::api {

template <class T>
void reply(http::Responder& responder, const Result<T>& result, int status = 200, std::string_view hint_on_error = {}) {
    if (!result) return answer_error(responder, result.error(), hint_on_error);
    responder.json(status, wire::to_json(*result));
}

// The {name} of the route's pattern; the router put it there.
inline std::string_view path_parameter(const http::Request& request, std::string_view name) {
    const auto value = http::find_parameter(request.parameters, name);
    ASSERT(value.has_value());
    return *value;
}

}  // namespace lar::api
