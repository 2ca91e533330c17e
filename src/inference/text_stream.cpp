#include "inference/text_stream.h"

#include <algorithm>

#include "base/text.h"

namespace lar::inference {
namespace {

// Bytes at the end that may be the beginning of a character.
std::size_t unfinished_character(std::string_view text) {
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xC0U) == 0x80U) continue;
        const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
        return length > back ? back : 0;
    }
    return 0;
}

// The longest end of `text` that is a beginning of `word`, but not all of it.
std::size_t overlap(std::string_view text, std::string_view word) {
    for (std::size_t size = std::min(text.size(), word.size() - 1); size > 0; --size)
        if (text.ends_with(word.substr(0, size))) return size;
    return 0;
}

}  // namespace

std::size_t TextStream::held_back() const {
    std::size_t held = unfinished_character(pending_);
    for (const std::string& stop : stop_) held = std::max(held, overlap(pending_, stop));
    return held;
}

TextStream::Out TextStream::release(std::size_t bytes) {
    Out out{.text = to_utf8_lossy(std::string_view(pending_).substr(0, bytes))};
    pending_.erase(0, bytes);
    while (!token_ends_.empty() && token_ends_.front() <= bytes) {
        token_ends_.pop_front();
        ++out.tokens;
    }
    for (std::size_t& end : token_ends_) end -= bytes;
    return out;
}

TextStream::Out TextStream::push(std::string_view bytes, Stops stops) {
    pending_ += bytes;
    token_ends_.push_back(pending_.size());
    if (stops == Stops::do_not_count) return release(pending_.size() - unfinished_character(pending_));
    std::size_t first = std::string::npos;
    const std::string* found = nullptr;
    for (const std::string& stop : stop_)
        if (const std::size_t place = pending_.find(stop); place < first) {
            first = place;
            found = &stop;
        }
    if (!found) return release(pending_.size() - held_back());
    Out out = release(first);
    out.stopped_by = *found;
    pending_.clear();
    token_ends_.clear();
    return out;
}

TextStream::Out TextStream::finish() { return release(pending_.size()); }

}  // namespace lar::inference
