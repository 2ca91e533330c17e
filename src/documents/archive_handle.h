// libarchive's reader as an owner, and its failures as values of ours. Only for this room's package.cpp and
// archive.cpp.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace lar::documents {

struct ArchiveRelease {
    void operator()(archive* reader) const { ::archive_read_free(reader); }
};
using ArchiveHandle = std::unique_ptr<archive, ArchiveRelease>;

// The current entry's bytes, piece by piece; too_large beyond the limit.
Result<> stream_entry(archive* reader, std::uint64_t limit_bytes,
                      const std::function<Result<>(std::string_view)>& take);

// corrupt with libarchive's last message; denied where that is about a passphrase.
std::unexpected<Error> fail_archive(archive* reader, std::string_view what);

// The name of an entry as it is written there.
std::string_view name_of(archive_entry* entry);

}  // namespace lar::documents
