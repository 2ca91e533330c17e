#include "answer/sentence_stream.h"

#include <algorithm>
#include <utility>

#include "answer/marks.h"
#include "answer/sentences.h"
#include "base/text.h"

namespace lar::answer {
namespace {

constexpr std::string_view blanks = " \t\r\n";

bool begins_code(std::string_view text) { return text.starts_with("```") || text.starts_with("~~~"); }
bool may_begin_code(std::string_view text) {
    return text.size() < 3 && !text.empty() &&
           (std::string_view("```").starts_with(text) || std::string_view("~~~").starts_with(text));
}

bool says_something(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               static_cast<unsigned char>(c) >= 0x80;
    });
}

std::size_t skip(std::string_view text, std::size_t at, std::string_view characters) {
    return std::min(text.find_first_not_of(characters, at), text.size());
}

std::string space_in(std::string_view blank, bool begun) {
    if (!begun) return {};
    const auto lines = std::ranges::count(blank, '\n');
    if (lines > 0) return lines > 1 ? "\n\n" : "\n";
    return blank.empty() ? "" : " ";
}

// Takes the marks out of a sentence.
WrittenSentence without_marks(std::string_view raw) {
    WrittenSentence sentence;
    bool in_code = false;
    for (std::size_t at = 0; at < raw.size();) {
        // A backquote that is never closed opens nothing.
        if (raw[at] == '`') in_code = !in_code && raw.find('`', at + 1) != std::string_view::npos;
        const auto mark = in_code ? std::nullopt : mark_at(raw, at);
        if (!mark) {
            sentence.text += raw[at++];
            continue;
        }
        for (const std::uint32_t number : mark->numbers)
            if (!std::ranges::contains(sentence.numbers, number)) sentence.numbers.push_back(number);
        at += mark->bytes;
        while (sentence.text.ends_with(' ')) sentence.text.pop_back();
    }
    sentence.text = trim(sentence.text);
    return sentence;
}

}  // namespace

std::vector<WrittenSentence> SentenceStream::take(std::string_view text) {
    held_ += text;
    return sentences(Rest::may_follow);
}

std::vector<WrittenSentence> SentenceStream::end() {
    held_ = to_utf8_lossy(held_);
    auto last = sentences(Rest::none);
    held_.clear();
    return last;
}

std::vector<WrittenSentence> SentenceStream::sentences(Rest rest) {
    std::vector<WrittenSentence> out;
    std::size_t from = 0;
    for (;;) {
        const std::size_t first = skip(held_, from, blanks);
        if (first == held_.size()) break;
        const bool code = begins_code(std::string_view(held_).substr(first));
        if (rest == Rest::may_follow && may_begin_code(std::string_view(held_).substr(first))) break;
        const auto end = code ? end_of_code(first, rest) : end_of(first, rest);
        if (!end) break;
        const std::string_view raw = std::string_view(held_).substr(first, *end - first);
        WrittenSentence sentence = code ? WrittenSentence{.text = std::string(trim(raw))} : without_marks(raw);
        if (says_something(sentence.text)) {
            sentence.space = space_in(std::string_view(held_).substr(from, first - from), begun_);
            begun_ = true;
            out.push_back(std::move(sentence));
        }
        from = *end;
    }
    held_.erase(0, from);
    return out;
}

std::optional<std::size_t> SentenceStream::end_of_code(std::size_t first, Rest rest) const {
    const std::string_view text = std::string_view(held_).substr(first);
    const std::string_view fence = text.substr(0, 3);
    for (std::size_t line = text.find('\n'); line < limit_code_bytes; line = text.find('\n', line + 1)) {
        const std::size_t begin = skip(text, line + 1, " ");
        if (!text.substr(begin).starts_with(fence)) continue;
        const std::size_t end = text.find('\n', begin);
        if (end != std::string_view::npos && end <= limit_code_bytes) return first + end;
        break;
    }
    if (text.size() > limit_code_bytes) return first + utf8_prefix(text, limit_code_bytes).size();
    return rest == Rest::none ? std::optional(held_.size()) : std::nullopt;
}

std::optional<std::size_t> SentenceStream::end_of(std::size_t first, Rest rest) const {
    const std::string_view text = held_;
    bool in_code = false;
    std::size_t at = first;
    if (const auto item = list_item(text.substr(first, text.find('\n', first) - first)))
        at = static_cast<std::size_t>(item->data() - text.data());
    for (; at < text.size(); ++at) {
        if (at - first >= limit_sentence_bytes) {
            const std::string_view most = utf8_prefix(text.substr(first), limit_sentence_bytes);
            const std::size_t space = most.rfind(' ');
            return first + (space == std::string_view::npos || space == 0 ? most.size() : space);
        }
        if (text[at] == '\n') {
            const auto end = end_of_line(at, rest);
            return end;
        }
        if (text[at] == '`') in_code = !in_code;
        if (in_code) continue;
        if (const auto mark = mark_at(text, at)) {
            at += mark->bytes - 1;
            continue;
        }
        const std::size_t bytes = stop_bytes(text.substr(at));
        if (bytes == 0) continue;
        const auto end = end_after_stop(first, at, bytes, rest);
        if (!end) return std::nullopt;
        if (*end != unknown) return end;
    }
    return rest == Rest::none ? std::optional(text.size()) : std::nullopt;
}

// Marks alone on the next line belong to this one.
std::optional<std::size_t> SentenceStream::end_of_line(std::size_t line_end, Rest rest) const {
    const std::string_view text = held_;
    std::size_t end = line_end;
    for (std::size_t next = skip(text, line_end, blanks);; next = skip(text, end, " \t\r")) {
        if (next == text.size()) return rest == Rest::none ? std::optional(end) : std::nullopt;
        const auto mark = mark_at(text, next);
        if (mark) {
            end = next + mark->bytes;
        } else if (rest == Rest::may_follow && may_become_mark(text, next)) {
            return std::nullopt;
        } else {
            return text[next] == '\n' ? end : line_end;
        }
    }
}

// Nothing: more text will tell. `unknown` is used for "this is no end".
std::optional<std::size_t> SentenceStream::end_after_stop(std::size_t first, std::size_t stop, std::size_t bytes,
                                                          Rest rest) const {
    const std::string_view text = held_;
    const std::size_t closed = behind_closers(text, stop + bytes);
    std::size_t end = closed;
    for (;;) {
        const std::size_t next = skip(text, end, " \t\r");
        if (next == text.size()) return rest == Rest::none ? std::optional(end) : std::nullopt;
        if (const auto mark = mark_at(text, next)) {
            end = next + mark->bytes;
            continue;
        }
        if (rest == Rest::may_follow && may_become_mark(text, next)) return std::nullopt;
        if (text[next] == '\n' || bytes > 1) return end;
        if (next == end && end == closed) return unknown;  // "3.14", "store.open"
        // As it would stand without marks.
        const std::string around =
            std::string(text.substr(first, closed - first)) + " " + std::string(text.substr(next, 1));
        return sentence_end(around, stop - first) != 0 ? end : unknown;
    }
}

}  // namespace lar::answer
