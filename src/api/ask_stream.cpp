#include "api/ask_stream.h"

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "http/events.h"
#include "wire/codec.h"

namespace lar::api {
namespace {

std::string_view name_of(const wire::AskEvent& event) {
    return std::visit(
        []<class T>(const T&) -> std::string_view {
            if constexpr (std::is_same_v<T, wire::AskSentence>) return "sentence";
            if constexpr (std::is_same_v<T, wire::AskCitation>) return "citation";
            if constexpr (std::is_same_v<T, wire::AskDone>) return "answer";
            if constexpr (std::is_same_v<T, wire::AskFailed>) return "error";
        },
        event);
}

}  // namespace

bool AskStream::take(const wire::AskEvent& event) {
    if (shape_ == AnswerShape::whole || std::holds_alternative<wire::AskDone>(event)) return !responder_.cancelled();
    return send(event);
}

bool AskStream::send(const wire::AskEvent& event) {
    if (!std::exchange(open_, true) && !responder_.stream(http::event_stream_type)) return false;
    return responder_.write(http::to_event(name_of(event), wire::to_json(event)));
}

void AskStream::fail_with(const Error& error, std::string_view hint) {
    if (!open_) return answer_error(responder_, error, hint);
    send(wire::AskFailed{
        {std::string(to_string(error.code)), error.message, std::string(hint.empty() ? hint_for(error.code) : hint)}});
    responder_.end();
}

void AskStream::finish(const wire::ApiAnswer& answer) {
    if (shape_ == AnswerShape::whole) {
        responder_.json(200, wire::to_json(answer));
        return;
    }
    send(wire::AskDone{answer});
    responder_.end();
}

}  // namespace lar::api
