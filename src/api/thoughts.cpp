#include "api/thoughts.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace lar::api {
namespace {

constexpr std::string_view opening = "<think>", closing = "</think>";
constexpr std::string_view blanks = " \t\r\n";

void drop_leading_blanks(std::string& text) { text.erase(0, std::min(text.find_first_not_of(blanks), text.size())); }

// How many bytes at the end of `text` may be the beginning of the marker.
std::size_t beginning_of(std::string_view marker, std::string_view text) {
    for (std::size_t length = std::min(marker.size() - 1, text.size()); length > 0; --length)
        if (text.ends_with(marker.substr(0, length))) return length;
    return 0;
}

}  // namespace

Thoughts::Text Thoughts::take(std::string_view piece) {
    held_ += piece;
    return sort();
}

Thoughts::Text Thoughts::sort() {
    Text out;
    if (state_ == State::before) {
        std::string text = held_;
        drop_leading_blanks(text);
        if (text.starts_with(opening)) {
            held_ = text.substr(opening.size());
            state_ = State::opened;
        } else if (text.size() < opening.size() && opening.starts_with(text)) {
            return out;
        } else {
            state_ = State::answering;
        }
    }
    if (state_ == State::opened) {
        drop_leading_blanks(held_);
        if (held_.empty()) return out;
        state_ = State::thinking;
    }
    if (state_ == State::thinking) {
        const std::size_t end = held_.find(closing);
        if (end == std::string::npos) {
            const std::size_t kept = beginning_of(closing, held_);
            out.thought = held_.substr(0, held_.size() - kept);
            held_.erase(0, held_.size() - kept);
            return out;
        }
        out.thought = held_.substr(0, end);
        held_.erase(0, end + closing.size());
        state_ = State::after;
    }
    if (state_ == State::after) {
        drop_leading_blanks(held_);
        if (held_.empty()) return out;
        state_ = State::answering;
    }
    out.answer = std::exchange(held_, {});
    return out;
}

Thoughts::Text Thoughts::end() {
    Text out;
    (state_ == State::thinking ? out.thought : out.answer) = std::exchange(held_, {});
    return out;
}

bool ends_in_thought(std::string_view rendered) { return trim(rendered).ends_with(opening); }

}  // namespace lar::api
