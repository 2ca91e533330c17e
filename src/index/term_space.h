// A space of terms, made from the user's own passages: where terms lie that are used together, which needs no model.
//
// Latent semantic indexing (Deerwester and others, 1990): passages as rows of weighted terms, factorised
// (index/factors.h); a term's place is its row of the right factors. A text's place is the sum of those of its terms,
// so a passage needs no vector of its own: whoever has its terms has its place, the moment it is there, and of one that
// is gone nothing remains but what it had to say, with all others, on how terms go together. What is kept is a file of
// at most 4 MB, mapped: terms by their hashes, no words; a byte for each number.
//
// It is made of a sample when there are many passages: 20,000 of them at most, in some 70 MB of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "index/analysis.h"
#include "index/factors.h"

namespace lar::index {

inline constexpr std::size_t limit_space_passages = 20'000;
inline constexpr std::size_t limit_space_entries = 2'000'000;  // terms of all those passages, each once in a passage
inline constexpr std::size_t limit_space_terms = 32'768;       // those that most passages hold
inline constexpr std::size_t limit_space_dimensions = 100;

// Of the collection that a space was made from.
struct SpaceOrigin {
    std::uint64_t passages = 0, sources = 0;
    bool operator==(const SpaceOrigin&) const = default;
};

class TermSpaceBuilder {
public:
    // False: there is no room for more. Those that are added should be drawn from all, in any order.
    bool add(std::span<const Token> tokens);
    // The bytes of a space, for a file. Ends the builder.
    Result<std::string> finish(const SpaceOrigin& origin, const std::function<bool()>& stopping) &&;

private:
    std::vector<std::uint64_t> choose_terms();

    std::unordered_map<std::uint64_t, std::uint32_t> numbers_;  // by hash
    std::vector<std::uint32_t> holders_;                        // by number
    SparseRows rows_;
};

class TermSpace {
public:
    // Reads all of it: corrupt when a byte is not what was written.
    static Result<TermSpace> open(const std::filesystem::path& path);
    TermSpace(TermSpace&& other) noexcept;
    TermSpace& operator=(TermSpace&&) = delete;
    ~TermSpace();

    std::size_t dimensions() const { return dimensions_; }
    std::size_t terms() const { return terms_; }
    std::size_t size_bytes() const { return size_; }
    const SpaceOrigin& origin() const { return origin_; }
    // Where a text lies: dimensions() numbers, of length one. False: nowhere, none of its terms is known.
    bool place(std::span<const Token> tokens, std::span<float> into) const;
    // Gives the pages back; reading brings them in again.
    void release_pages() const;

private:
    TermSpace(const std::uint8_t* bytes, std::size_t size) : bytes_(bytes), size_(size) {}
    Result<> check();

    const std::uint8_t* bytes_;
    std::size_t size_;
    std::size_t dimensions_ = 0, terms_ = 0;
    SpaceOrigin origin_;
};

}  // namespace lar::index
