// A Jupyter notebook.
#include "documents.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return lar::read_as(lar::wire::DocumentFormat::notebook, data, size);
}
