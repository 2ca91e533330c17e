// What the index needs besides transactions, in pieces: large merges without holding anybody up, and indexing again
// after an upgrade or a damage. Everything here can be interrupted at any moment and is taken up where it was.

#include <utility>

#include "base/log.h"
#include "store/languages.h"
#include "store/reindexing.h"
#include "store/rows.h"
#include "store/store_impl.h"

namespace lar::store {
namespace {

constexpr std::size_t reindexed_passages = 2000;  // in one transaction: a tenth of a second
constexpr std::size_t reindexed_bytes = 1024 * 1024;
constexpr std::uint64_t no_limit = ~std::uint64_t{0};

// Passages that are to be indexed again, after `done`.
Result<std::vector<std::pair<Document, Passage>>> passages_after(Connection& connection, std::int64_t done,
                                                                 std::int64_t last) {
    std::vector<std::pair<Document, Passage>> found;
    Statement rows =
        TRY(connection.prepare("SELECT " LAR_PASSAGE_COLUMNS ", " LAR_DOCUMENT_COLUMNS
                               " FROM passages p JOIN documents d ON d.id = p.document WHERE p.id > ?1 AND p.id <= ?2 "
                               "ORDER BY p.id LIMIT ?3"));
    rows.bind(done, last, reindexed_passages);
    for (std::size_t bytes = 0; bytes < reindexed_bytes && TRY(rows.step());) {
        found.emplace_back(document_at(rows, passage_columns), passage_at(rows, 0));
        bytes += found.back().second.text.size();
    }
    return found;
}

}  // namespace

Result<> Store::Impl::begin_reindexing() {
    const std::scoped_lock lock(mutex);
    log_warning("the index is made again from the passages");
    return change([](Writer::Impl& changes) -> Result<> {
        TRY_VOID(changes.index.clear());
        TRY_VOID(changes.connection.run("DELETE FROM reindexing"));
        return changes.connection.run("INSERT INTO reindexing SELECT 0, ifnull(max(id), 0) FROM passages");
    });
}

Result<bool> Store::Impl::reindex_some() {
    const std::scoped_lock lock(mutex);
    if (!TRY(writer->integer("SELECT 1 FROM reindexing"))) return false;
    TRY_VOID(change([](Writer::Impl& changes) -> Result<> {
        Connection& connection = changes.connection;
        const std::int64_t done = TRY(connection.integer("SELECT done FROM reindexing")).value_or(0);
        const std::int64_t last = TRY(connection.integer("SELECT last FROM reindexing")).value_or(0);
        const auto passages = TRY(passages_after(connection, done, last));
        if (passages.empty()) return connection.run("DELETE FROM reindexing");
        for (const auto& [document, passage] : passages) {
            const index::Language language = language_of(document, passage);
            if (TRY(changes.index.has(passage.id.value))) {
                // Nothing is lost, then, or it moved meanwhile and has the words of its new place. What an upgrade
                // changes are the terms of other languages.
                if (language == index::Language::english) continue;
                TRY_VOID(changes.index.remove(passage.id.value));
            }
            TRY_VOID(changes.index.add(passage.id.value, indexed_again(document, passage, language)));
        }
        return connection.run("UPDATE reindexing SET done = ?1", passages.back().second.id.value);
    }));
    return true;
}

Result<bool> Store::Impl::merge_some(const std::atomic<bool>& stopping) {
    std::vector<std::string> names;
    std::vector<index::LiveSegment> inputs;
    std::uint64_t bytes = 0;
    {
        const std::scoped_lock lock(mutex);
        const std::vector<SegmentRow> rows = TRY(segment_rows(*writer));
        std::vector<index::SegmentSize> sizes;
        for (const SegmentRow& row : rows)
            sizes.push_back({.bytes = row.bytes,
                             .documents = row.documents,
                             .deleted = row.documents - static_cast<std::uint32_t>(row.live_documents)});
        for (const std::size_t number : index::choose_merge(sizes, no_limit)) {
            names.push_back(rows[number].name);
            bytes += rows[number].bytes;
            inputs.push_back(TRY(shelf->live_segment(*writer, rows[number])));
        }
        if (names.empty()) return false;
        busy.insert(names.begin(), names.end());
    }
    const auto merged = [&]() -> Result<SegmentShelf::Finished> {
        SegmentShelf::Made made = TRY(shelf->begin(bytes));
        TRY_VOID(index::merge(inputs, made.writer, &stopping));
        return shelf->finish(std::move(made));
    }();
    const std::scoped_lock lock(mutex);
    Result<> replaced =
        merged ? change([&](Writer::Impl& changes) { return changes.index.replace(names, *merged, inputs); })
               : std::unexpected(merged.error());
    busy.clear();
    if (replaced) return true;
    if (merged) shelf->retire(merged->name);
    if (replaced.error().code == Code::corrupt) shelf->note_damage();
    return std::unexpected(std::move(replaced).error());
}

Result<bool> Store::tend(const std::atomic<bool>& stopping) {
    const std::scoped_lock upkeep(impl_->upkeep);
    if (impl_->shelf->take_damage()) TRY_VOID(impl_->begin_reindexing());
    if (TRY(impl_->reindex_some())) return true;
    return impl_->merge_some(stopping);
}

Result<> Store::reindex() {
    const std::scoped_lock upkeep(impl_->upkeep);
    return impl_->begin_reindexing();
}

}  // namespace lar::store
