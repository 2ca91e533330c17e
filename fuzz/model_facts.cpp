// What a model file says of itself, from any bytes: facts within wire's limits, or an error.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "base/fd.h"
#include "inference/facts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const lar::Fd file(::memfd_create("model", MFD_CLOEXEC));
    if (!file || ::write(file.number(), data, size) != static_cast<ssize_t>(size)) return 0;
    const auto facts = lar::inference::read_facts(file.number(), {.id = 1, .tensors = true});
    if (!facts) return 0;
    std::size_t bytes = 0;
    for (const lar::wire::MetadataEntry& entry : facts->metadata) bytes += entry.key.size() + entry.value.size();
    if (bytes > lar::wire::limit_metadata_bytes || facts->tensors.size() > lar::wire::limit_tensors) std::abort();
    return 0;
}
