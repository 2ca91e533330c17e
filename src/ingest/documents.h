// Documents that need a reader of their own: declared here, implemented over lar-reader by programs/lard, so that no
// foreign format is parsed in this process.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sources/documents/passages.h"
#include "wire/documents.h"

namespace lar::ingest {

// What came out of one document, and why that is not all.
struct ReadDocument {
    std::string title;  // its own; often empty
    std::vector<sources::DocumentPart> parts;
    std::vector<wire::MemberFailed> members_failed;
    // What is wrong with the document: denied (encrypted), corrupt, too_large, timeout, not_found (no text),
    // unavailable (a format that nobody reads), internal (its reader stopped). What was read before is in `parts`.
    std::optional<Error> problem;
};

class DocumentReader {
public:
    virtual ~DocumentReader() = default;
    // Waits. An error is not the document's: there is no reader to be had now, or the wait was cancelled (unavailable).
    virtual Result<ReadDocument> read(int file, wire::DocumentFormat format, std::uint32_t cpu_ms,
                                      const std::atomic<bool>& cancelled) = 0;
    // No document follows for a while: its processes may end.
    virtual void rest() = 0;
};

}  // namespace lar::ingest
