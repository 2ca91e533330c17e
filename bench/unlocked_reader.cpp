// In place of programs/reader/sandbox.cpp, for bench/sandbox.py alone; see unlocked_engine.cpp.
#include "../programs/reader/sandbox.h"

namespace lar::reader {

Result<sandbox::Layers> lock_down(const wire::OpenRepository&) { return sandbox::Layers{}; }
Result<sandbox::Layers> lock_down_for_documents() { return sandbox::Layers{}; }

}  // namespace lar::reader
