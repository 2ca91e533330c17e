// The vectors of one space, such as all passages under one model: added in batches, searched at once, derived from
// something else and so always to be made anew.
//
// A folder holds segments (vector_segment.h), each with a bitmap of its dead rows when it has any, and `index`, a small
// text that names what counts and is replaced by rename: after a crash the folder is as before or as after. What it
// does not name is removed when the folder is opened. Keys are the caller's, ascend as things are made and never come
// back for something else. Vectors are finite and of one length of numbers; whoever wants cosines gives
// vectors of length one.
//
// Many threads may search; writers take turns. add() and remove() count for every search that begins later. A merge
// takes segments of like size together, and one by itself when a quarter of it is dead; it is done in steps that the
// caller asks for when there is time. Nothing is kept in memory but the dead rows' bits and the pages that searches
// read, which release_memory() gives back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/vector_search.h"

namespace lar::index {

inline constexpr std::size_t limit_batch_vectors = 16'384;  // of one add(): they are held as floats
inline constexpr std::size_t segments_in_merge = 8;         // of like size, so many become one
inline constexpr std::size_t limit_segments = 512;
inline constexpr std::size_t limit_piece_bytes = 48;

struct VectorCounts {
    std::uint64_t live = 0, dead = 0, segments = 0, bytes = 0, generation = 0;
};

// Rows of an index's files, live or not.
struct VectorRows {
    std::uint64_t rows = 0, files = 0, bytes = 0;  // rows that were looked for; files looked at, and their size
    std::vector<std::string> pieces;               // of the bytes that these rows are
};

class Vectors {
public:
    // Makes the folder if it is not there. corrupt: it holds something else, or other dimensions; remove() it then.
    static Result<Vectors> open(const std::filesystem::path& folder, std::size_t dimensions);
    // Everything below the folder of an index, open or not.
    static Result<> erase(const std::filesystem::path& folder);
    // What the files of a folder hold of keys that are not `kept` (ascending ranges that do not overlap): also dead
    // rows, and files that no index names. Of at most `limit` rows the bytes are given as well, in pieces of
    // limit_piece_bytes that say something: a run of like bytes may stand anywhere. For the proof that something was
    // removed.
    static Result<VectorRows> rows_besides(const std::filesystem::path& folder, std::size_t dimensions,
                                           std::span<const KeyRange> kept, std::size_t limit);
    Vectors(Vectors&&) noexcept;
    Vectors& operator=(Vectors&&) noexcept;
    ~Vectors();

    std::size_t dimensions() const;
    VectorCounts counts() const;
    bool contains(VectorKey key) const;
    // All live keys, ascending.
    std::vector<VectorKey> keys() const;

    // Keys ascending, `values` one vector after the other; a key that is there gets the new vector. On the disk when it
    // returns. invalid: not the right count, not ascending, not finite. too_large: more than limit_batch_vectors.
    Result<> add(std::span<const VectorKey> keys, std::span<const float> values);
    // Those that are there. On the disk when it returns.
    Result<> remove(std::span<const VectorKey> keys);

    // The nearest by inner product, best first. `within`: only keys in these ranges, ascending and not overlapping.
    Result<std::vector<Neighbour>> nearest(std::span<const float> query, std::size_t count,
                                           std::optional<std::span<const KeyRange>> within = std::nullopt) const;

    // Does one merge if one is due, and says whether it did.
    Result<bool> merge();
    // Rewrites every segment that has dead rows, so that no trace of them is left; for forget.
    Result<> scrub();
    void release_memory() const;
    // Reads all of it: corrupt when a byte is not what was written.
    Result<> verify() const;

private:
    class Impl;
    explicit Vectors(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace lar::index
