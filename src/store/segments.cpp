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
    Statement rows =
        TRY(connection.prepare("SELECT id, name, bytes, documents, first_passage, last_passage, live_documents, "
                               "live_version, body_length, title_length, path_length, context_length FROM segments "
                               "ORDER BY documents DESC, id"));
    while (TRY(rows.step())) {
        found.push_back({.id = rows.integer(0),
                         .name = rows.text(1),
                         .bytes = rows.natural(2),
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

Result<index::Segment::Shared> SegmentShelf::segment(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    if (const auto found = open_.find(name); found != open_.end()) return found->second.segment;
    if (folder_.empty()) return fail(Code::not_found, "a segment of the index is not there");
    index::Segment::Shared segment = TRY(index::Segment::open(file_of(name)));
    open_[name] = {.segment = segment, .live_version = 0, .live = nullptr};
    return segment;
}

Result<index::LiveSegment> SegmentShelf::live_segment(Connection& connection, const SegmentRow& row) {
    const index::Segment::Shared segment = TRY(this->segment(row.name));
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

Result<SegmentShelf::Made> SegmentShelf::begin() const {
    std::string name = random_hex(name_bytes);
    if (folder_.empty()) return Made{std::move(name), index::SegmentWriter::in_memory()};
    index::SegmentWriter writer = TRY(index::SegmentWriter::to_file(file_of(name)));
    return Made{std::move(name), std::move(writer)};
}

Result<index::Segment::Shared> SegmentShelf::finish(Made made) {
    TRY_VOID(made.writer.finish());
    if (!folder_.empty()) return segment(made.name);
    index::Segment::Shared segment = TRY(index::Segment::of(made.writer.take()));
    const std::scoped_lock lock(mutex_);
    open_[made.name] = {.segment = segment, .live_version = 0, .live = nullptr};
    return segment;
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

void SegmentShelf::release_memory() {
    const std::scoped_lock lock(mutex_);
    for (const auto& [name, open] : open_) open.segment->release_memory();
}

}  // namespace lar::store
