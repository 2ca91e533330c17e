// The stream of one answer, opened with its first event, so that what fails before is an ordinary error.
#pragma once

#include <string_view>

#include "api/errors.h"
#include "http/responder.h"
#include "wire/api.h"

namespace lar::api {

enum class AnswerShape : bool { whole, stream };

class AskStream {
public:
    AskStream(http::Responder& responder, AnswerShape shape) : responder_(responder), shape_(shape) {}

    // For answer::Sink. The whole answer is not sent from here: it goes out with finish(), when it is kept, so that
    // `lar open` finds what the user just read. False: nobody listens any more.
    bool take(const wire::AskEvent& event);
    void fail_with(const Error& error, std::string_view hint = {});
    void finish(const wire::ApiAnswer& answer);

private:
    bool send(const wire::AskEvent& event);

    http::Responder& responder_;
    AnswerShape shape_;
    bool open_ = false;
};

}  // namespace lar::api
