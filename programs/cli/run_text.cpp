#include "run_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace lar::cli {
namespace {

constexpr std::size_t head_bytes = 8;
constexpr std::string_view fences[] = {"```", "~~~"};

std::size_t bytes_of_point(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

bool is_fence(std::string_view head) {
    return std::ranges::any_of(fences, [&](std::string_view fence) { return trim(head).starts_with(fence); });
}

// "1m2.5s", "730.25ms": as Go writes a duration.
std::string go_duration(std::int64_t ns) {
    constexpr std::int64_t second = 1'000'000'000;
    const auto trimmed = [](std::int64_t whole, std::int64_t unit, std::string_view name) {
        std::string text = lar::format("{:.6f}", static_cast<double>(whole) / static_cast<double>(unit));
        while (text.ends_with('0')) text.pop_back();
        if (text.ends_with('.')) text.pop_back();
        return text + std::string(name);
    };
    if (ns < 1000) return lar::format("{}ns", ns);
    if (ns < 1'000'000) return trimmed(ns, 1000, "µs");
    if (ns < second) return trimmed(ns, 1'000'000, "ms");
    const std::int64_t minutes = ns / second / 60;
    std::string text = trimmed(ns - minutes * 60 * second, second, "s");
    if (minutes > 0) text = lar::format("{}m", minutes % 60) + text;
    if (minutes >= 60) text = lar::format("{}h", minutes / 60) + text;
    return text;
}

std::string rate(std::uint32_t tokens, std::int64_t ns) {
    return ns > 0 ? lar::format("{:.2f} tokens/s", tokens * 1e9 / static_cast<double>(ns)) : "0.00 tokens/s";
}

}  // namespace

bool WordWrap::is_verbatim() const {
    return fenced_ || head_.starts_with("    ") || head_.starts_with('\t') || head_.starts_with('|') || is_fence(head_);
}

std::string WordWrap::take(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view point = text.substr(at, bytes_of_point(text[at]));
        at += point.size();
        take_point(point, out);
    }
    return out;
}

void WordWrap::take_point(std::string_view point, std::string& out) {
    if (point == "\n") return end_line(out);
    if (head_.size() < head_bytes) head_ += point;
    if (is_verbatim()) {
        out += std::exchange(spaces_, {});
        out += point;
        return;
    }
    if (point == "`") spanned_ = !spanned_;
    if ((point == " " && !spanned_) || point == "\t") return take_space(point);
    take_letter(point, display_width(point), out);
}

void WordWrap::take_space(std::string_view point) {
    spaces_ += point == "\t" ? "    " : point;
    word_.clear();
    word_width_ = 0;
    unmovable_ = false;
}

void WordWrap::take_letter(std::string_view point, std::size_t width, std::string& out) {
    // Scripts without spaces are written with wide letters, and broken between any two of them.
    if (width > 1) {
        word_.clear();
        word_width_ = 0;
    }
    if (!spaces_.empty() || word_.empty()) {
        if (column_ > 0 && column_ + spaces_.size() + width > most_ && !unmovable_) {
            out += '\n';
            column_ = gap_ = 0;
        } else {
            out += spaces_;
            gap_ = spaces_.size();
            column_ += gap_;
        }
        spaces_.clear();
    } else if (column_ + width > most_ && !unmovable_) {
        if (word_width_ + gap_ < column_) {
            out += lar::format("\033[{}D\033[K\n{}", word_width_ + gap_, word_);
            column_ = word_width_;
            gap_ = 0;
        }
        // It began the row: it is longer than any, and the terminal breaks it.
        unmovable_ = column_ + width > most_;
    }
    out += point;
    column_ += width;
    if (!unmovable_) {
        word_ += point;
        word_width_ += width;
    } else if (column_ > most_ + 1) {
        column_ = width;
    }
}

void WordWrap::end_line(std::string& out) {
    if (is_fence(head_)) fenced_ = !fenced_;
    out += '\n';
    column_ = 0;
    head_.clear();
    spaces_.clear();
    word_.clear();
    word_width_ = gap_ = 0;
    spanned_ = unmovable_ = false;
}

void AnswerPrinter::start_wrap() {
    wrap_ = style_.columns > 0 ? std::optional<WordWrap>(style_.columns) : std::nullopt;
}

void AnswerPrinter::print(std::string_view text, cli::Style look) {
    const std::string safe = printable(to_utf8_lossy(text));
    if (safe.empty()) return;
    line_begun_ = !safe.ends_with('\n');
    out_.print(out_.styled(look, wrap_ ? wrap_->take(safe) : safe));
}

void AnswerPrinter::thought(std::string_view text) {
    if (text.empty() || !style_.thoughts) return;
    if (!std::exchange(thinking_, true)) out_.line("Thinking...");
    print(text, cli::Style::faint);
}

void AnswerPrinter::end_thoughts() {
    if (!std::exchange(thinking_, false)) return;
    if (std::exchange(line_begun_, false)) out_.line();
    out_.line("...done thinking.\n");
    start_wrap();
}

void AnswerPrinter::text(std::string_view text) {
    if (text.empty()) return;
    end_thoughts();
    print(text, cli::Style::plain);
}

void AnswerPrinter::end() {
    end_thoughts();
    if (std::exchange(line_begun_, false)) out_.line();
}

std::string timings_text(const Timings& timings) {
    const std::pair<std::string_view, std::string> lines[] = {
        {"total duration", go_duration(timings.total_ns)},
        {"load duration", go_duration(timings.load_ns)},
        {"prompt eval count", lar::format("{} token(s)", timings.prompt_tokens)},
        {"prompt eval duration", go_duration(timings.prompt_ns)},
        {"prompt eval rate", rate(timings.prompt_tokens, timings.prompt_ns)},
        {"eval count", lar::format("{} token(s)", timings.answer_tokens)},
        {"eval duration", go_duration(timings.answer_ns)},
        {"eval rate", rate(timings.answer_tokens, timings.answer_ns)},
    };
    std::string text;
    for (const auto& [name, value] : lines) text += lar::format("{:<22}{}\n", lar::format("{}:", name), value);
    return text;
}

}  // namespace lar::cli
