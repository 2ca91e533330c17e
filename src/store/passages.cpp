#include "base/identity.h"
#include "store/writer.h"

namespace lar::store {

std::string Writer::Impl::uuid_or_new(const std::string& uuid) const {
    return uuid.empty() ? new_uuid(clock.now_us()) : uuid;
}

Result<Writer::Impl::Passages> Writer::Impl::reserve_passages(std::size_t count) {
    if (next_passage_ == 0) next_passage_ = TRY(connection.integer("SELECT id FROM next_passage")).value_or(0);
    if (next_passage_ < 1) return fail(Code::corrupt, "the store does not know its next passage");
    took_ids_ = true;
    const Passages reserved{next_passage_, static_cast<std::int64_t>(count)};
    next_passage_ += reserved.count;
    return reserved;
}

void Writer::Impl::count_document(SourceId source, DocumentKind kind, std::int64_t size_bytes, std::int64_t sign) {
    Tally& tally = tallies_[source.value];
    tally.documents += sign;
    tally.bytes += sign * size_bytes;
    if (kind == DocumentKind::commit) tally.commits += sign;
}

Result<> Writer::Impl::add_passages(SourceId source, DocumentId document, Passages reserved,
                                    std::span<const NewPassage> passages) {
    Statement insert = TRY(connection.prepare(
        "INSERT INTO passages (id, document, ordinal, line_first, line_last, hash, path, context, text, page) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"));
    std::int64_t id = reserved.first;
    for (const auto& [passage, indexed] : passages) {
        TRY_VOID(insert
                     .bind(id, document.value, passage.ordinal, passage.line_first, passage.line_last,
                           Hex{passage.hash}, passage.path, passage.context, passage.text, passage.page)
                     .run());
        TRY_VOID(index.add(id, indexed));
        ++id;
    }
    tallies_[source.value].passages += reserved.count;
    return {};
}

Result<> Writer::Impl::remove_passages(SourceId source, Passages passages) {
    const std::int64_t end = passages.first + passages.count;
    for (std::int64_t id = passages.first; id < end; ++id) TRY_VOID(index.remove(id));
    tallies_[source.value].passages -= passages.count;
    return connection.run("DELETE FROM passages WHERE id >= ?1 AND id < ?2", passages.first, end);
}

Result<> Writer::Impl::reindex_passages(Passages passages, std::span<const NewPassage> reindexed) {
    std::int64_t id = passages.first;
    for (const auto& [passage, indexed] : reindexed) {
        TRY_VOID(index.remove(id));
        TRY_VOID(index.add(id, indexed));
        TRY_VOID(connection.run("UPDATE passages SET path = ?2, context = ?3 WHERE id = ?1", id, passage.path,
                                passage.context));
        ++id;
    }
    return {};
}

Result<Writer::Impl::Stored> Writer::Impl::stored(DocumentId document) {
    Statement find = TRY(connection.prepare(
        "SELECT source, kind, size_bytes, passage_first, passage_count FROM documents WHERE id = ?1"));
    find.bind(document.value);
    if (!TRY(find.step())) return fail(Code::not_found, "there is no such document in the store");
    return Stored{document,
                  SourceId{find.integer(0)},
                  static_cast<DocumentKind>(find.integer(1)),
                  find.integer(2),
                  {find.integer(3), find.integer(4)}};
}

Result<> Writer::Impl::flush_tallies() {
    for (const auto& [source, tally] : tallies_) {
        TRY_VOID(connection.run(
            "UPDATE tallies SET documents = documents + ?2, passages = passages + ?3, bytes = bytes + ?4, "
            "commits = commits + ?5 WHERE source = ?1",
            source, tally.documents, tally.passages, tally.bytes, tally.commits));
    }
    tallies_.clear();
    return {};
}

Result<> Writer::Impl::finish() {
    TRY_VOID(flush_tallies());
    if (took_ids_) TRY_VOID(connection.run("UPDATE next_passage SET id = ?1", next_passage_));
    return index.finish();
}

}  // namespace lar::store
