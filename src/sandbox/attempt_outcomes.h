// One attempt, made by the process that calls; between attempts.cpp, which knows them, and proof.cpp.
#pragma once

#include <string_view>

#include "sandbox/attempts.h"

namespace lar::sandbox {

inline constexpr int exit_not_tried = 255;

// Locks down (unless lock_down is null), calls begins() and makes the attempt: its errno, 0 when it got through, or
// exit_not_tried. May not return: the kernel ends the process, or another program takes its place.
int make_attempt(std::string_view name, const Targets& targets, const LockDown& lock_down,
                 const std::function<void()>& begins);
AttemptOutcome outcome_of(int error);

}  // namespace lar::sandbox
