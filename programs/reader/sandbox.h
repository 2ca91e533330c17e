// What lar-reader may do once it knows what it is for: see its repository, or nothing but what it is handed, and
// answer. sandbox.cpp is its whole argument.
#pragma once

#include <cstdint>

#include "sandbox/policy.h"
#include "wire/reader.h"

namespace lar::reader {

// Before it opens the repository: from here on the process sees nothing else.
Result<sandbox::Layers> lock_down(const wire::OpenRepository& places);

// Before the first document: it sees no file at all, and has so much memory.
inline constexpr std::uint64_t limit_document_memory_bytes = 240 * 1024 * 1024;
Result<sandbox::Layers> lock_down_for_documents();

}  // namespace lar::reader
