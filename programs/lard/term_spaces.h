// The space of the terms of all passages (index/term_space.h), made in the background and kept as one file of the
// cache.
//
// One thread of low priority. It wakes when something may have changed, and makes the space anew when there are a
// quarter more passages than it was made from, or fewer; in between, passages that come have their places in it at
// once, and words that nobody used before have none. It waits until nothing is indexed, though not for ever. Making it
// takes seconds and bounded memory, which is given back.
//
// When a source is forgotten the space goes as a whole, and is made again from what is left: how the words of what is
// gone were used together is in all its numbers.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/time.h"
#include "index/term_space.h"
#include "recall/direction.h"
#include "rounds.h"
#include "store/store.h"
#include "wire/api.h"

namespace lar::lard {

class TermSpaces final : public recall::Spaces {
public:
    // `folder` is its own.
    static Result<std::unique_ptr<TermSpaces>> open(std::filesystem::path folder, store::Store& store,
                                                    const Clock& clock);

    // When lard serves, and before its server goes. `indexing` is called on the thread.
    Result<> start(std::function<bool()> indexing);
    void stop() { rounds_.stop(); }

    void wake() { rounds_.wake(); }  // any thread
    wire::ApiSpace state() const;
    std::shared_ptr<const index::TermSpace> space() const override;
    // Takes the space away, and drops what is being made. Whether there was one.
    Result<bool> drop();
    bool idle() const { return rounds_.idle(); }
    void release_memory() const;

private:
    TermSpaces(std::filesystem::path folder, store::Store& store, const Clock& clock);

    Result<> work();
    Result<> make(store::Reader& reader, const index::SpaceOrigin& origin);
    Result<> keep(const std::string& bytes, std::uint64_t dropped_before);
    // False: Lar is stopping.
    bool wait_for_indexing();
    void say(const std::function<void(wire::ApiSpace&)>& change);

    const std::filesystem::path file_;
    store::Store& store_;
    const Clock& clock_;

    std::function<bool()> indexing_;
    std::atomic<std::uint64_t> dropped_ = 0;
    std::mutex keeping_;  // between looking whether it was dropped and keeping a new one
    mutable std::mutex lock_;
    wire::ApiSpace state_;
    std::shared_ptr<const index::TermSpace> space_;  // shared with the searches that look into it
    Rounds rounds_;                                  // last: they use the rest
};

}  // namespace lar::lard
