// Bringing a store to the shape this program knows: forward only, one transaction, after a backup.
//
// PRAGMA user_version counts the steps a store has seen. A missing store sees all of them; an older one is
// copied first to `NAME.v<its version>.backup` beside it, which stays; a newer one, or a database of some
// other program, is refused in one sentence and not touched.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/database.h"

namespace lar::store {

// In order; the first makes version 1. Each ends by setting its user_version. A step that has been released is never
// changed.
std::span<const Sql> schema_steps();

Result<> migrate(Connection& connection, const std::filesystem::path& path, std::span<const Sql> steps);

// The backups that lie beside a store.
std::vector<std::filesystem::path> backups_of(const std::filesystem::path& path);

}  // namespace lar::store
