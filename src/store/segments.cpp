#include "store/segments.h"

#include <unistd.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "base/fd.h"
#include "base/identity.h"

namespace lar::store {
namespace {

constexpr std::size_t name_bytes = 8;

}  // namespace

Result<std::vector<SegmentRow>> segment_rows(Connection& connection) {
    std::vector<SegmentRow> found;
    Statement rows = TRY(connection.prepare(
        "SELECT id, name, bytes, documents, first_passage, last_passage, live_documents, "
        "live_version, body_length, title_length, path_length, context_length, content IS NOT NULL FROM segments "
        "ORDER BY documents DESC, id"));
    while (TRY(rows.step())) {
        found.push_back({.id = rows.integer(0),
                         .name = rows.text(1),
                         .bytes = rows.natural(2),
                         .in_row = rows.integer(12) != 0,
                         .documents = static_cast<std::uint32_t>(rows.integer(3)),
                         .first_passage = rows.integer(4),
                         .last_passage = rows.integer(5),
                         .live_documents = rows.integer(6),
                         .live_version = rows.integer(7),
                         .lengths = {rows.integer(8), rows.integer(9), rows.integer(10), rows.integer(11)}});
    }
    return found;
}

Result<> SegmentShelf::make_folder() const { return folder_.empty() ? Result<>() : make_private_directory(folder_); }

Result<index::Segment::Shared> SegmentShelf::segment(Connection& connection, const SegmentRow& row) {
    {
        const std::scoped_lock lock(mutex_);
        if (const auto found = open_.find(row.name); found != open_.end()) return found->second.segment;
        if (!row.in_row) {
            index::Segment::Shared opened = TRY(index::Segment::open(file_of(row.name)));
            open_[row.name] = {.segment = opened, .in_row = false, .live_version = 0, .live = nullptr};
            return opened;
        }
    }
    Statement content = TRY(connection.prepare("SELECT content FROM segments WHERE id = ?1"));
    content.bind(row.id);
    if (!TRY(content.step())) return fail(Code::corrupt, "a segment of the index is not there");
    index::Segment::Shared read = TRY(index::Segment::of(content.text(0)));
    keep(row.name, read);
    return read;
}

void SegmentShelf::keep(const std::string& name, const index::Segment::Shared& segment) {
    const std::scoped_lock lock(mutex_);
    open_.try_emplace(name, Open{.segment = segment, .in_row = true, .live_version = 0, .live = nullptr});
}

Result<index::LiveSegment> SegmentShelf::live_segment(Connection& connection, const SegmentRow& row) {
    const index::Segment::Shared segment = TRY(this->segment(connection, row));
    if (segment->documents() != row.documents)
        return fail(Code::corrupt, "a segment of the index is not the one that was written");
    if (row.live_version == 0) return index::LiveSegment{segment, nullptr};
    {
        const std::scoped_lock lock(mutex_);
        if (const auto found = open_.find(row.name);
            found != open_.end() && found->second.live_version == row.live_version)
            return index::LiveSegment{segment, found->second.live};
    }
    Statement bits = TRY(connection.prepare("SELECT live FROM segments WHERE id = ?1"));
    bits.bind(row.id);
    if (!TRY(bits.step())) return fail(Code::corrupt, "the index does not know what is deleted");
    auto live = std::make_shared<const index::PlaceSet>(index::PlaceSet::of_bytes(row.documents, bits.bytes(0)));
    if (live->places() != row.documents) return fail(Code::corrupt, "the index does not know what is deleted");
    const std::scoped_lock lock(mutex_);
    if (const auto found = open_.find(row.name);
        found != open_.end() && found->second.live_version < row.live_version) {
        found->second.live_version = row.live_version;
        found->second.live = live;
    }
    return index::LiveSegment{segment, live};
}

Result<SegmentShelf::Made> SegmentShelf::begin(std::uint64_t expected_bytes) const {
    std::string name = random_hex(name_bytes);
    if (folder_.empty() || expected_bytes < least_file_bytes)
        return Made{std::move(name), true, index::SegmentWriter::in_memory()};
    index::SegmentWriter writer = TRY(index::SegmentWriter::to_file(file_of(name)));
    return Made{std::move(name), false, std::move(writer)};
}

Result<SegmentShelf::Finished> SegmentShelf::finish(Made made) {
    TRY_VOID(made.writer.finish());
    if (!made.in_row) {
        const index::Segment::Shared opened = TRY(index::Segment::open(file_of(made.name)));
        const std::scoped_lock lock(mutex_);
        open_[made.name] = {.segment = opened, .in_row = false, .live_version = 0, .live = nullptr};
        return Finished{std::move(made.name), opened, {}};
    }
    std::string content = made.writer.take();
    const index::Segment::Shared segment = TRY(index::Segment::of(content));
    return Finished{std::move(made.name), segment, std::move(content)};
}

void SegmentShelf::retire(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    open_.erase(name);
    // One that cannot be removed now is a stranger when the store opens next.
    if (!folder_.empty()) ::unlink(file_of(name).c_str());
}

Result<> SegmentShelf::remove_strangers(std::span<const SegmentRow> known) const {
    std::set<std::filesystem::path> wanted;
    for (const SegmentRow& row : known) wanted.insert(file_of(row.name));
    for (const std::filesystem::path& file : files())
        if (!wanted.contains(file) && ::unlink(file.c_str()) != 0) return fail_errno("tidying up the index", errno);
    return {};
}

std::vector<std::filesystem::path> SegmentShelf::files() const {
    std::vector<std::filesystem::path> found;
    if (folder_.empty()) return found;
    std::error_code error;  // a folder that cannot be read has nothing for us
    for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) found.push_back(entry.path());
    return found;
}

Result<std::uint64_t> SegmentShelf::size_bytes() const {
    std::uint64_t sum = 0;
    for (const std::filesystem::path& file : files()) {
        std::error_code gone;  // merged away meanwhile
        const std::uintmax_t size = std::filesystem::file_size(file, gone);
        if (!gone) sum += size;
    }
    return sum;
}

void SegmentShelf::on_change(std::function<void()> tell) {
    const std::scoped_lock lock(tell_mutex_);
    tell_ = std::move(tell);
}

void SegmentShelf::tell_change() {
    const std::scoped_lock lock(tell_mutex_);
    if (tell_) tell_();
}

void SegmentShelf::note_damage() {
    damaged_ = true;
    tell_change();
}

void SegmentShelf::release_memory() {
    const std::scoped_lock lock(mutex_);
    std::erase_if(open_, [](const auto& each) { return each.second.in_row; });
    for (const auto& [name, open] : open_) open.segment->release_memory();
}

}  // namespace lar::store
