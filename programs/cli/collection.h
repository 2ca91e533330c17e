// A collection with known answers in BEIR layout: corpus.jsonl, queries.jsonl and qrels.tsv in one folder.
//
// The corpus is read line by line, since it may be larger than memory; queries and judgements are held whole.
// A line that is not what it must be ends the reading with its number: a measurement over half a collection is worse
// than none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "metrics.h"
#include "wire/files.h"

namespace lar::cli {

inline constexpr std::size_t limit_collection_line_bytes = 16 * 1024 * 1024;
inline constexpr std::size_t limit_queries_bytes = 512 * 1024 * 1024;

using AllJudgements = std::map<std::string, Judgements, std::less<>>;  // query → document → judgement

// "query<TAB>document<TAB>judgement" a line, with or without a header; TREC's four columns too.
Result<AllJudgements> parse_judgements(std::string_view text);
Result<AllJudgements> read_judgements(const std::filesystem::path& folder);
Result<std::vector<wire::BeirQuery>> read_queries(const std::filesystem::path& file);

// Calls `take` with each document of corpus.jsonl in order until it returns an error.
Result<> read_corpus(const std::filesystem::path& file, const std::function<Result<>(wire::BeirDocument&&)>& take);

// Calls `take` with each line of a file that is not blank, and its number. too_large for a line over the limit.
Result<> for_each_line(const std::filesystem::path& file, std::size_t limit_bytes,
                       const std::function<Result<>(std::string_view, std::uint64_t)>& take);

}  // namespace lar::cli
