// Gathers passages in memory until they are written as a segment: the index's side of one transaction.
//
// Terms come as index/analysis.h gives them, joined by single spaces. A passage can be taken back before it is written.
// memory_bytes() says what is held, for whoever decides that it is enough.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/fields.h"
#include "index/segment_writer.h"

namespace lar::index {

using FieldTerms = std::array<std::string_view, field_count>;  // by Field

class Builder {
public:
    Builder();

    // The passage's lengths, as they will be ranked by.
    FieldCounts add(std::int64_t id, const FieldTerms& terms);
    // Whether it was here.
    bool remove(std::int64_t id);
    std::uint32_t documents() const { return documents_; }
    std::size_t memory_bytes() const;
    // Everything that was added and not removed. To be called once.
    Result<> write(SegmentWriter& writer);

private:
    struct Entry {
        std::uint32_t term = 0;
        std::uint32_t passage = 0;
        std::uint16_t body = 0;
        std::array<std::uint8_t, field_count - 1> others{};
    };
    struct Passage {
        std::int64_t id = 0;
        FieldCounts lengths{};
        bool removed = false;
    };
    static constexpr std::size_t head_bytes = 12;
    struct Word {
        std::array<char, head_bytes> head{};  // where most terms are told apart, without a look at letters_
        std::uint32_t at = 0;                 // in letters_
        std::uint32_t bytes = 0;
        std::uint32_t passage = 0;  // the latest that holds it
        std::uint32_t entry = 0;    // of that one
        std::uint32_t size = 0;     // entries
    };
    struct Slot {
        std::uint32_t hash = 0;
        std::uint32_t number = 0;  // of a word and one; 0: free
    };
    std::uint32_t number_of(std::string_view term);
    void grow();
    bool is(const Word& word, std::string_view term) const;
    std::string_view text_of(const Word& word) const { return std::string_view(letters_).substr(word.at, word.bytes); }
    void count(std::uint32_t passage, std::string_view term, std::size_t field);
    std::vector<std::uint32_t> words_in_order() const;
    std::vector<Entry> entries_by_term(std::vector<std::uint32_t>& ends) const;

    std::string letters_;
    std::vector<Word> words_;
    std::vector<Slot> table_;  // by hash
    std::vector<Entry> entries_;
    std::vector<Passage> passages_;
    std::uint32_t documents_ = 0;
    std::int64_t least_id_ = std::numeric_limits<std::int64_t>::max();
};

}  // namespace lar::index
