// Why a path is or is not in Lar's memory: the same decisions as a sync, for one path, now.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "sources/files/walk.h"
#include "store/store.h"
#include "wire/api.h"

namespace lar::ingest {

Result<wire::ApiWhy> why_is(store::Reader& reader, const std::filesystem::path& path, sources::WalkOptions options);

}  // namespace lar::ingest
