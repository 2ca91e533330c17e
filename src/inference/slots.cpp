#include "inference/slots.h"

#include <algorithm>

namespace lar::inference {
namespace {

std::size_t shared_beginning(const Remembered& sequence, std::span<const wire::Token> prompt, Memory memory) {
    if (prompt.empty()) return 0;
    const std::span<const wire::Token> usable = prompt.first(prompt.size() - 1);
    const auto different = std::ranges::mismatch(sequence.tokens, usable);
    const auto shared = static_cast<std::size_t>(different.in1 - sequence.tokens.begin());
    return memory.rolls_back || shared == sequence.tokens.size() ? shared : 0;
}

}  // namespace

std::optional<Placement> place(std::span<const Remembered> sequences, std::span<const wire::Token> prompt,
                               Memory memory) {
    std::optional<std::size_t> closest, oldest;
    std::size_t most = 0, most_anywhere = 0, source = 0;
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        const std::size_t shared = shared_beginning(sequences[i], prompt, memory);
        if (shared > most_anywhere) {
            most_anywhere = shared;
            source = i;
        }
        if (sequences[i].busy) continue;
        if (!closest || shared > most) {
            closest = i;
            most = shared;
        }
        if (!oldest || sequences[i].used < sequences[*oldest].used) oldest = i;
    }
    if (!closest) return std::nullopt;
    // Going on from at least half of a memory loses little of it.
    const bool worth = most > 0 && most * 2 >= sequences[*closest].tokens.size();
    Placement placement{.slot = worth ? *closest : *oldest};
    placement.keep = shared_beginning(sequences[placement.slot], prompt, memory);
    if (memory.rolls_back && source != placement.slot && most_anywhere > placement.keep + memory.copy_costs_tokens) {
        placement.keep = most_anywhere;
        placement.copy_from = source;
    }
    return placement;
}

}  // namespace lar::inference
