// A PDF as anybody may make it.
#include "documents.h"
#include "documents/pdf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool quiet = [] {
        lar::documents::prepare_pdf();
        return true;
    }();
    return quiet ? lar::read_as(lar::wire::DocumentFormat::pdf, data, size) : 0;
}
