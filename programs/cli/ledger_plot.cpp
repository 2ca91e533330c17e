#include "ledger_plot.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "base/format.h"
#include "bench_plot.h"
#include "output.h"

namespace lar::cli {
namespace {

constexpr std::size_t plot_rows = 8;
constexpr std::size_t widest_bar = 5;
constexpr std::string_view here = "█", handed = "▒", a_little = "▁";

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    for (; times > 0; --times) out += text;
    return out;
}

// What stands in a cell of a column: that which fills the most of it.
std::string_view cell(const wire::ApiLedgerSpan& span, double from, double to) {
    const auto local = static_cast<double>(span.local_tokens);
    const double all = local + static_cast<double>(span.handed_tokens);
    const double middle = (from + to) / 2;
    if (local >= middle && local > 0) return here;
    if (all >= middle && all > 0) return handed;
    return from == 0 && all > 0 ? a_little : " ";
}

// Names of spans below the columns, as many as have room: the day of the month, or the month of its year.
std::string names_of(std::span<const wire::ApiLedgerSpan> spans, std::size_t bar) {
    std::string line;
    for (std::size_t i = 0; i < spans.size(); ++i) {
        const std::string_view begins = spans[i].begins;
        const std::string_view name = begins.size() == 10 ? begins.substr(8) : begins.substr(2);
        if (line.size() > i * bar || (!line.empty() && line.size() == i * bar && line.back() != ' ')) continue;
        line.resize(i * bar, ' ');
        line += name;
    }
    return line;
}

}  // namespace

std::string ledger_plot(const std::vector<wire::ApiLedgerSpan>& all, std::size_t columns) {
    std::uint64_t greatest = 0;
    for (const wire::ApiLedgerSpan& span : all) greatest = std::max(greatest, span.local_tokens + span.handed_tokens);
    if (greatest == 0) return {};
    const double end = bench::axis_end(static_cast<double>(greatest));
    const std::string top = count_text(static_cast<std::uint64_t>(end));
    const std::size_t room = columns > top.size() + 6 ? columns - top.size() - 6 : 1;
    const std::size_t shown = std::min(all.size(), room);
    const std::span<const wire::ApiLedgerSpan> spans(all.end() - static_cast<std::ptrdiff_t>(shown), all.end());
    const std::size_t bar = std::clamp<std::size_t>(room / shown, 1, widest_bar);
    const std::size_t ink = bar > 1 ? bar - 1 : 1;

    std::string out = lar::format("{} tokens computed here, {} handed off, by {}\n", here, handed,
                                  spans.front().begins.size() == 10 ? "day" : "month");
    for (std::size_t row = plot_rows; row-- > 0;) {
        const std::string label = row + 1 == plot_rows ? top : row == 0 ? "0" : "";
        std::string line = std::string(top.size() - label.size(), ' ') + label + (label.empty() ? " │" : " ┤");
        const double step = end / plot_rows;
        for (const wire::ApiLedgerSpan& span : spans)
            line += repeated(cell(span, step * static_cast<double>(row), step * static_cast<double>(row + 1)), ink) +
                    std::string(bar - ink, ' ');
        out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return out + std::string(top.size() + 2, ' ') + names_of(spans, bar) + "\n";
}

}  // namespace lar::cli
