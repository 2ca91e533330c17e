#include "output.h"

#include <sys/ioctl.h>
#include <unistd.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>

#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"

namespace lar::cli {
namespace {

bool set(const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

std::size_t terminal_columns(int descriptor) {
    constexpr std::size_t narrowest = 40;
    winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return std::max<std::size_t>(size.ws_col, narrowest);
    return 80;
}

std::string_view sequence(Style style) {
    switch (style) {
        case Style::plain: return "";
        case Style::strong: return "\033[1m";
        case Style::faint: return "\033[2m";
        case Style::good: return "\033[32m";
        case Style::warning: return "\033[33m";
        case Style::bad: return "\033[31m";
        case Style::place: return "\033[36m";
    }
    return "";
}

// The code point at `at` and how many bytes it takes; an ill-formed byte counts as one replacement character.
struct Point {
    utf8proc_int32_t code = 0;
    std::size_t bytes = 1;
};
Point point_at(std::string_view text, std::size_t at) {
    Point point;
    const auto taken = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                                        static_cast<utf8proc_ssize_t>(text.size() - at), &point.code);
    if (taken <= 0) return {0xFFFD, 1};
    point.bytes = static_cast<std::size_t>(taken);
    return point;
}

std::size_t width_of(utf8proc_int32_t code) {
    const int width = utf8proc_charwidth(code);
    return width > 0 ? static_cast<std::size_t>(width) : 0;
}

// The longest prefix that fits.
std::string_view prefix_columns(std::string_view text, std::size_t columns) {
    std::size_t used = 0, at = 0;
    while (at < text.size()) {
        const Point point = point_at(text, at);
        if (used + width_of(point.code) > columns) break;
        used += width_of(point.code);
        at += point.bytes;
    }
    return text.substr(0, at);
}

std::string padded(std::string_view text, std::size_t columns, Table::Align align) {
    const std::size_t width = display_width(text);
    const std::string space(width < columns ? columns - width : 0, ' ');
    return align == Table::Align::left ? std::string(text) + space : space + std::string(text);
}

}  // namespace

Output Output::of(int descriptor) {
    Facts facts;
    facts.interactive = ::isatty(descriptor) == 1;
    const char* terminal = std::getenv("TERM");
    facts.colour = facts.interactive && !set("NO_COLOR") && terminal != nullptr && std::string_view(terminal) != "dumb";
    if (facts.interactive) facts.columns = terminal_columns(descriptor);
    return Output(descriptor, facts);
}

std::string Output::styled(Style style, std::string_view text) const {
    if (!facts_.colour || style == Style::plain || text.empty()) return std::string(text);
    return lar::format("{}{}\033[0m", sequence(style), text);
}

void Output::print(std::string_view text) {
    if (!broken_ && !write_all(descriptor_, text)) broken_ = true;
}

void Output::line(std::string_view text) {
    std::string whole(text);
    whole += '\n';
    print(whole);
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        const Point point = point_at(text, at);
        width += width_of(point.code);
        at += point.bytes;
    }
    return width;
}

std::string shortened(std::string_view text, std::size_t columns) {
    if (display_width(text) <= columns) return std::string(text);
    if (columns == 0) return {};
    return std::string(prefix_columns(text, columns - 1)) + "…";
}

std::string shortened_path(std::string_view path, std::size_t columns) {
    if (display_width(path) <= columns) return std::string(path);
    if (columns == 0) return {};
    std::size_t at = 0, width = display_width(path);
    while (width > columns - 1) {
        const Point point = point_at(path, at);
        width -= width_of(point.code);
        at += point.bytes;
    }
    return "…" + std::string(path.substr(at));
}

std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent) {
    const std::string next_line = "\n" + std::string(indent, ' ');
    std::string out;
    bool first = true;
    for (const std::string_view line : split_lines(text)) {
        if (!first) out += next_line;
        first = false;
        if (line.starts_with(' ') || line.starts_with('\t')) {
            out += line;
            continue;
        }
        std::size_t used = indent;
        for (const std::string_view word : split(line, ' ')) {
            const std::size_t width = display_width(word);
            if (used > indent && used + 1 + width > columns) {
                out += next_line;
                used = indent;
            } else if (used > indent) {
                out += ' ';
                ++used;
            }
            out += word;
            used += width;
        }
    }
    return out;
}

std::string printable_path(std::string_view path) {
    std::string out;
    for (const char c : printable(path)) {
        if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else
            out += c;
    }
    return out;
}

void Table::row(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    for (std::string& cell : cells) std::ranges::replace_if(cell, [](char c) { return c == '\n' || c == '\t'; }, ' ');
    rows_.push_back(std::move(cells));
}

std::string Table::text(const Output& output) const {
    std::vector<std::size_t> widths;
    for (const Column& column : columns_) widths.push_back(display_width(column.name));
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
    const auto line = [&](const std::vector<std::string>& cells) {
        std::string out;
        std::size_t used = 0;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const bool last = i + 1 == cells.size();
            std::string cell = cells[i];
            if (last && output.interactive() && output.columns() > used)
                cell = shortened(cell, output.columns() - used);
            out += last && columns_[i].align == Align::left ? cell : padded(cell, widths[i], columns_[i].align);
            used += widths[i] + 2;
            if (!last) out += "  ";
        }
        while (out.ends_with(' ')) out.pop_back();
        return out;
    };
    std::vector<std::string> names;
    for (const Column& column : columns_) names.push_back(column.name);
    std::string out = output.styled(Style::faint, line(names)) + "\n";
    for (const auto& row : rows_) out += line(row) + "\n";
    return out;
}

std::string count_text(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
    return lar::format("{} {}", count_text(number), number == 1 ? one : many);
}

std::string size_text(std::uint64_t bytes) {
    if (bytes < 1000) return lar::format("{} B", bytes);
    double value = static_cast<double>(bytes) / 1000;
    for (const std::string_view unit : {"kB", "MB", "GB"}) {
        if (value < 999.95) return lar::format("{:.{}f} {}", value, value < 10 ? 1 : 0, unit);
        value /= 1000;
    }
    return lar::format("{:.1f} TB", value);
}

std::string dollars_text(double dollars) {
    return dollars == 0 || dollars >= 0.01 ? lar::format("${:.2f}", dollars) : lar::format("${:.6f}", dollars);
}

std::string milliseconds_text(double milliseconds) {
    return milliseconds < 10 ? lar::format("{:.1f} ms", milliseconds) : lar::format("{:.0f} ms", milliseconds);
}

std::string duration_text(double seconds) {
    if (seconds < 60) return lar::format("{:.1f} s", seconds);
    const auto whole = static_cast<std::uint64_t>(seconds);
    if (whole < 3600) return lar::format("{} min {} s", whole / 60, whole % 60);
    if (whole < 48 * 3600) return lar::format("{} h {} min", whole / 3600, whole / 60 % 60);
    return lar::format("{} days", whole / 86400);
}

std::string ago_text(std::string_view rfc3339, std::int64_t now_us, const Zone& zone) {
    const auto time = parse_rfc3339(rfc3339, zone);
    if (!time) return std::string(rfc3339);
    const std::int64_t age = now_us - time->us;
    const auto since = [&](std::int64_t unit, std::string_view one, std::string_view many) {
        return counted(static_cast<std::uint64_t>(age / unit), one, many) + " ago";
    };
    if (age < -us_per_minute) return date_text(rfc3339, zone);
    if (age < us_per_minute) return "just now";
    if (age < us_per_hour) return since(us_per_minute, "minute", "minutes");
    const std::int64_t today = day_start(zone, now_us);
    const CivilTime civil = civil_in(zone, time->us);
    if (time->us >= today) return since(us_per_hour, "hour", "hours");
    if (time->us >= day_start(zone, today - us_per_hour))
        return lar::format("yesterday {:02}:{:02}", civil.hour, civil.minute);
    constexpr std::int64_t days_counted = 14;
    const std::int64_t days =
        (today - day_start(zone, time->us) + us_per_hour * 12) / us_per_day;  // whatever the clocks did
    if (days <= days_counted) return lar::format("{} days ago", days);
    return date_text(rfc3339, zone);
}

std::string date_text(std::string_view rfc3339, const Zone& zone) {
    const auto time = parse_rfc3339(rfc3339, zone);
    if (!time) return std::string(rfc3339);
    return to_date(zone, time->us);
}

}  // namespace lar::cli
