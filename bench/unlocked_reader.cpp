// In place of programs/reader/sandbox.cpp, for bench/sandbox.py alone; see unlocked_engine.cpp. The limit of memory
// stays: a document that fills it is given up sooner, and that is no cost of being locked down.
#include "../programs/reader/sandbox.h"

namespace lar::reader {

Result<sandbox::Layers> lock_down(const wire::OpenRepository&) { return sandbox::Layers{}; }
Result<sandbox::Layers> lock_down_for_documents() {
    TRY_VOID(sandbox::apply(sandbox::Limits{.memory_bytes = limit_document_memory_bytes}));
    return sandbox::Layers{};
}

}  // namespace lar::reader
