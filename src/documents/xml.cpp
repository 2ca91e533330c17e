#include "documents/xml.h"

#include <expat.h>

#include <optional>

#include "base/format.h"

namespace lar::documents {
namespace {

constexpr char separator = ' ';  // between the namespace and the name, as expat is told
constexpr std::size_t limit_piece_bytes = 1 << 20;

std::string_view local_part(std::string_view name) {
    const std::size_t at = name.rfind(separator);
    return at == std::string_view::npos ? name : name.substr(at + 1);
}

}  // namespace

std::string_view Attributes::named(std::string_view name) const {
    std::string_view found;
    for (const char** pair = pairs_; *pair != nullptr; pair += 2) {
        if (name == pair[0]) return pair[1];
        if (found.empty() && local_part(pair[0]) == name) found = pair[1];
    }
    return found;
}

std::string_view Attributes::qualified(std::string_view name) const {
    for (const char** pair = pairs_; *pair != nullptr; pair += 2) {
        const std::string_view whole = pair[0];
        if (whole.size() > name.size() && local_part(whole) == name) return pair[1];
    }
    return {};
}

struct Xml::Insides {
    explicit Insides(XmlHandler& to) : handler(to), parser(XML_ParserCreateNS(nullptr, separator)) {
        ASSERT(parser != nullptr);
        XML_SetUserData(parser, this);
        XML_SetElementHandler(parser, on_start, on_end);
        XML_SetCharacterDataHandler(parser, on_text);
        XML_SetEntityDeclHandler(parser, on_entity);
    }
    ~Insides() { XML_ParserFree(parser); }

    void settle(Result<> result) {
        if (result || error) return;
        error = result.error();
        XML_StopParser(parser, XML_FALSE);
    }
    // expat may call a few more handlers after it was stopped.
    static void on_start(void* self, const char* name, const char** attributes) {
        auto& insides = *static_cast<Insides*>(self);
        if (insides.error) return;
        if (++insides.depth > limit_xml_depth)
            return insides.settle(fail(Code::corrupt, "its elements are nested without end"));
        insides.settle(insides.handler.start(local_part(name), Attributes(attributes)));
    }
    static void on_end(void* self, const char* name) {
        auto& insides = *static_cast<Insides*>(self);
        if (insides.error) return;
        --insides.depth;
        insides.settle(insides.handler.end(local_part(name)));
    }
    static void on_text(void* self, const char* text, int length) {
        auto& insides = *static_cast<Insides*>(self);
        if (!insides.error) insides.settle(insides.handler.text({text, static_cast<std::size_t>(length)}));
    }
    static void on_entity(void* self, const char*, int, const char*, int, const char*, const char*, const char*,
                          const char*) {
        static_cast<Insides*>(self)->settle(fail(Code::corrupt, "its XML declares entities of its own"));
    }

    Result<> parse(std::string_view bytes, bool last) {
        if (error) return std::unexpected(*error);
        const XML_Status status = XML_Parse(parser, bytes.data(), static_cast<int>(bytes.size()), last ? 1 : 0);
        if (error) return std::unexpected(*error);
        if (status == XML_STATUS_OK) return {};
        const XML_Error code = XML_GetErrorCode(parser);
        if (code == XML_ERROR_NO_MEMORY) return fail(Code::too_large, "its XML takes more memory than there is");
        return fail(Code::corrupt, lar::format("its XML is not well-formed ({})", XML_ErrorString(code)));
    }

    XmlHandler& handler;
    XML_Parser parser;
    std::size_t depth = 0;
    std::optional<Error> error;
};

Xml::Xml(XmlHandler& handler) : insides_(std::make_unique<Insides>(handler)) {}
Xml::~Xml() = default;

Result<> Xml::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::string_view piece = bytes.substr(0, limit_piece_bytes);
        TRY_VOID(insides_->parse(piece, false));
        bytes.remove_prefix(piece.size());
    }
    return {};
}

Result<> Xml::finish() { return insides_->parse({}, true); }

}  // namespace lar::documents
