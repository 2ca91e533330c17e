#include "bench_show.h"

#include <optional>

#include "base/format.h"
#include "base/text.h"

namespace lar::cli::bench {
namespace {

using Number = std::optional<double>;
using Cells = std::vector<std::string>;

// Three significant digits, which is more than a measurement holds.
std::string number_text(const Number& value) {
    if (!value) return "-";
    if (*value >= 100) return count_text(static_cast<std::uint64_t>(*value + 0.5));
    return *value >= 10 ? lar::format("{:.1f}", *value) : lar::format("{:.2f}", *value);
}
std::string ratio_text(const Number& value) { return value ? lar::format("×{:.2f}", *value) : "-"; }

// With two servers every row says whose it is; the ratio follows the two.
bool is_comparison(const wire::BenchReport& report) { return report.servers.size() == 2; }
constexpr std::string_view letters[] = {"A", "B"};

std::vector<Table::Column> columns_of(const wire::BenchReport& report, std::initializer_list<const char*> names) {
    std::vector<Table::Column> columns;
    for (const char* name : names) {
        columns.push_back({name, Table::Align::right});
        if (columns.size() == 1 && is_comparison(report)) columns.push_back({"", Table::Align::left});
    }
    return columns;
}

Cells cells_of(const wire::BenchReport& report, std::string first, std::string_view whose, Cells rest) {
    Cells cells{std::move(first)};
    if (is_comparison(report)) cells.emplace_back(whose);
    for (std::string& cell : rest) cells.push_back(std::move(cell));
    return cells;
}

std::string depths_text(const wire::BenchReport& report, const Output& output) {
    Table table(columns_of(report, {"depth", "prompt", "prefill t/s", "decode t/s", "TTFT cold ms", "same again",
                                    "next turn", "between tokens p50", "p95"}));
    for (std::size_t row = 0; row < report.servers.front().depths.size(); ++row) {
        for (std::size_t i = 0; i < report.servers.size(); ++i) {
            if (row >= report.servers[i].depths.size()) continue;
            const wire::BenchDepth& depth = report.servers[i].depths[row];
            table.row(cells_of(
                report, count_text(depth.depth), letters[i],
                {depth.prompt_tokens > 0 ? count_text(depth.prompt_tokens) : "-",
                 number_text(depth.prefill_tokens_per_second), number_text(depth.decode_tokens_per_second),
                 number_text(depth.ttft_cold_ms), number_text(depth.ttft_warm_ms), number_text(depth.ttft_turn_ms),
                 number_text(depth.inter_token_p50_ms), number_text(depth.inter_token_p95_ms)}));
        }
        if (!report.ratios || row >= report.ratios->depths.size()) continue;
        const wire::BenchDepthRatio& ratio = report.ratios->depths[row];
        table.row(cells_of(report, "", "A÷B",
                           {"", ratio_text(ratio.prefill), ratio_text(ratio.decode), ratio_text(ratio.ttft_cold),
                            ratio_text(ratio.ttft_warm), ratio_text(ratio.ttft_turn), ratio_text(ratio.inter_token_p50),
                            ratio_text(ratio.inter_token_p95)}));
    }
    return table.empty() ? "" : table.text(output) + "\n";
}

std::string levels_text(const wire::BenchReport& report, const Output& output) {
    Table table(columns_of(report, {"clients", "requests", "total t/s", "TTFT p50 ms", "p95"}));
    for (std::size_t row = 0; row < report.settings.concurrency.size(); ++row) {
        for (std::size_t i = 0; i < report.servers.size(); ++i) {
            if (row >= report.servers[i].concurrency.size()) continue;
            const wire::BenchLevel& level = report.servers[i].concurrency[row];
            table.row(cells_of(report, count_text(level.clients), letters[i],
                               {count_text(level.requests), number_text(level.tokens_per_second),
                                number_text(level.ttft_p50_ms), number_text(level.ttft_p95_ms)}));
        }
        if (!report.ratios || row >= report.ratios->concurrency.size()) continue;
        const wire::BenchLevelRatio& ratio = report.ratios->concurrency[row];
        table.row(cells_of(
            report, "", "A÷B",
            {"", ratio_text(ratio.tokens_per_second), ratio_text(ratio.ttft_p50), ratio_text(ratio.ttft_p95)}));
    }
    return table.empty() ? "" : table.text(output) + "\n";
}

// The server's own figures, so that nobody has to trust a client's clock.
std::string own_text(const wire::BenchServer& server) {
    for (const wire::BenchDepth& depth : server.depths)
        if (depth.server_prefill_tokens_per_second || depth.server_decode_tokens_per_second)
            return lar::format("it says itself, at depth {}: prefill {} t/s, decode {} t/s", depth.depth,
                               number_text(depth.server_prefill_tokens_per_second),
                               number_text(depth.server_decode_tokens_per_second));
    return "";
}

std::string notes_text(const wire::BenchReport& report, const Output& output) {
    std::string text;
    const auto line = [&](std::size_t i, std::string_view note) {
        const std::string whole = (is_comparison(report) ? std::string(letters[i]) + ": " : "") + printable(note);
        text += wrapped(whole, output.text_columns(), 2) + "\n";
    };
    for (std::size_t i = 0; i < report.servers.size(); ++i) {
        if (const std::string own = own_text(report.servers[i]); !own.empty()) line(i, own);
        for (const std::string& note : report.servers[i].notes) line(i, note);
    }
    return text;
}

}  // namespace

std::string report_text(const wire::BenchReport& report, const Output& output) {
    std::string text;
    for (std::size_t i = 0; i < report.servers.size(); ++i)
        text += lar::format("{}{}  {}\n", is_comparison(report) ? std::string(letters[i]) + "  " : "",
                            output.styled(Style::strong, printable(report.servers[i].url)),
                            printable(report.servers[i].model));
    const wire::BenchSettings& settings = report.settings;
    text += lar::format("prompts of {} tokens, answers of {}, next turn of {}; median of {}\n\n",
                        count_text(settings.prompt_tokens), count_text(settings.tokens),
                        count_text(settings.turn_tokens), counted(settings.repeat, "repetition", "repetitions"));
    text += depths_text(report, output) + levels_text(report, output) + notes_text(report, output);
    while (text.ends_with("\n\n")) text.pop_back();
    return text;
}

}  // namespace lar::cli::bench
