// Books (EPUB): the chapters in the order of the spine, each a web page.
#include <algorithm>

#include "documents/html.h"
#include "documents/office.h"
#include "documents/xml.h"

namespace lar::documents {
namespace {

constexpr std::size_t limit_chapters = 5000;

class ContainerHandler final : public XmlHandler {
public:
    std::string path;

    Result<> start(std::string_view name, const Attributes& attributes) override {
        if (name == "rootfile" && path.empty()) path = attributes.named("full-path");
        return {};
    }
    Result<> end(std::string_view) override { return {}; }
    Result<> text(std::string_view) override { return {}; }
};

class SpineHandler final : public XmlHandler {
public:
    std::map<std::string, std::string, std::less<>> files;  // by id
    std::vector<std::string> order;                         // ids

    Result<> start(std::string_view name, const Attributes& attributes) override {
        if (name == "item" && files.size() < limit_package_parts)
            files.emplace(attributes.named("id"), attributes.named("href"));
        if (name == "itemref" && order.size() < limit_chapters) order.emplace_back(attributes.named("idref"));
        return {};
    }
    Result<> end(std::string_view) override { return {}; }
    Result<> text(std::string_view) override { return {}; }
};

// What is encrypted; fonts often are, in a book that is not.
class EncryptionHandler final : public XmlHandler {
public:
    std::vector<std::string> parts;

    Result<> start(std::string_view name, const Attributes& attributes) override {
        if (name == "CipherReference" && parts.size() < limit_package_parts)
            parts.emplace_back(attributes.named("URI"));
        return {};
    }
    Result<> end(std::string_view) override { return {}; }
    Result<> text(std::string_view) override { return {}; }
};

// "chapter%201.xhtml": references in a book are URLs.
std::string without_escapes(std::string_view url) {
    const auto digit = [](char c) {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
    };
    std::string out;
    for (std::size_t at = 0; at < url.size(); ++at) {
        if (url[at] == '%' && at + 2 < url.size() && digit(url[at + 1]) >= 0 && digit(url[at + 2]) >= 0) {
            out += static_cast<char>(digit(url[at + 1]) * 16 + digit(url[at + 2]));
            at += 2;
        } else {
            out += url[at];
        }
    }
    return out;
}

}  // namespace

Result<Read> read_book(const Package& package, Blocks& blocks) {
    ContainerHandler container;
    TRY_VOID(read_xml(package, "META-INF/container.xml", container));
    SpineHandler spine;
    TRY_VOID(read_xml(package, container.path, spine));
    EncryptionHandler encryption;
    if (package.has("META-INF/encryption.xml")) TRY_VOID(read_xml(package, "META-INF/encryption.xml", encryption));
    for (const std::string& id : spine.order) {
        const auto found = spine.files.find(id);
        if (found == spine.files.end()) continue;
        const std::string part = resolve(container.path, without_escapes(found->second));
        if (std::ranges::contains(encryption.parts, part)) return fail(Code::denied, "it is encrypted");
        if (!package.has(part)) continue;
        TRY(read_html(TRY(package.read(part, limit_html_bytes)), blocks));
    }
    return Read{.title = title_in(package, container.path)};
}

}  // namespace lar::documents
