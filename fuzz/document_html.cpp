// A web page.
#include "documents.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return lar::read_as(lar::wire::DocumentFormat::html, data, size);
}
