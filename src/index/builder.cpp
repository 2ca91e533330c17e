#include "index/builder.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace lar::index {
namespace {

constexpr std::size_t first_table_size = 4096;  // a power of two, as all are

std::uint32_t hash_of(std::string_view term) {
    constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;
    std::uint64_t hash = term.size();
    const auto take = [&](std::size_t bytes) {
        std::uint64_t word = 0;
        std::memcpy(&word, term.data(), bytes);
        term.remove_prefix(bytes);
        hash = (hash ^ word) * odd;
        hash ^= hash >> 32;
    };
    while (term.size() > sizeof(std::uint64_t)) take(sizeof(std::uint64_t));
    take(term.size());
    return static_cast<std::uint32_t>(hash);
}

}  // namespace

Builder::Builder() : table_(first_table_size) {}

std::size_t Builder::memory_bytes() const {
    return letters_.capacity() + words_.capacity() * sizeof(Word) + table_.capacity() * sizeof(Slot) +
           entries_.capacity() * sizeof(Entry) + passages_.capacity() * sizeof(Passage);
}

bool Builder::is(const Word& word, std::string_view term) const {
    if (word.bytes != term.size() || std::memcmp(word.head.data(), term.data(), std::min(head_bytes, term.size())) != 0)
        return false;
    return term.size() <= head_bytes || text_of(word) == term;
}

std::uint32_t Builder::number_of(std::string_view term) {
    const std::uint32_t hash = hash_of(term);
    const std::size_t mask = table_.size() - 1;
    std::size_t slot = hash & mask;
    for (; table_[slot].number != 0; slot = (slot + 1) & mask)
        if (table_[slot].hash == hash && is(words_[table_[slot].number - 1], term)) return table_[slot].number - 1;
    const auto number = static_cast<std::uint32_t>(words_.size());
    Word word{.at = static_cast<std::uint32_t>(letters_.size()),
              .bytes = static_cast<std::uint32_t>(term.size()),
              .passage = nowhere};
    std::ranges::copy(term.substr(0, head_bytes), word.head.begin());
    words_.push_back(word);
    letters_ += term;
    table_[slot] = {hash, number + 1};
    if (words_.size() * 2 > table_.size()) grow();
    return number;
}

void Builder::grow() {
    std::vector<Slot> larger(table_.size() * 2);
    const std::size_t mask = larger.size() - 1;
    for (const Slot& old : table_) {
        if (old.number == 0) continue;
        std::size_t slot = old.hash & mask;
        while (larger[slot].number != 0) slot = (slot + 1) & mask;
        larger[slot] = old;
    }
    table_ = std::move(larger);
}

void Builder::count(std::uint32_t passage, std::string_view term, std::size_t field) {
    const std::uint32_t number = number_of(term.substr(0, limit_stored_term_bytes));
    Word& word = words_[number];
    if (word.passage != passage) {
        word.passage = passage;
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

// By the order of their bytes, most of which the first eight decide.
std::vector<std::uint32_t> Builder::words_in_order() const {
    struct Ranked {
        std::uint64_t rank = 0;
        std::uint32_t word = 0;
    };
    std::vector<Ranked> ranked(words_.size());
    for (std::uint32_t i = 0; i < words_.size(); ++i)
        ranked[i] = {rank_of({words_[i].head.data(), std::min<std::size_t>(head_bytes, words_[i].bytes)}), i};
    std::ranges::sort(ranked, [&](const Ranked& a, const Ranked& b) {
        return a.rank != b.rank ? a.rank < b.rank : text_of(words_[a.word]) < text_of(words_[b.word]);
    });
    std::vector<std::uint32_t> order(ranked.size());
    std::ranges::transform(ranked, order.begin(), &Ranked::word);
    return order;
}

// Those of a word end at ends[word] and stay in the order of their passages.
std::vector<Builder::Entry> Builder::entries_by_term(std::vector<std::uint32_t>& ends) const {
    ends.resize(words_.size());
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < words_.size(); ++i) ends[i] = std::exchange(sum, sum + words_[i].size);
    std::vector<Entry> sorted(entries_.size());
    for (const Entry& entry : entries_) sorted[ends[entry.term]++] = entry;
    return sorted;
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

    std::vector<std::uint32_t> ends;
    std::vector<Entry> entries = entries_by_term(ends);
    for (const std::uint32_t word : words_in_order()) {
        const auto of_term = std::span(entries).subspan(ends[word] - words_[word].size, words_[word].size);
        if (!in_order) std::ranges::sort(of_term, {}, [&](const Entry& entry) { return places[entry.passage]; });
        writer.begin_term(text_of(words_[word]));
        for (const Entry& entry : of_term) {
            if (places[entry.passage] == nowhere) continue;
            TRY_VOID(
                writer.add(places[entry.passage], {entry.body, entry.others[0], entry.others[1], entry.others[2]}));
        }
        TRY_VOID(writer.end_term());
    }
    return {};
}

}  // namespace lar::index
