// The reader's conversation about documents: each ReadDocument brings a file and is answered by its text.
//
// The file is mapped, not read, so that its size costs nothing that is counted as this process's own. How much
// computing a document may cost is kept twice: Blocks asks between two blocks and ends it with what there is, and the
// kernel ends the process a moment later if nobody asks (SIGXCPU), which lard reports as that document's fault.
#pragma once

#include <cstdint>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "ipc/channel.h"
#include "wire/documents.h"

namespace lar::reader {

inline constexpr std::uint32_t limit_cpu_ms = 600'000;  // more than that lard never grants

class DocumentService {
public:
    explicit DocumentService(ipc::Channel& channel) : channel_(channel) {}

    // Until the channel closes.
    Result<> run(std::string layers);

private:
    Result<> answer(const wire::ReadDocument& request, const Fd& file);
    Result<> say(const wire::DocumentEvent& event);

    ipc::Channel& channel_;
};

}  // namespace lar::reader
