// Whether something may become a source, and under which name.
//
// A source is a folder or a file that the user may read, outside of Lar's own folders and of the
// kernel's, and neither inside nor around another source: a file is indexed once. A name is the last
// part of the path, with a number where that is taken; a name that the user chose is taken as it is or
// refused. "pushed:NAME" is a source that programs push documents to.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/records.h"
#include "wire/api.h"

namespace lar::ingest {

inline constexpr std::size_t limit_source_name_bytes = 100;

// The source as it is to be stored, without id, uuid and times.
Result<store::Source> admit(const wire::ApiAddSource& request, std::span<const store::Source> existing,
                            std::span<const std::string> private_folders);

// Whether `path` is `folder` or below it.
bool is_within(std::string_view path, std::string_view folder);

}  // namespace lar::ingest
