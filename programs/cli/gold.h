// Questions about a tree with the places that answer them, one JSON object a line:
//
//     {"id": "q1", "question": "…", "answers": [{"path": "src/a.c", "line": 12}, {"commit": "4f2a…"}], "kind": "code"}
//
// A place is a path with a `line`, a `line` and a `line_last`, or a piece of the line (`anchor`, every line that holds
// it counts); a path alone (anywhere in that file); or a commit. In short it is "src/a.c:12", "src/a.c:12-20" or
// "src/a.c". A question that the tree does not answer has no answers, "none", or "answerable": false.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "wire/api.h"

namespace lar::cli {

inline constexpr std::size_t limit_gold_line_bytes = 1024 * 1024;
inline constexpr std::size_t limit_gold_file_bytes = 64 * 1024 * 1024;  // that an anchor is looked up in

struct GoldPlace {
    std::string path;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> lines;  // 1-based, inclusive
    bool whole_file = false;
    std::string anchor;  // until find_anchors()
    std::string commit;
};

struct GoldQuestion {
    std::string id;
    std::string text;
    std::string category;
    std::vector<GoldPlace> places;  // any of them is right; none: it must be refused
};

Result<GoldQuestion> parse_gold_question(std::string_view json);
// An error names the file and the line.
Result<std::vector<GoldQuestion>> read_gold_questions(const std::filesystem::path& file);
// The lines that anchors stand for, in the files of the tree as they are now. Returns how many stand nowhere: the tree
// has moved on since they were written, and those places can no longer be right.
Result<std::uint64_t> find_anchors(std::vector<GoldQuestion>& questions, const std::filesystem::path& tree);

bool is_right(const GoldQuestion& question, const wire::ApiPlace& place);

}  // namespace lar::cli
