// Whether a process may make a socket, or connect one: the kernel asks, lard answers.
//
// lar-spawner's filter (Policy::allow_sockets_with_leave) is inherited by every worker, so socket() and connect() of
// the spawner and of whatever it starts stop in the kernel until whoever holds the descriptor of the questions has said
// yes or no. All other workers end at either call before that, by filters of their own. When that descriptor closes, as
// it does when lard ends, every question is answered with no.
//
//     if (const auto question = TRY(next_question(questions)))      // when the descriptor can be read
//         TRY_VOID(answer(questions, *question, may(question->thread) ? Leave::given : Leave::refused));
//
// A yes lets the kernel go on with the call as it was made. That is safe here because the answer rests on who asks, and
// the filter has looked at the family and the kind of the socket, numbers in registers, before; it would not be if it
// rested on what is behind a pointer, which the caller can change meanwhile.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "base/fd.h"
#include "base/result.h"

namespace lar::sandbox {

struct Question {
    std::uint64_t id = 0;
    pid_t thread = 0;  // of whom it comes; the process, where that has one thread
};

// Never waits: nothing when there is none, or it was taken back meanwhile. unavailable once nobody is left who could
// ask.
Result<std::optional<Question>> next_question(const Fd& questions);

enum class Leave { given, refused };
// One whose process is gone is no error.
Result<> answer(const Fd& questions, const Question& question, Leave leave);

}  // namespace lar::sandbox
