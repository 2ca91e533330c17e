#include "documents/document.h"

#include "documents/archive.h"
#include "documents/html.h"
#include "documents/notebook.h"
#include "documents/pdf.h"

namespace lar::documents {

Result<Read> read_document(wire::DocumentFormat format, std::string_view bytes, Blocks& blocks) {
    switch (format) {
        case wire::DocumentFormat::pdf: return read_pdf(bytes, blocks);
        case wire::DocumentFormat::html: return Read{.title = TRY(read_html(bytes, blocks))};
        case wire::DocumentFormat::package: return read_package(bytes, blocks);
        case wire::DocumentFormat::notebook: TRY_VOID(read_notebook(bytes, blocks)); return Read{};
        case wire::DocumentFormat::archive: TRY_VOID(read_archive(bytes, blocks)); return Read{};
    }
    return fail(Code::unavailable, "it is of a kind that Lar does not read");
}

}  // namespace lar::documents
