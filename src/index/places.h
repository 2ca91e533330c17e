// Which passages of a segment still count: a bit for each place. What a delete changes, because a segment never does.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace lar::index {

class PlaceSet {
public:
    PlaceSet() = default;
    static PlaceSet all(std::uint32_t places) {
        PlaceSet set = none(places);
        for (std::uint64_t& word : set.words_) word = ~std::uint64_t{0};
        if (places % 64 != 0) set.words_.back() = (std::uint64_t{1} << (places % 64)) - 1;
        return set;
    }
    static PlaceSet none(std::uint32_t places) {
        PlaceSet set;
        set.places_ = places;
        set.words_.resize((places + 63) / 64);
        return set;
    }
    // As to_bytes() gave it; an empty set where that is not of this size.
    static PlaceSet of_bytes(std::uint32_t places, std::string_view bytes) {
        PlaceSet set = none(places);
        if (bytes.size() != set.words_.size() * sizeof(std::uint64_t)) return {};
        std::memcpy(set.words_.data(), bytes.data(), bytes.size());
        if (places % 64 != 0) set.words_.back() &= (std::uint64_t{1} << (places % 64)) - 1;
        return set;
    }
    std::string to_bytes() const {
        return {reinterpret_cast<const char*>(words_.data()), words_.size() * sizeof(std::uint64_t)};
    }

    std::uint32_t places() const { return places_; }
    bool contains(std::uint32_t place) const { return (words_[place / 64] >> (place % 64) & 1) != 0; }
    void add(std::uint32_t place) { words_[place / 64] |= std::uint64_t{1} << (place % 64); }
    void remove(std::uint32_t place) { words_[place / 64] &= ~(std::uint64_t{1} << (place % 64)); }
    void keep_only(const PlaceSet& other) {
        for (std::size_t word = 0; word < words_.size(); ++word) words_[word] &= other.words_[word];
    }
    std::uint32_t count() const {
        std::uint32_t sum = 0;
        for (const std::uint64_t word : words_) sum += static_cast<std::uint32_t>(std::popcount(word));
        return sum;
    }
    // Whether any of the places from first to end - 1 is there; first is a multiple of 64.
    bool any_in(std::uint32_t first, std::uint32_t end) const {
        for (std::size_t word = first / 64; word < words_.size() && word * 64 < end; ++word)
            if (words_[word] != 0) return true;
        return false;
    }

private:
    std::uint32_t places_ = 0;
    std::vector<std::uint64_t> words_;
};

}  // namespace lar::index
