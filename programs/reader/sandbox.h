// What lar-reader may do once it knows its repository: see it, and answer. sandbox.cpp is its whole argument.
#pragma once

#include "sandbox/policy.h"
#include "wire/reader.h"

namespace lar::reader {

// Before it opens the repository: from here on the process sees nothing else.
Result<sandbox::Layers> lock_down(const wire::OpenRepository& places);

}  // namespace lar::reader
