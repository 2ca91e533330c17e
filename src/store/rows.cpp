#include "store/rows.h"

namespace lar::store {
namespace {

std::uint32_t small(const Statement& row, int column) { return static_cast<std::uint32_t>(row.integer(column)); }

// A number that only a newer or a damaged store holds falls back on the first of the set.
template <class Enum>
Enum enum_at(const Statement& row, int column, Enum last) {
    const std::int64_t value = row.integer(column);
    return value < 0 || value > static_cast<std::int64_t>(last) ? Enum{} : static_cast<Enum>(value);
}

}  // namespace

Timestamp time_at(const Statement& row, int column) {
    return {row.integer(column), static_cast<std::int16_t>(row.integer(column + 1))};
}

std::optional<Timestamp> optional_time_at(const Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return time_at(row, column);
}

Source source_at(const Statement& row) {
    return {
        .id = {row.integer(0)},
        .uuid = row.text(1),
        .name = row.text(2),
        .kind = enum_at(row, 3, SourceKind::pushed),
        .location = row.text(4),
        .state = enum_at(row, 5, SourceState::paused),
        .detail = row.text(6),
        .added = time_at(row, 7),
        .last_sync = optional_time_at(row, 9),
        .sync_state = row.text(11),
    };
}

Document document_at(const Statement& row, int first) {
    return {
        .id = {row.integer(first)},
        .uuid = row.text(first + 1),
        .source = {row.integer(first + 2)},
        .kind = enum_at(row, first + 3, DocumentKind::pushed),
        .path = row.text(first + 4),
        .title = row.text(first + 5),
        .author = row.text(first + 6),
        .branch = row.text(first + 7),
        .hash = row.hex(first + 8),
        .size_bytes = row.integer(first + 9),
        .modified_ns = row.integer(first + 10),
        .inode = row.natural(first + 11),
        .time = time_at(row, first + 12),
    };
}

Passage passage_at(const Statement& row, int first) {
    return {
        .id = {row.integer(first)},
        .document = {row.integer(first + 1)},
        .ordinal = small(row, first + 2),
        .path = row.text(first + 3),
        .line_first = small(row, first + 4),
        .line_last = small(row, first + 5),
        .page = small(row, first + 9),
        .context = row.text(first + 6),
        .text = row.text(first + 7),
        .hash = row.hex(first + 8),
    };
}

Job job_at(const Statement& row) {
    Job job{
        .id = {row.integer(0)},
        .uuid = row.text(1),
        .kind = row.text(2),
        .state = enum_at(row, 4, JobState::cancelled),
        .created = time_at(row, 5),
        .started = optional_time_at(row, 7),
        .finished = optional_time_at(row, 9),
        .error = row.text(11),
    };
    if (!row.is_null(3)) job.source = SourceId{row.integer(3)};
    return job;
}

}  // namespace lar::store
