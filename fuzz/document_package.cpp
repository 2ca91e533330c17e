// An office document or a book: a zip of XML.
#include "documents.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return lar::read_as(lar::wire::DocumentFormat::package, data, size);
}
