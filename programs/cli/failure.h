// How a command of `lar` ends, and how it says what went wrong: one sentence and a hint on standard error.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/result.h"

namespace lar::cli {

enum class Exit : int {
    ok = 0,
    error = 1,
    usage = 2,
    not_found = 3,  // nothing in your sources
};

struct Failure {
    Exit exit = Exit::error;
    std::string code;  // a name of lar::Code
    std::string message;
    std::string hint;  // what to do; may be empty

    Failure() = default;
    Failure(Exit exit_, Code code_, std::string message_, std::string hint_ = {})
        : exit(exit_), code(to_string(code_)), message(std::move(message_)), hint(std::move(hint_)) {}
    // What a room of ours says becomes what the program says.
    Failure(Error error)
        : code(to_string(error.code)), message(std::move(error.message)) {}  // NOLINT: meant to convert
};

template <class T = void>
using Outcome = std::expected<T, Failure>;

inline std::unexpected<Failure> wrong_usage(std::string message, std::string hint = {}) {
    return std::unexpected(Failure(Exit::usage, Code::invalid, std::move(message), std::move(hint)));
}
inline std::unexpected<Failure> failed(Code code, std::string message, std::string hint = {}) {
    return std::unexpected(Failure(Exit::error, code, std::move(message), std::move(hint)));
}

}  // namespace lar::cli
