#include "recall/files.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <optional>

#include "base/text.h"
#include "base/time.h"
#include "recall/shelf.h"

namespace lar::recall {
namespace {

constexpr double hunk_weight = 0.7;  // beside a file's best passage
constexpr double vote_weight = 1.5;
constexpr double vote_half_life = 3000 * static_cast<double>(us_per_day);
constexpr std::size_t limit_voters = 100;
constexpr double companion_share = 0.3;  // of the score of the best file of the same name
constexpr std::size_t limit_companions = 4;
constexpr double change_list_factor = 0.25;  // licences likewise
constexpr double document_factor = 0.7;      // prose tells of all parts of a program
constexpr std::size_t limit_lookups = 500;   // of paths in the store
constexpr std::size_t limit_folders = 5;     // that a path may have lost some of

constexpr auto changes = std::to_array<std::string_view>({"modified ", "deleted ", "renamed ", "type changed "});

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// What source, header and test of one thing share: "feat" of feat.c, feat.h and test_feat.c.
std::string_view stem_of(std::string_view path) {
    std::string_view stem = name_of(path);
    stem = stem.substr(0, stem.rfind('.'));
    if (stem.starts_with("test_")) stem.remove_prefix(5);
    for (const std::string_view end : {"_test", "_tests", "_spec"})
        if (stem.ends_with(end)) stem.remove_suffix(end.size());
    return stem;
}

std::size_t shared_end(std::string_view one, std::string_view other) {
    const auto apart = std::mismatch(one.rbegin(), one.rend(), other.rbegin(), other.rend());
    return static_cast<std::size_t>(apart.first - one.rbegin());
}

void raise(Files::Scores& scores, const Files::Key& key, double score) {
    double& best = scores[key];
    best = std::max(best, score);
}

double best_of(const Files::Scores& scores) {
    double best = 0;
    for (const auto& [key, score] : scores) best = std::max(best, score);
    return best;
}

// Where files of the past are now.
class Today {
public:
    Today(const Files::Scores& known, store::Reader& reader) : known_(known), reader_(reader) {
        for (const auto& [key, score] : known) named_[{key.first, name_of(key.second)}].push_back(&key);
    }

    Result<std::optional<Files::Key>> find(const Files::Key& past) {
        if (TRY(is_there(past))) return past;
        if (const auto same = named_.find({past.first, name_of(past.second)}); same != named_.end())
            return **std::ranges::max_element(
                same->second, {}, [&](const Files::Key* key) { return shared_end(key->second, past.second); });
        return with_fewer_folders(past);
    }

private:
    Result<bool> is_there(const Files::Key& key) {
        if (known_.contains(key)) return true;
        if (lookups_++ >= limit_lookups) return false;
        return TRY(reader_.document_at({key.first}, store::DocumentKind::file, key.second)).has_value();
    }

    // Trees are tidied by taking folders away: src/libsphinx/util/a.c is src/util/a.c now. The fewest first.
    Result<std::optional<Files::Key>> with_fewer_folders(const Files::Key& past) {
        const auto parts = split(past.second, '/');
        const std::size_t folders = parts.size() - 1;
        if (folders > limit_folders) return std::nullopt;
        std::vector<unsigned> kept;  // each a set of folders
        for (unsigned some = 0; some + 1 < 1U << folders; ++some) kept.push_back(some);
        std::ranges::stable_sort(kept, std::ranges::greater(), [](unsigned some) { return std::popcount(some); });
        for (const unsigned some : kept) {
            Files::Key now{past.first, {}};
            for (std::size_t i = 0; i < folders; ++i)
                if ((some >> i & 1) != 0) now.second.append(parts[i]).append("/");
            now.second += parts.back();
            if (TRY(is_there(now))) return now;
        }
        return std::nullopt;
    }

    const Files::Scores& known_;
    store::Reader& reader_;
    std::map<std::pair<std::int64_t, std::string_view>, std::vector<const Files::Key*>> named_;
    std::size_t lookups_ = 0;
};

using Put = void (*)(Files::Scores&, const Files::Key&, double);

// The same scores by the paths of today, the best first as long as there may be lookups.
Result<Files::Scores> of_today(const Files::Scores& scores, Today& today, Put put) {
    std::vector<std::pair<double, const Files::Key*>> order;
    for (const auto& [key, score] : scores) order.emplace_back(score, &key);
    std::ranges::sort(order, std::ranges::greater());
    Files::Scores now;
    for (const auto& [score, key] : order)
        if (const auto found = TRY(today.find(*key))) put(now, *found, score);
    return now;
}

void add_companions(Files::Scores& scores) {
    std::map<std::pair<std::int64_t, std::string_view>, std::vector<std::pair<double, const Files::Key*>>> same;
    for (const auto& [key, score] : scores) same[{key.first, stem_of(key.second)}].emplace_back(score, &key);
    for (auto& [stem, files] : same) {
        if (files.size() < 2 || files.size() > limit_companions) continue;
        std::ranges::sort(files, std::ranges::greater());
        for (std::size_t i = 0; i < files.size(); ++i)
            scores[*files[i].second] += companion_share * files[i == 0 ? 1 : 0].first;
    }
}

}  // namespace

std::vector<std::string> files_changed(std::string_view summary) {
    std::vector<std::string> paths;
    const std::size_t paragraph = summary.rfind("\n\n");  // the list follows the message
    if (paragraph != std::string_view::npos) summary.remove_prefix(paragraph + 2);
    for (std::string_view line : split_lines(summary)) {
        const auto change =
            std::ranges::find_if(changes, [&](std::string_view each) { return line.starts_with(each); });
        if (change == changes.end()) continue;
        line.remove_prefix(change->size());
        line = line.substr(0, line.rfind(" (+"));
        if (*change == "renamed ") line = line.substr(0, line.find(" from "));
        paths.emplace_back(line);
    }
    return paths;
}

void Files::add(const store::PlacedPassage& placed, double score, double lexical) {
    const store::Document& document = placed.document;
    const store::Passage& passage = placed.passage;
    if (document.kind == store::DocumentKind::file) {
        raise(passages_, {document.source.value, document.path}, score);
    } else if (document.kind == store::DocumentKind::commit) {
        const bool adds = passage.text.starts_with("@@ -0,0 ");
        if (!passage.path.empty() && !adds) raise(hunks_, {document.source.value, passage.path}, lexical);
        Commit& commit = commits_[document.id.value];
        commit = {document.id, document.source.value, document.time.us, std::max(commit.lexical, lexical)};
    }
}

Result<Files::Scores> Files::votes(store::Reader& reader) const {
    std::int64_t newest_us = 0;
    for (const auto& [id, commit] : commits_) newest_us = std::max(newest_us, commit.time_us);
    std::vector<std::pair<double, const Commit*>> voters;
    for (const auto& [id, commit] : commits_) {
        const auto age = static_cast<double>(newest_us - commit.time_us);
        voters.emplace_back(commit.lexical * commit.lexical * vote_half_life / (vote_half_life + age), &commit);
    }
    std::ranges::sort(voters, std::ranges::greater());
    if (voters.size() > limit_voters) voters.resize(limit_voters);
    Scores sums;
    for (const auto& [weight, commit] : voters) {
        const auto summary = TRY(reader.passages_of(commit->id, 1));
        if (summary.empty()) continue;
        const auto paths = files_changed(summary.front().passage.text);
        for (const std::string& path : paths)
            sums[{commit->source, path}] += weight / std::sqrt(static_cast<double>(paths.size()));
    }
    return sums;
}

Result<Files::Scores> Files::scores(store::Reader& reader) const {
    Scores all;
    const auto join = [&](const Scores& scores, double weight) {
        const double best = best_of(scores);
        for (const auto& [key, score] : scores)
            if (best > 0) all[key] += weight * score / best;
    };
    Today today(passages_, reader);
    join(passages_, 1);
    join(TRY(of_today(hunks_, today, raise)), hunk_weight);
    const auto add_up = [](Scores& scores, const Key& key, double score) { scores[key] += score; };
    join(TRY(of_today(TRY(votes(reader)), today, add_up)), vote_weight);
    add_companions(all);
    for (auto& [key, score] : all) {
        const Shelf shelf = shelf_of(key.second);
        if (shelf == Shelf::changes || shelf == Shelf::licence) score *= change_list_factor;
        if (is_document(key.second)) score *= document_factor;
    }
    const double best = best_of(all);
    for (auto& [key, score] : all)
        if (best > 0) score /= best;
    return all;
}

}  // namespace lar::recall
