#include "ledger_plot.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "output.h"

namespace lar::cli {
namespace {

TEST(LedgerPlot, ColumnsGrowWithTokensAndShowWhoComputed) {
    EXPECT_EQ(
        ledger_plot({{"2026-11-01", 8000, 0}, {"2026-11-02", 0, 0}, {"2026-11-03", 4000, 4000}, {"2026-11-04", 1, 0}},
                    34),
        "█ tokens computed here, ▒ handed off, by day\n"
        "10,000 ┤\n"
        "       │\n"
        "       │████      ▒▒▒▒\n"
        "       │████      ▒▒▒▒\n"
        "       │████      ▒▒▒▒\n"
        "       │████      ████\n"
        "       │████      ████\n"
        "     0 ┤████      ████ ▁▁▁▁\n"
        "        01   02   03   04\n");
}

TEST(LedgerPlot, NarrowTerminalShowsTheLatest) {
    std::vector<wire::ApiLedgerSpan> spans;
    for (int month = 1; month <= 12; ++month)
        spans.push_back({month < 10 ? "2026-0" + std::to_string(month) : "2026-" + std::to_string(month), 10, 0});
    const std::string plot = ledger_plot(spans, 16);
    const std::vector<std::string_view> lines = split_lines(plot);
    ASSERT_EQ(lines.size(), 10U);
    for (std::size_t i = 1; i < lines.size(); ++i) EXPECT_LE(display_width(lines[i]), 16U) << lines[i];
    EXPECT_NE(plot.find("by month"), std::string::npos);
}

TEST(LedgerPlot, NothingIsDrawnOfNothing) {
    EXPECT_EQ(ledger_plot({}, 80), "");
    EXPECT_EQ(ledger_plot({{"2026-11", 0, 0}}, 80), "");
}

}  // namespace
}  // namespace lar::cli
