// The tokens of one computation, in libllama's form. Private to this room.
#pragma once

#include <cstddef>
#include <vector>

#include "inference/library.h"

namespace lar::inference {

class Batch {
public:
    explicit Batch(std::size_t limit_tokens)
        : limit_(limit_tokens), batch_(llama_batch_init(static_cast<std::int32_t>(limit_tokens), 0, 1)) {}
    ~Batch() { llama_batch_free(batch_); }
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

    void clear() { batch_.n_tokens = 0; }
    std::size_t size() const { return static_cast<std::size_t>(batch_.n_tokens); }
    void add(llama_token token, std::size_t position, llama_seq_id sequence, bool output) {
        ASSERT(size() < limit_);
        const std::int32_t i = batch_.n_tokens++;
        batch_.token[i] = token;
        batch_.pos[i] = static_cast<llama_pos>(position);
        batch_.n_seq_id[i] = 1;
        batch_.seq_id[i][0] = sequence;
        batch_.logits[i] = output ? 1 : 0;
    }
    // Of the token of that sequence whose output was asked for; -1 when none was.
    std::int32_t place_of(llama_seq_id sequence) const {
        for (std::int32_t i = 0; i < batch_.n_tokens; ++i)
            if (batch_.logits[i] != 0 && batch_.seq_id[i][0] == sequence) return i;
        return -1;
    }
    llama_batch handle() const { return batch_; }

private:
    std::size_t limit_;
    llama_batch batch_;
};

}  // namespace lar::inference
