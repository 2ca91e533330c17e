// From a model's tokens, which are bytes, to text that may be shown: whole characters, and nothing of a stop string.
//
// A stop string may begin in one token and end in another, and so may a character. What could still become either is
// held back until it is decided; the rest leaves at once. Bytes that can be no character leave as U+FFFD.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lar::inference {

class TextStream {
public:
    struct Out {
        std::string text;
        std::uint32_t tokens = 0;               // whose last byte is in it
        std::optional<std::string> stopped_by;  // nothing comes after this
    };

    // Stop strings are not empty.
    explicit TextStream(std::vector<std::string> stop) : stop_(std::move(stop)) {}

    enum class Stops { count, do_not_count };
    Out push(std::string_view bytes_of_token, Stops stops);
    // The rest, when nothing more comes.
    Out finish();

private:
    std::size_t held_back() const;
    Out release(std::size_t bytes);

    std::vector<std::string> stop_;
    std::string pending_;
    std::deque<std::size_t> token_ends_;  // in pending_
};

}  // namespace lar::inference
