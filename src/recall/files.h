// Which files somebody has in mind who says what is to be changed, by all that is known of each.
//
// "fix quoting of addresses in headers" has few of the words that stand in the place to change, but often those that
// were used when it was changed before. So a file is known by three things: the best of its passages, the best hunk
// that changed it, and the commits that speak of what is asked. Each of these votes for the files that it changed, the
// more the fewer they are and the later it was (change histories as a guide to further changes: Zimmermann and others,
// "Mining version histories to guide software changes", 2005). What is added says what the file says, so only later
// changes count. A file that was moved keeps its name, and so what was done to it at its old place; source, header
// and test of one name are changed together; and lists of changes, which every change touches, are hardly ever meant.
//
// The weights were chosen on half of the subjects of the later commits of two repositories (bench/localise.py).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace lar::recall {

class Files {
public:
    using Key = std::pair<std::int64_t, std::string>;  // source and path
    using Scores = std::map<Key, double>;

    // A passage of a file with its score, a hunk, or what a commit says of itself; anything else is passed over.
    // `lexical`: BM25 alone.
    void add(const store::PlacedPassage& placed, double score, double lexical);
    // Of files that are there today, the best 1. Those that only history names are among them.
    Result<Scores> scores(store::Reader& reader) const;

private:
    struct Commit {
        store::DocumentId id;
        std::int64_t source = 0, time_us = 0;
        double lexical = 0;
    };
    Result<Scores> votes(store::Reader& reader) const;

    Scores passages_, hunks_;  // by path, the best
    std::map<std::int64_t, Commit> commits_;
};

// The paths that the first passage of a commit lists as changed, not those that it lists as added.
std::vector<std::string> files_changed(std::string_view summary);

}  // namespace lar::recall
