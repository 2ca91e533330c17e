#include "recall/fold.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "recall/shingles.h"

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

// Which of the better ones says what this one says; what is of the same document is read on its own.
std::optional<std::size_t> says_it_already(const Candidate& candidate, const Shingles& own,
                                           const std::vector<Candidate>& kept, const std::vector<Shingles>& shingles) {
    for (std::size_t i = 0; i < shingles.size(); ++i) {
        if (kept[i].placed.document.id == candidate.placed.document.id) continue;
        if (candidate.coverage <= kept[i].coverage && shingles[i].say_all_of(own)) return i;
    }
    return std::nullopt;
}

}  // namespace

void fold(Recalled& recalled) {
    std::vector<Candidate> kept;
    std::vector<Shingles> shingles;                      // of the first of them
    std::unordered_map<std::string, std::size_t> first;  // text → in kept
    std::uint64_t same = 0, alike = 0;
    const auto fold_into = [&](Candidate& best, Candidate& other, std::uint64_t& count) {
        ++count;
        if (best.also.size() < limit_also) best.also.push_back(std::move(other.placed));
    };
    for (Candidate& candidate : recalled.candidates) {
        const auto [known, is_new] = first.try_emplace(plain(candidate.placed.passage.text), kept.size());
        if (!is_new) {
            fold_into(kept[known->second], candidate, same);
            continue;
        }
        Shingles own(candidate.placed.passage.text);
        if (const auto better = says_it_already(candidate, own, kept, shingles)) {
            known->second = *better;
            fold_into(kept[*better], candidate, alike);
            continue;
        }
        if (shingles.size() < limit_compared) shingles.push_back(std::move(own));
        kept.push_back(std::move(candidate));
    }
    recalled.candidates = std::move(kept);
    leave_out(recalled, "the same text elsewhere", same);
    leave_out(recalled, "nearly the same text elsewhere", alike);
}

void cut(Recalled& recalled, std::size_t limit) {
    if (recalled.candidates.size() <= limit) return;
    leave_out(recalled, "lower score", recalled.candidates.size() - limit);
    recalled.candidates.resize(limit);
}

}  // namespace lar::recall
