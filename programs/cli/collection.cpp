#include "collection.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"
#include "wire/codec.h"

namespace lar::cli {
namespace {

std::unexpected<Error> in_line(const std::filesystem::path& file, std::uint64_t number, const Error& error) {
    return fail(error.code, lar::format("{}:{}: {}", file.filename().string(), number, error.message));
}

// Judgements are whole numbers, though some collections write "1.0".
Result<int> parse_judgement(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return fail(Code::invalid, "the judgement is not a number");
    return static_cast<int>(std::clamp(value, -1e6, 1e6));
}

}  // namespace

Result<AllJudgements> parse_judgements(std::string_view text) {
    AllJudgements all;
    std::uint64_t number = 0;
    for (const std::string_view line : split_lines(text)) {
        ++number;
        if (trim(line).empty()) continue;
        std::vector<std::string_view> cells = split(line, '\t');
        if (cells.size() == 1) {  // TREC separates by spaces
            cells = split(line, ' ');
            std::erase(cells, std::string_view());
        }
        if (cells.size() == 4) cells.erase(cells.begin() + 1);
        if (cells.size() != 3)
            return fail(Code::invalid, lar::format("qrels.tsv:{}: not query, document and judgement", number));
        const auto judgement = parse_judgement(trim(cells[2]));
        if (!judgement && number == 1) continue;  // the header
        if (!judgement) return fail(Code::invalid, lar::format("qrels.tsv:{}: {}", number, judgement.error().message));
        all[std::string(cells[0])][std::string(cells[1])] = *judgement;
    }
    return all;
}

Result<AllJudgements> read_judgements(const std::filesystem::path& folder) {
    for (const char* place : {"qrels.tsv", "qrels/test.tsv"})
        if (std::error_code error; std::filesystem::exists(folder / place, error))
            return parse_judgements(TRY(read_file(folder / place, limit_queries_bytes)));
    return fail(Code::not_found, lar::format("{} has neither qrels.tsv nor qrels/test.tsv", folder.string()));
}

Result<std::vector<wire::BeirQuery>> read_queries(const std::filesystem::path& file) {
    std::vector<wire::BeirQuery> queries;
    TRY_VOID(
        for_each_line(file, limit_collection_line_bytes, [&](std::string_view line, std::uint64_t number) -> Result<> {
            auto query = wire::from_json<wire::BeirQuery>(line);
            if (!query) return in_line(file, number, query.error());
            queries.push_back(std::move(*query));
            return {};
        }));
    return queries;
}

Result<> read_corpus(const std::filesystem::path& file, const std::function<Result<>(wire::BeirDocument&&)>& take) {
    return for_each_line(file, limit_collection_line_bytes,
                         [&](std::string_view line, std::uint64_t number) -> Result<> {
                             auto document = wire::from_json<wire::BeirDocument>(line);
                             if (!document) return in_line(file, number, document.error());
                             return take(std::move(*document));
                         });
}

Result<> for_each_line(const std::filesystem::path& file, std::size_t limit_bytes,
                       const std::function<Result<>(std::string_view, std::uint64_t)>& take) {
    const Fd input = TRY(open_read_only(file));
    constexpr std::size_t block_bytes = 256 * 1024;
    std::string pending;  // begins at the beginning of a line
    std::uint64_t number = 0;
    const auto line = [&](std::string_view text) -> Result<> {
        ++number;
        if (text.ends_with('\r')) text.remove_suffix(1);
        return trim(text).empty() ? Result<>() : take(text, number);
    };
    for (;;) {
        const std::size_t had = pending.size();
        pending.resize(had + block_bytes);
        const ssize_t got = ::read(input.number(), pending.data() + had, block_bytes);
        if (got < 0 && errno != EINTR) return fail_errno("reading " + file.string(), errno);
        pending.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        std::size_t begin = 0;
        for (std::size_t end = pending.find('\n', had); end != std::string::npos; end = pending.find('\n', begin)) {
            TRY_VOID(line(std::string_view(pending).substr(begin, end - begin)));
            begin = end + 1;
        }
        pending.erase(0, begin);
        if (got == 0) break;
        if (pending.size() > limit_bytes)
            return fail(Code::too_large, lar::format("{}:{}: the line is longer than {} bytes",
                                                     file.filename().string(), number + 1, limit_bytes));
    }
    return pending.empty() ? Result<>() : line(pending);
}

}  // namespace lar::cli
