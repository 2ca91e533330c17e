// A loaded model: its weights, its vocabulary and the adapters that change it. What it computes with is a Context.
//
// One file is read from its descriptor, after the lock-down. The parts of a split model libllama takes only by name;
// part_names() says which names the process has for them, and they must be open to it while it loads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "inference/vocabulary.h"
#include "wire/engine.h"

struct llama_model;
struct llama_context;

namespace lar::inference {

struct ModelFiles {
    std::vector<Fd> parts;
    std::vector<Fd> adapters;
    std::vector<float> adapter_scales;  // one for each
    Fd maps;                            // /proc/self/maps, opened before the lock-down; none: mapped pages stay
};
// "/proc/self/fd/5" for each part.
std::vector<std::string> part_names(const ModelFiles& files);

// How a loaded model may be computed with.
struct Traits {
    bool makes_text = true;
    bool rolls_back = true;    // its memory can be cut at any token, and copied up to it
    std::uint32_t window = 0;  // of its sliding attention; 0: it has none
    std::uint32_t trained_context = 0;
    std::string pooling;  // "mean", "cls", "last", "rank"; empty: none named
};

class Weights {
public:
    using Progress = std::function<void(float)>;
    // corrupt when the file is no model or not one that libllama knows; unavailable when memory does not suffice.
    static Result<std::unique_ptr<Weights>> load(ModelFiles files, bool lock_memory, const Progress& progress);
    ~Weights();

    llama_model* handle() const;
    const Vocabulary& vocabulary() const;
    const Traits& traits() const;
    std::uint64_t bytes() const;
    // They lie as in the file, mapped, and not packed for the processor: what GraphKernels multiplies.
    bool as_in_file() const;
    std::string chat_template() const;                   // empty: none
    std::string named_template(const char* name) const;  // "rerank"
    Result<> apply_adapters(llama_context* context) const;

private:
    struct Parts;
    explicit Weights(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace lar::inference
