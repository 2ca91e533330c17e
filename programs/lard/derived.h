// What Lar's cache holds of passages, for forgetting: vectors are taken away, the space of terms is made anew, and the
// bytes of every file are looked through. Whatever is kept there later (what engines computed of prompts, once it
// outlives them) is looked at as well.
#pragma once

#include <filesystem>

#include "embedding.h"
#include "ingest/ingest.h"
#include "term_spaces.h"

namespace lar::lard {

class CacheOfPassages final : public ingest::Derived {
public:
    CacheOfPassages(std::filesystem::path cache, Embedding& embedding, TermSpaces& spaces)
        : cache_(std::move(cache)), embedding_(embedding), spaces_(spaces) {}

    Result<ingest::Erased> retain(std::span<const store::PassageRange> live) override;
    Result<std::vector<std::string>> find_remains(std::span<const std::string> pieces) override;

private:
    std::filesystem::path cache_;
    Embedding& embedding_;
    TermSpaces& spaces_;
};

}  // namespace lar::lard
