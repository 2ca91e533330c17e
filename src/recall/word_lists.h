// Texts that hold lists of words by language: a line `[de]` begins the German one, `#` a comment.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "index/language.h"

namespace lar::recall {

// Of a term as index/analysis.h gives it: "haus~de" is German. What has no mark is English, as far as its letters tell.
index::Language language_of_term(std::string_view term);
// Without that mark: "haus".
std::string_view word_of_term(std::string_view term);

// What a list keeps of a term, so that an idle daemon holds four bytes for each.
std::uint32_t key_of(std::string_view term);
// In order, each once.
std::vector<std::uint32_t> sorted_keys(std::vector<std::uint32_t> keys);

template <class Each>
void for_each_line(std::string_view text, std::string_view section, Each each) {
    bool inside = false;
    for (const std::string_view line : split_lines(text)) {
        if (line.starts_with('['))
            inside = line.substr(1, line.find(']') - 1) == section;
        else if (inside && !line.empty() && !line.starts_with('#'))
            each(line);
    }
}

// Something for each language, made when it is wanted first. May be asked by several threads.
template <class T>
class OfEachLanguage {
public:
    template <class Make>
    const T& of(index::Language language, Make make) {
        const auto i = static_cast<std::size_t>(language);
        std::call_once(made_[i], [&] { all_[i] = make(language); });
        return all_[i];
    }

private:
    std::array<std::once_flag, index::language_count> made_;
    std::array<T, index::language_count> all_;
};

}  // namespace lar::recall
