#include "index/builder.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

namespace lar::index {
namespace {

constexpr std::size_t first_table_size = 4096;  // a power of two, as all are
constexpr std::uint32_t nowhere = std::numeric_limits<std::uint32_t>::max();

}  // namespace

Builder::Builder() : table_(first_table_size, 0) {}

std::size_t Builder::memory_bytes() const {
    return letters_.capacity() + words_.capacity() * sizeof(Word) + table_.capacity() * sizeof(std::uint32_t) +
           entries_.capacity() * sizeof(Entry) + passages_.capacity() * sizeof(Passage);
}

std::uint32_t Builder::number_of(std::string_view term) {
    const auto hash = static_cast<std::uint32_t>(checksum(as_bytes(term)));
    const std::size_t mask = table_.size() - 1;
    std::size_t slot = hash & mask;
    for (; table_[slot] != 0; slot = (slot + 1) & mask) {
        const Word& word = words_[table_[slot] - 1];
        if (word.hash == hash && text_of(word) == term) return table_[slot] - 1;
    }
    const auto number = static_cast<std::uint32_t>(words_.size());
    words_.push_back(
        {.at = letters_.size(), .bytes = static_cast<std::uint32_t>(term.size()), .hash = hash, .entry = nowhere});
    letters_ += term;
    table_[slot] = number + 1;
    if (words_.size() * 2 > table_.size()) grow();
    return number;
}

void Builder::grow() {
    std::vector<std::uint32_t> larger(table_.size() * 2, 0);
    const std::size_t mask = larger.size() - 1;
    for (std::uint32_t number = 0; number < words_.size(); ++number) {
        std::size_t slot = words_[number].hash & mask;
        while (larger[slot] != 0) slot = (slot + 1) & mask;
        larger[slot] = number + 1;
    }
    table_ = std::move(larger);
}

void Builder::count(std::uint32_t passage, std::string_view term, std::size_t field) {
    const std::uint32_t number = number_of(term.substr(0, limit_stored_term_bytes));
    Word& word = words_[number];
    if (word.entry == nowhere || entries_[word.entry].passage != passage) {
        word.entry = static_cast<std::uint32_t>(entries_.size());
        ++word.size;
        entries_.push_back({.term = number, .passage = passage});
    }
    Entry& entry = entries_[word.entry];
    if (field == 0)
        entry.body = static_cast<std::uint16_t>(std::min<std::uint32_t>(entry.body + 1U, limit_counts[0]));
    else
        entry.others[field - 1] = static_cast<std::uint8_t>(std::min<std::uint32_t>(entry.others[field - 1] + 1U, 255));
}

FieldCounts Builder::add(std::int64_t id, const FieldTerms& terms) {
    const auto passage = static_cast<std::uint32_t>(passages_.size());
    FieldCounts lengths{};
    for (std::size_t field = 0; field < field_count; ++field) {
        const std::string_view text = terms[field];
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find(' ', at), text.size());
            if (end > at) {
                count(passage, text.substr(at, end - at), field);
                lengths[field] = std::min(lengths[field] + 1, limit_counts[field]);
            }
            at = end + 1;
        }
    }
    passages_.push_back({.id = id, .lengths = lengths});
    least_id_ = std::min(least_id_, id);
    ++documents_;
    return lengths;
}

bool Builder::remove(std::int64_t id) {
    if (id < least_id_) return false;
    // The latest of that id: one that was changed twice is here twice.
    for (auto passage = passages_.rbegin(); passage != passages_.rend(); ++passage) {
        if (passage->id != id || passage->removed) continue;
        passage->removed = true;
        --documents_;
        return true;
    }
    return false;
}

Result<> Builder::write(SegmentWriter& writer) {
    std::vector<std::uint32_t> order;  // passages by id
    for (std::uint32_t i = 0; i < passages_.size(); ++i)
        if (!passages_[i].removed) order.push_back(i);
    const auto id_of = [&](std::uint32_t passage) { return passages_[passage].id; };
    const bool in_order = std::ranges::is_sorted(order, {}, id_of);
    if (!in_order) std::ranges::sort(order, {}, id_of);
    SegmentWriter::Documents documents;
    std::vector<std::uint32_t> places(passages_.size(), nowhere);
    for (const std::uint32_t passage : order) {
        places[passage] = static_cast<std::uint32_t>(documents.ids.size());
        documents.ids.push_back(passages_[passage].id);
        documents.lengths += pack_lengths(passages_[passage].lengths);
    }
    TRY_VOID(writer.begin(std::move(documents)));

    // Entries by term; within one they stay in the order of passages.
    std::vector<std::uint32_t> ends(words_.size());
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < words_.size(); ++i) ends[i] = std::exchange(sum, sum + words_[i].size);
    std::vector<std::uint32_t> by_term(entries_.size());
    for (std::uint32_t i = 0; i < entries_.size(); ++i) by_term[ends[entries_[i].term]++] = i;
    std::vector<std::uint32_t> words(words_.size());
    std::iota(words.begin(), words.end(), 0U);
    std::ranges::sort(words, {}, [&](std::uint32_t word) { return text_of(words_[word]); });
    for (const std::uint32_t word : words) {
        const auto of_term = std::span(by_term).subspan(ends[word] - words_[word].size, words_[word].size);
        if (!in_order)
            std::ranges::sort(of_term, {}, [&](std::uint32_t entry) { return places[entries_[entry].passage]; });
        writer.begin_term(text_of(words_[word]));
        for (const std::uint32_t number : of_term) {
            const Entry& entry = entries_[number];
            if (places[entry.passage] == nowhere) continue;
            TRY_VOID(
                writer.add(places[entry.passage], {entry.body, entry.others[0], entry.others[1], entry.others[2]}));
        }
        TRY_VOID(writer.end_term());
    }
    return {};
}

}  // namespace lar::index
