#include "answer_stream.h"

#include <utility>

namespace lar::cli {

Look look_of(const Session& session) { return Look{session.out, session.clock.now_us(), session.zone}; }

bool AnswerStream::take(const Event& event) {
    auto decoded = wire::from_json<wire::AskEvent>(event.data);
    if (!decoded) {
        failure_ = Failure(std::move(decoded).error());
        return false;
    }
    return std::visit([&](auto& one) { return handle(one); }, *decoded);
}

Outcome<wire::ApiAnswer> AnswerStream::end() {
    if (failure_) return std::unexpected(std::move(*failure_));
    if (session_.cancelled) return failed(Code::unavailable, "interrupted");
    if (!answer_)
        return failed(Code::unavailable, "lard ended the answer before it was whole", "`lar logs` may say why");
    // Where they differ from what was streamed: all once more.
    if (printed_ != answer_->sentences.size()) session_.out.print(sentences_text(*answer_, look_of(session_)));
    return std::move(*answer_);
}

bool AnswerStream::handle(const wire::AskSentence& event) {
    session_.out.print(sentence_text(event.sentence, look_of(session_)));
    ++printed_;
    return !session_.out.broken();
}

bool AnswerStream::handle(wire::AskDone& event) {
    answer_ = std::move(event.answer);
    return false;
}

bool AnswerStream::handle(const wire::AskFailed& event) {
    failure_ = Failure();
    failure_->code = event.error.code;
    failure_->message = event.error.message;
    failure_->hint = event.error.hint;
    return false;
}

Outcome<wire::ApiAnswer> streamed_answer(Session& session, Connection& lard, std::string_view target,
                                         std::string_view body) {
    AnswerStream answer(session);
    const auto reply = lard.stream("POST", target, body, [&](const Event& event) { return answer.take(event); });
    if (!reply) return std::unexpected(reply.error());
    if (reply->status < 200 || reply->status > 299) return std::unexpected(refusal(*reply));
    return answer.end();
}

Outcome<wire::ApiStored> answer_named(Connection& lard, const std::string& word) {
    std::string id = word;
    if (word == "last") {
        const auto latest = TRY(call<wire::ApiAnswers>(lard, "GET", "/lar/v1/answers?limit=1"));
        if (latest.answers.empty())
            return failed(Code::not_found, "there is no answer yet", "`lar ask \"question\"` gives one");
        id = latest.answers[0].answer.id;
    }
    return call<wire::ApiStored>(lard, "GET", "/lar/v1/answers/" + url_encoded(id));
}

}  // namespace lar::cli
