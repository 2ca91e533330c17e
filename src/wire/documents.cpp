#include "wire/documents.h"

#include "wire/json.h"

using namespace lar::wire;

template <>
struct glz::meta<DocumentFormat> {
    using enum DocumentFormat;
    static constexpr auto value = enumerate(pdf, html, package, notebook, archive);
};
template <>
struct glz::meta<BlockKind> {
    using enum BlockKind;
    static constexpr auto value = enumerate(heading, paragraph, item, row, code, plain);
};
template <>
struct glz::meta<DocumentEvent> {
    static constexpr std::string_view tag = "type";
    static constexpr auto ids =
        std::array{"documents_opened", "document_text", "member_failed", "document_failed", "document_done"};
};
template <>
inline constexpr Missing lar::wire::missing_keys<ReadDocument> = Missing::is_error;
template <>
inline constexpr Missing lar::wire::missing_keys<DocumentEvent> = Missing::is_error;

LAR_WIRE_TYPE(ReadDocument);
LAR_WIRE_TYPE(DocumentEvent);
