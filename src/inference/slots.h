// Which sequence takes a new prompt, and how much of what sequences remember it need not compute again.
//
// A prompt goes where most of it stands already, unless that would throw away a long memory for the sake of a short
// beginning; then it goes to the sequence that was unused for longest. What another sequence remembers of it, even one
// at work, is copied when that is cheaper than computing it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "wire/engine.h"

namespace lar::inference {

struct Remembered {
    std::span<const wire::Token> tokens;
    bool busy = false;
    std::uint64_t used = 0;  // a larger number was used later
};

struct Memory {
    bool rolls_back = true;             // it can be cut anywhere; otherwise only a whole memory can be gone on from
    std::size_t copy_costs_tokens = 0;  // computing so many takes as long as copying a sequence
};

struct Placement {
    std::size_t slot = 0;
    std::size_t keep = 0;                  // tokens of the prompt that need not be computed
    std::optional<std::size_t> copy_from;  // another sequence that holds them
};

// none when every sequence is busy. At least the prompt's last token is always left to compute.
std::optional<Placement> place(std::span<const Remembered> sequences, std::span<const wire::Token> prompt,
                               Memory memory);

}  // namespace lar::inference
