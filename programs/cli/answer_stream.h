// The stream of an answer: sentences are printed as they come, the rest is for whoever asked, when it is whole.
#pragma once

#include <cstddef>
#include <optional>

#include "commands.h"
#include "show.h"
#include "wire/api.h"

namespace lar::cli {

Look look_of(const Session& session);

class AnswerStream {
public:
    explicit AnswerStream(Session& session) : session_(session) {}

    bool take(const Event& event);
    // The whole answer. Its sentences have been printed, as they are in it.
    Outcome<wire::ApiAnswer> end();

private:
    bool handle(const wire::AskSentence& event);
    bool handle(const wire::AskCitation&) { return true; }  // shown below the answer, in order
    bool handle(wire::AskDone& event);
    bool handle(const wire::AskFailed& event);

    Session& session_;
    std::size_t printed_ = 0;
    std::optional<wire::ApiAnswer> answer_;
    std::optional<Failure> failure_;
};

// Posts the request and prints the sentences that stream back.
Outcome<wire::ApiAnswer> streamed_answer(Session& session, Connection& lard, std::string_view target,
                                         std::string_view body);

// An answer that was kept: by its id, or "last".
Outcome<wire::ApiStored> answer_named(Connection& lard, const std::string& word);

}  // namespace lar::cli
