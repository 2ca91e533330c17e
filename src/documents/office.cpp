#include "documents/office.h"

#include <algorithm>

#include "base/text.h"
#include "documents/xml.h"

namespace lar::documents {
namespace {

constexpr std::size_t limit_relationships = 20'000;
constexpr std::size_t limit_mimetype_bytes = 200;

class TypesHandler final : public XmlHandler {
public:
    std::vector<std::pair<std::string, std::string>> parts;

    Result<> start(std::string_view name, const Attributes& attributes) override {
        if (name != "Override") return {};
        if (parts.size() == limit_package_parts) return fail(Code::too_large, "it declares too many parts");
        std::string_view part = attributes.named("PartName");
        if (part.starts_with('/')) part.remove_prefix(1);
        parts.emplace_back(part, attributes.named("ContentType"));
        return {};
    }
    Result<> end(std::string_view) override { return {}; }
    Result<> text(std::string_view) override { return {}; }
};

class RelationshipsHandler final : public XmlHandler {
public:
    explicit RelationshipsHandler(std::string_view part) : part_(part) {}
    std::map<std::string, Relationship, std::less<>> found;

    Result<> start(std::string_view name, const Attributes& attributes) override {
        if (name != "Relationship") return {};
        if (found.size() == limit_relationships) return fail(Code::too_large, "it has too many relationships");
        const std::string_view type = attributes.named("Type");
        const bool external = attributes.named("TargetMode") == "External";
        const std::string_view target = attributes.named("Target");
        found.insert_or_assign(std::string(attributes.named("Id")),
                               Relationship{.target = external ? std::string(target) : resolve(part_, target),
                                            .type = std::string(type.substr(type.rfind('/') + 1))});
        return {};
    }
    Result<> end(std::string_view) override { return {}; }
    Result<> text(std::string_view) override { return {}; }

private:
    std::string_view part_;
};

class TitleHandler final : public XmlHandler {
public:
    std::string title;

    Result<> start(std::string_view name, const Attributes&) override {
        inside_ = name == "title" && title.empty();
        return {};
    }
    Result<> end(std::string_view) override {
        inside_ = false;
        return {};
    }
    Result<> text(std::string_view text) override {
        if (inside_ && title.size() < wire::limit_document_name_bytes) title += text;
        return {};
    }

private:
    bool inside_ = false;
};

// Encrypted OOXML, and the office formats of before: not zips, but what Microsoft calls compound files.
constexpr std::string_view compound_signature = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

Error compound_error(std::string_view bytes) {
    std::string wide;
    for (const char c : std::string_view("EncryptedPackage")) (wide += c) += '\0';
    if (bytes.contains(wide)) return {Code::denied, "it is encrypted"};
    return {Code::unavailable, "it is of an older office format, which Lar does not read"};
}

}  // namespace

Result<ContentTypes> ContentTypes::of(const Package& package) {
    TypesHandler handler;
    TRY_VOID(read_xml(package, "[Content_Types].xml", handler));
    ContentTypes types;
    types.parts_ = std::move(handler.parts);
    return types;
}

std::vector<std::string> ContentTypes::parts(std::string_view type_ending) const {
    std::vector<std::string> found;
    for (const auto& [name, type] : parts_)
        if (type.ends_with(type_ending)) found.push_back(name);
    return found;
}

std::string ContentTypes::first(std::string_view type_ending) const {
    const auto at = std::ranges::find_if(parts_, [&](const auto& part) { return part.second.ends_with(type_ending); });
    return at == parts_.end() ? std::string() : at->first;
}

Result<std::map<std::string, Relationship, std::less<>>> relationships_of(const Package& package,
                                                                          std::string_view part) {
    const std::size_t slash = part.rfind('/');
    const std::string_view folder = slash == std::string_view::npos ? std::string_view() : part.substr(0, slash + 1);
    const std::string name = std::string(folder) + "_rels/" + std::string(part.substr(folder.size())) + ".rels";
    RelationshipsHandler handler(part);
    if (!package.has(name)) return std::move(handler.found);
    TRY_VOID(read_xml(package, name, handler));
    return std::move(handler.found);
}

std::string title_in(const Package& package, std::string_view part) {
    TitleHandler handler;
    // A title is a nicety: what stands before a mistake is good enough.
    if (package.has(part)) static_cast<void>(read_xml(package, part, handler));
    return clean_name(handler.title);
}

Result<Read> read_package(std::string_view bytes, Blocks& blocks) {
    if (bytes.starts_with(compound_signature)) return std::unexpected(compound_error(bytes));
    const Package package = TRY(Package::open(bytes));
    if (package.has("[Content_Types].xml")) {
        const ContentTypes types = TRY(ContentTypes::of(package));
        if (!types.parts("presentationml.slide+xml").empty()) return read_slides(package, types, blocks);
        if (!types.parts("worksheet+xml").empty()) return read_sheets(package, types, blocks);
        return read_word(package, types, blocks);
    }
    if (package.has("META-INF/container.xml")) return read_book(package, blocks);
    if (package.has("content.xml")) return read_open_document(package, blocks);
    const Result<std::string> mimetype = package.read("mimetype", limit_mimetype_bytes);
    return fail(Code::corrupt,
                mimetype ? "it is a package of a kind that Lar does not read" : "it is a zip, but no office document");
}

}  // namespace lar::documents
