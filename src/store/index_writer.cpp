#include "store/index_writer.h"

#include <algorithm>
#include <utility>

namespace lar::store {
namespace {

// What a builder holds for a byte of its segment, roughly.
constexpr std::size_t memory_for_a_byte = 6;

using Lengths = std::array<std::int64_t, index::field_count>;

Result<Lengths> sum_lengths(const index::Segment& segment) {
    Lengths sums{};
    const auto lengths = TRY(segment.lengths());
    for (std::uint32_t place = 0; place < segment.documents(); ++place) {
        const index::FieldCounts each = index::unpack_lengths(lengths.data(), place);
        for (std::size_t field = 0; field < index::field_count; ++field) sums[field] += each[field];
    }
    return sums;
}

}  // namespace

IndexWriter::~IndexWriter() {
    for (const std::string& name : made_) shelf_.retire(name);
}

Result<> IndexWriter::load() {
    if (std::exchange(loaded_, true)) return {};
    for (SegmentRow& row : TRY(segment_rows(connection_))) {
        auto held = std::make_unique<Held>();
        held->live = TRY(shelf_.live_segment(connection_, row));
        held->row = std::move(row);
        held_.push_back(std::move(held));
    }
    return {};
}

index::LiveSegment IndexWriter::now(const Held& held) const {
    if (!held.changed) return held.live;
    return {held.live.segment, std::make_shared<const index::PlaceSet>(*held.changed)};
}

// ---- passages ----

Result<> IndexWriter::add(std::int64_t passage, const IndexedText& indexed) {
    if (!gathered_) gathered_ = std::make_unique<index::Builder>();
    gathered_->add(passage, {indexed.body, indexed.title, indexed.path, indexed.context});
    changed_ = true;
    return gathered_->memory_bytes() < limit_gathered_bytes ? Result<>() : write_gathered();
}

Result<IndexWriter::Held*> IndexWriter::find(std::int64_t passage, std::uint32_t& place) {
    TRY_VOID(load());
    for (const auto& held : held_) {
        if (held->gone || passage < held->row.first_passage || passage > held->row.last_passage) continue;
        const auto found = TRY(held->live.segment->place_of(passage));
        if (!found) continue;
        const index::PlaceSet* const live = held->changed ? held->changed.get() : held->live.live.get();
        if (live != nullptr && !live->contains(*found)) continue;
        place = *found;
        return held.get();
    }
    return nullptr;
}

Result<bool> IndexWriter::has(std::int64_t passage) {
    std::uint32_t place = 0;
    return TRY(find(passage, place)) != nullptr;
}

Result<> IndexWriter::remove(std::int64_t passage) {
    if (gathered_ && gathered_->remove(passage)) return {};
    std::uint32_t place = 0;
    Held* const held = TRY(find(passage, place));
    return held == nullptr ? Result<>() : remove_from(*held, place);
}

Result<> IndexWriter::remove_from(Held& held, std::uint32_t place) {
    const index::PlaceSet* const live = held.live.live.get();
    if (!held.changed)
        held.changed =
            std::make_unique<index::PlaceSet>(live != nullptr ? *live : index::PlaceSet::all(held.row.documents));
    held.changed->remove(place);
    --held.row.live_documents;
    const index::FieldCounts lengths = index::unpack_lengths(TRY(held.live.segment->lengths()).data(), place);
    for (std::size_t field = 0; field < index::field_count; ++field) held.row.lengths[field] -= lengths[field];
    changed_ = true;
    return {};
}

// ---- segments ----

Result<> IndexWriter::write_gathered() {
    const std::unique_ptr<index::Builder> gathered = std::move(gathered_);
    if (!gathered || gathered->documents() == 0) return {};
    TRY_VOID(load());
    SegmentShelf::Made made = TRY(shelf_.begin(gathered->memory_bytes() / memory_for_a_byte));
    made_.push_back(made.name);
    TRY_VOID(gathered->write(made.writer));
    TRY(insert(TRY(shelf_.finish(std::move(made)))));
    return {};
}

Result<IndexWriter::Held*> IndexWriter::insert(SegmentShelf::Finished finished) {
    const index::Segment& segment = *finished.segment;
    auto held = std::make_unique<Held>();
    held->row = {.name = std::move(finished.name),
                 .bytes = segment.size_bytes(),
                 .in_row = !finished.content.empty(),
                 .documents = segment.documents(),
                 .first_passage = segment.first_id(),
                 .last_passage = TRY(segment.last_id()),
                 .live_documents = segment.documents(),
                 .lengths = TRY(sum_lengths(segment))};
    held->live = {std::move(finished.segment), nullptr};
    held->content = std::move(finished.content);
    held->is_new = true;
    held_.push_back(std::move(held));
    changed_ = true;
    return held_.back().get();
}

Result<> IndexWriter::drop(Held& held) {
    if (!held.is_new) TRY_VOID(connection_.run("DELETE FROM segments WHERE id = ?1", held.row.id));
    held.gone = true;
    held.content.clear();
    replaced_.push_back(held.row.name);
    changed_ = true;
    return {};
}

// What the transaction says of a segment, once, at its end.
Result<> IndexWriter::write_row(const Held& held) {
    if (held.gone || (!held.is_new && !held.changed)) return {};
    const SegmentRow& row = held.row;
    const std::string bits = held.changed ? held.changed->to_bytes() : std::string();
    const std::optional<Blob> live = held.changed ? std::optional(Blob{bits}) : std::nullopt;
    const std::int64_t version = row.live_version + (held.changed ? 1 : 0);
    if (!held.is_new) {
        return connection_.run(
            "UPDATE segments SET live = ?2, live_version = ?3, live_documents = ?4, body_length = ?5, title_length = "
            "?6, path_length = ?7, context_length = ?8 WHERE id = ?1",
            row.id, live, version, row.live_documents, row.lengths[0], row.lengths[1], row.lengths[2], row.lengths[3]);
    }
    const std::optional<Blob> content = row.in_row ? std::optional(Blob{held.content}) : std::nullopt;
    return connection_.run(
        "INSERT INTO segments (name, bytes, documents, first_passage, last_passage, live_documents, live_version, "
        "body_length, title_length, path_length, context_length, live, content) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        row.name, row.bytes, row.documents, row.first_passage, row.last_passage, row.live_documents, version,
        row.lengths[0], row.lengths[1], row.lengths[2], row.lengths[3], live, content);
}

Result<> IndexWriter::merge(std::span<Held* const> chosen) {
    std::vector<index::LiveSegment> inputs;
    std::uint64_t bytes = 0;
    for (const Held* const held : chosen) {
        inputs.push_back(now(*held));
        bytes += held->row.bytes;
    }
    SegmentShelf::Made made = TRY(shelf_.begin(bytes));
    made_.push_back(made.name);
    TRY_VOID(index::merge(inputs, made.writer));
    TRY(insert(TRY(shelf_.finish(std::move(made)))));
    for (Held* const held : chosen) TRY_VOID(drop(*held));
    return {};
}

Result<> IndexWriter::merge_small() {
    for (;;) {
        std::vector<Held*> candidates;
        std::vector<index::SegmentSize> sizes;
        for (const auto& held : held_) {
            if (held->gone || busy_.contains(held->row.name)) continue;
            candidates.push_back(held.get());
            sizes.push_back({.bytes = held->row.bytes,
                             .documents = held->row.documents,
                             .deleted = held->row.documents - static_cast<std::uint32_t>(held->row.live_documents)});
        }
        std::vector<Held*> chosen;
        for (const std::size_t number : index::choose_merge(sizes, limit_merge_at_once_bytes))
            chosen.push_back(candidates[number]);
        if (chosen.empty()) return {};
        TRY_VOID(merge(chosen));
    }
}

Result<> IndexWriter::finish() {
    TRY_VOID(write_gathered());
    if (!changed_) return {};
    for (const auto& held : held_)
        if (!held->gone && held->row.live_documents == 0) TRY_VOID(drop(*held));
    TRY_VOID(merge_small());
    for (const auto& held : held_) TRY_VOID(write_row(*held));
    return {};
}

void IndexWriter::committed() {
    made_.clear();
    for (const auto& held : held_)
        if (held->is_new && !held->gone && held->row.in_row) shelf_.keep(held->row.name, held->live.segment);
    for (const std::string& name : replaced_) shelf_.retire(name);
    replaced_.clear();
}

// ---- upkeep ----

Result<> IndexWriter::replace(std::span<const std::string> names, SegmentShelf::Finished by,
                              std::span<const index::LiveSegment> before) {
    made_.push_back(by.name);
    TRY_VOID(load());
    std::vector<Held*> replaced;
    for (const std::string& name : names) {
        const auto held = std::ranges::find(held_, name, [](const auto& each) { return each->row.name; });
        if (held == held_.end()) return fail(Code::conflict, "a segment went while it was merged");
        replaced.push_back(held->get());
    }
    Held& merged = *TRY(insert(std::move(by)));
    // What was removed while the merge went on.
    for (std::size_t i = 0; i < replaced.size(); ++i) {
        const index::PlaceSet* const then = before[i].live.get();
        const index::PlaceSet* const live = replaced[i]->live.live.get();
        if (live == nullptr || live == then) continue;
        for (std::uint32_t place = 0; place < replaced[i]->row.documents; ++place) {
            if (live->contains(place) || (then != nullptr && !then->contains(place))) continue;
            const auto moved = TRY(merged.live.segment->place_of(TRY(before[i].segment->id_at(place))));
            if (!moved) return fail(Code::corrupt, "a merge lost a passage");
            TRY_VOID(remove_from(merged, *moved));
        }
    }
    for (Held* const held : replaced) TRY_VOID(drop(*held));
    return {};
}

Result<> IndexWriter::purge() {
    TRY_VOID(load());
    std::vector<Held*> stained;
    for (const auto& held : held_)
        if (held->row.live_documents < held->row.documents) stained.push_back(held.get());
    for (Held* const held : stained) TRY_VOID(held->row.live_documents == 0 ? drop(*held) : merge(std::span(&held, 1)));
    return {};
}

Result<> IndexWriter::clear() {
    for (const SegmentRow& row : TRY(segment_rows(connection_))) replaced_.push_back(row.name);
    changed_ = true;
    return connection_.run("DELETE FROM segments");
}

}  // namespace lar::store
