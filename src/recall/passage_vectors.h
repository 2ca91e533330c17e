// The vectors of passages, generation by generation: which there are, what is missing, and which one answers.
//
// A generation belongs to a space: one model with one way of writing passages for it. Vectors of different spaces
// cannot be compared, so another model means a new generation from nothing. want() names the space that is to be; until
// it has every passage, the one that served before goes on serving, and is removed after. The first one serves from the
// start: some passages with vectors are better than none.
//
// Everything lies below one folder, a folder for each space, and is derived: what is damaged is removed and made again.
// The work is done by one thread, which asks plan() what to do and gives vectors to add(); any thread may search.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/vectors.h"
#include "store/store.h"

namespace lar::recall {

struct VectorSpace {
    std::string id;     // letters and digits: names the folder
    std::string model;  // what makes vectors of questions in it
    std::size_t dimensions = 0;
    bool operator==(const VectorSpace&) const = default;
};

// What separates the wanted space from the passages as they are.
struct VectorWork {
    std::vector<index::VectorKey> missing;  // ascending
    std::vector<index::VectorKey> gone;
    std::uint64_t passages = 0;  // that there are
};

// What recall/trust.h found out about a space, when there were so many passages.
struct MeasuredTrust {
    double trust = 0;
    std::uint64_t passages = 0;
};

// What retain() found on the disk and left there.
struct VectorsErased {
    std::uint64_t before = 0, after = 0;  // rows of passages that are gone
    std::uint64_t files = 0, bytes = 0;   // looked at afterwards
    std::vector<std::string> pieces;      // of the bytes of some of those rows, to be looked for anywhere
};

class PassageVectors {
public:
    static Result<std::unique_ptr<PassageVectors>> open(std::filesystem::path folder);

    // The one that answers questions now, and the one that will.
    std::optional<VectorSpace> serving() const;
    std::optional<VectorSpace> wanted() const;
    index::VectorCounts counts() const;  // of all generations together
    double trust() const;                // in the serving space; 0 until it was measured

    // Takes away every vector but those of these passages, whatever generation it belongs to: segments that hold such a
    // row, dead or not, are written anew. Then looks through all files whether none is left.
    Result<VectorsErased> retain(std::span<const store::PassageRange> live);

    // From here on by one thread.
    Result<> want(const VectorSpace& space);
    // No model any more: all vectors go.
    Result<> want_none();
    VectorWork plan(std::span<const store::PassageRange> live) const;
    // Of the wanted space. Also takes segments together when it is time.
    Result<> add(std::span<const index::VectorKey> keys, std::span<const float> values);
    Result<> remove(std::span<const index::VectorKey> keys);
    // The wanted space has everything: it serves, and the one before is removed.
    Result<> complete();
    // Of the wanted space; none: it was not measured yet.
    std::optional<MeasuredTrust> measured() const;
    Result<> note(const MeasuredTrust& measured);
    // The nearest in the wanted space, whether it serves or not.
    Result<std::vector<index::Neighbour>> nearest_wanted(std::span<const float> query, std::size_t count) const;
    // Of every generation: leaves no trace of removed vectors on the disk.
    Result<> scrub();

    // In the serving space; not_found when there is none or it is another one by now than the vector was made for.
    Result<std::vector<index::Neighbour>> nearest(const VectorSpace& space, std::span<const float> query,
                                                  std::size_t count,
                                                  std::optional<std::span<const index::KeyRange>> within) const;
    void release_memory() const;
    // Reads all of it: corrupt when a byte is not what was written.
    Result<> verify() const;

private:
    struct Generation {
        VectorSpace space;
        index::Vectors vectors;
        std::optional<MeasuredTrust> measured;
    };
    explicit PassageVectors(std::filesystem::path folder) : folder_(std::move(folder)) {}
    Result<std::shared_ptr<Generation>> load(const std::string& id) const;
    Result<> load_all();
    std::vector<std::shared_ptr<Generation>> generations() const;
    Result<index::VectorRows> rows_besides(std::span<const index::KeyRange> live, std::size_t limit) const;
    Result<> write_serving(const std::string& id) const;
    Result<> erase_others();

    std::filesystem::path folder_;
    mutable std::mutex lock_;
    // Shared: a search may hold on to a generation that is being replaced.
    std::shared_ptr<Generation> serving_, wanted_;
};

}  // namespace lar::recall
