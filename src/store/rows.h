// Rows of the database as the records of records.h, in one place for reading and writing.
#pragma once

#include <optional>

#include "base/time.h"
#include "store/database.h"
#include "store/records.h"

// The columns that the functions below expect, in order. Macros, because a Sql is one literal.
#define LAR_SOURCE_COLUMNS                                                                                   \
    "s.id, s.uuid, s.name, s.kind, s.location, s.state, s.detail, s.added_us, s.added_offset, s.synced_us, " \
    "s.synced_offset, s.sync_state"
#define LAR_DOCUMENT_COLUMNS                                                                      \
    "d.id, d.uuid, d.source, d.kind, d.path, d.title, d.author, d.branch, d.hash, d.size_bytes, " \
    "d.modified_ns, d.inode, d.time_us, d.time_offset"
#define LAR_PASSAGE_COLUMNS \
    "p.id, p.document, p.ordinal, p.path, p.line_first, p.line_last, p.context, p.text, p.hash, p.page"
#define LAR_JOB_COLUMNS                                                                       \
    "j.id, j.uuid, j.kind, j.source, j.state, j.created_us, j.created_offset, j.started_us, " \
    "j.started_offset, j.finished_us, j.finished_offset, j.error"

namespace lar::store {

inline constexpr int document_columns = 14;
inline constexpr int passage_columns = 10;

Timestamp time_at(const Statement& row, int column);  // and the one after it
std::optional<Timestamp> optional_time_at(const Statement& row, int column);

Source source_at(const Statement& row);
Document document_at(const Statement& row, int first_column);
Passage passage_at(const Statement& row, int first_column);
Job job_at(const Statement& row);

}  // namespace lar::store
