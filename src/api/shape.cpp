#include "api/shape.h"

#include "api/errors.h"

namespace lar::api {

Failure failure_of(const Error& error) { return {.code = error.code, .message = error.message}; }

Failure failure_of(const wire::EngineFailed& failed) {
    return {code_named(failed.code), failed.message, failed.prompt_tokens, failed.context_tokens};
}

}  // namespace lar::api
