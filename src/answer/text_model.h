// A model that writes, as this room sees it: programs/lard implements it over an engine, tests by a script.
//
//     auto model = TRY(models.open("llama3.2", gone));       // waits until it is loaded
//     TRY(model->write(request, [&](std::string_view piece) { …; return true; }))
//
// Calls wait, on any thread but the engine's own. The lease on the engine is the TextModel's: it ends with it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "answer/prompt.h"
#include "base/result.h"
#include "wire/engine.h"

namespace lar::answer {

// What became of a request: counts and how it ended, without its text.
struct Written {
    wire::FinishReason reason = wire::FinishReason::end;
    std::uint32_t prompt_tokens = 0, reused_tokens = 0, dropped_tokens = 0, generated_tokens = 0;
    std::optional<double> entropy;  // when the request asked for it (wire::Finished)
};

class TextModel : public TokenCounter {
public:
    virtual std::string name() const = 0;
    virtual std::uint32_t window_tokens() const = 0;

    // A temperature other than a request's default wins over the model's own.
    // Pieces of text as they are computed, without the model's thoughts. `take` returning false cancels; the result is
    // then what there was, with FinishReason::cancelled. too_large: the prompt does not fit, and nothing was written.
    using TakeText = std::function<bool(std::string_view)>;
    virtual Result<Written> write(const wire::Generate& request, const TakeText& take) = 0;
};

// Whether nobody waits for the answer any more. Any thread.
using Gone = std::function<bool()>;

class TextModels {
public:
    virtual ~TextModels() = default;
    // The full name of a model; "" is the one that answers by default. not_found, with what would fit this machine,
    // when there is none.
    virtual Result<std::string> name_of(std::string_view name) = 0;
    // That model, loaded. not_found as above; unavailable when it cannot be loaded now, or when `gone` says so
    // meanwhile.
    virtual Result<std::unique_ptr<TextModel>> open(std::string_view name, const Gone& gone) = 0;
};

}  // namespace lar::answer
