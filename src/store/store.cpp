#include "store/store.h"

#include <utility>

#include "base/fd.h"
#include "store/migrations.h"
#include "store/store_impl.h"
#include "store/writer.h"

namespace lar::store {
namespace {

// synchronous = FULL: a commit is on the disk when write() returns. NORMAL would leave that to the next checkpoint and
// lose the last commits when the power fails. It costs one fsync, measured as 3.7 ms a commit instead of 0.2 on a cloud
// disk: a hundredth of the third of a second of work that ingest puts into a transaction.
Result<> settle(Connection& writer) {
    {
        Statement mode = TRY(writer.prepare("PRAGMA journal_mode = WAL"));
        if (!TRY(mode.step()) || mode.bytes(0) != "wal") {
            return fail(Code::unavailable,
                        "the store's disk cannot share memory between readers and the writer (a network "
                        "disk?): put it on a local one");
        }
    }
    return writer.script(
        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000;"
        "PRAGMA journal_size_limit = 8388608;");
}

// What a committed state names must be there; where it is not (a backup put back, a damaged disk), the index is made
// again from the passages.
Result<> open_segments(Store::Impl& impl) {
    const std::vector<SegmentRow> rows = TRY(segment_rows(*impl.writer));
    for (const SegmentRow& row : rows) {
        if (impl.shelf->live_segment(*impl.writer, row)) continue;
        impl.shelf->note_damage();
        return {};
    }
    return impl.shelf->remove_strangers(rows);
}

}  // namespace

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open(const std::filesystem::path& path, const Clock& clock) {
    if (path.has_parent_path()) TRY_VOID(make_private_directory(path.parent_path()));
    auto impl = std::make_unique<Impl>(path, path.empty() ? memory_name() : path.string(), clock);
    impl->writer = TRY(Connection::open(impl->name, Role::writer));
    impl->connections->add(*impl->writer);
    TRY_VOID(migrate(*impl->writer, path, schema_steps()));
    if (!impl->in_memory()) TRY_VOID(settle(*impl->writer));
    TRY_VOID(impl->shelf->make_folder());
    TRY_VOID(open_segments(*impl));
    return Store(std::move(impl));
}

Result<> Store::Impl::change(const std::function<Result<>(Writer::Impl&)>& body) {
    Connection& connection = *writer;
    connection.clear_failed();
    Transaction transaction = TRY(Transaction::begin(connection, Transaction::Kind::write));
    Writer::Impl changes(connection, clock, *shelf, busy);
    Result<> outcome = body(changes);
    // A change that failed half-way has left a part of itself behind, whatever its caller made of the error.
    if (outcome && connection.failed()) return fail(Code::internal, "a change that failed cannot be committed");
    if (outcome) outcome = changes.finish();
    if (outcome) outcome = transaction.commit();
    if (outcome) changes.index.committed();
    if (!outcome && outcome.error().code == Code::corrupt)
        shelf->note_damage();
    else if (outcome && changes.index.changed())
        shelf->tell_change();
    return outcome;
}

Result<> Store::write(const std::function<Result<>(Writer&)>& change) {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->change([&](Writer::Impl& changes) {
        Writer writer(changes);
        return change(writer);
    });
}

void Store::on_index_change(std::function<void()> tell) { impl_->shelf->on_change(std::move(tell)); }

Result<Reader> Store::reader() {
    auto connection = TRY(Connection::open(impl_->name, Role::reader));
    return Reader(std::make_unique<Reader::Impl>(std::move(connection), impl_->connections, impl_->shelf));
}

}  // namespace lar::store
