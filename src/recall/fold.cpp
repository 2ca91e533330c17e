#include "recall/fold.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace lar::recall {
namespace {

// The text with single spaces and without capitals.
std::string plain(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            if (!out.empty() && out.back() != ' ') out += ' ';
        } else {
            out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
    }
    if (out.ends_with(' ')) out.pop_back();
    return out;
}

void leave_out(Recalled& recalled, std::string_view reason, std::uint64_t count) {
    if (count == 0) return;
    const auto known = std::ranges::find(recalled.left_out, reason, &LeftOut::reason);
    if (known != recalled.left_out.end())
        known->count += count;
    else
        recalled.left_out.push_back({std::string(reason), count});
}

}  // namespace

void fold(Recalled& recalled, std::size_t limit) {
    std::vector<Candidate> kept;
    std::unordered_map<std::string, std::size_t> first;  // text → in kept
    std::uint64_t folded = 0;
    for (Candidate& candidate : recalled.candidates) {
        const auto [known, is_new] = first.try_emplace(plain(candidate.placed.passage.text), kept.size());
        if (is_new) {
            kept.push_back(std::move(candidate));
            continue;
        }
        ++folded;
        Candidate& best = kept[known->second];
        if (best.also.size() < limit_also) best.also.push_back(std::move(candidate.placed));
    }
    const std::size_t beyond = kept.size() > limit ? kept.size() - limit : 0;
    kept.resize(kept.size() - beyond);
    recalled.candidates = std::move(kept);
    leave_out(recalled, "lower score", beyond);
    leave_out(recalled, "the same text elsewhere", folded);
}

}  // namespace lar::recall
