#include "progress.h"

#include <algorithm>

#include "base/format.h"

namespace lar::cli {

std::string progress_line(std::string_view label, std::uint64_t done, std::uint64_t total, std::string_view unit,
                          std::string_view detail, std::size_t columns) {
    constexpr std::uint64_t bar_columns = 24;
    std::string line(label);
    if (total > 0) {
        const std::uint64_t filled = std::min(done, total) * bar_columns / total;
        line += "  ";
        for (std::uint64_t i = 0; i < bar_columns; ++i) line += i < filled ? "━" : "╌";
        line += lar::format("  {} of {} {}", count_text(done), count_text(std::max(done, total)), unit);
    } else {
        line += lar::format("  {} {}", count_text(done), unit);
    }
    if (!detail.empty()) line += lar::format("  {}", detail);
    return shortened(line, columns);
}

void Progress::show(std::string_view label, std::uint64_t done, std::uint64_t total, std::string_view unit,
                    std::string_view detail) {
    if (!output_.interactive()) return;
    // Carriage return and "erase to the end of the line"; the last column stays free, or the terminal would wrap.
    output_.print("\r" + progress_line(label, done, total, unit, detail, output_.columns() - 1) + "\033[K");
    drawn_ = true;
}

void Progress::clear() {
    if (drawn_) output_.print("\r\033[K");
    drawn_ = false;
}

}  // namespace lar::cli
