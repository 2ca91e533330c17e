// One XML document, read as it comes in pieces, for the office formats of this room.
//
// Names are without their namespace: the formats do not use one name for two things where it matters here. Entities
// that a document declares itself are refused (no office program writes any, and they can grow without end), and so is
// nesting beyond limit_xml_depth. What the handler returns as an error ends the reading with it.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace lar::documents {

inline constexpr std::size_t limit_xml_depth = 1000;

class Attributes {
public:
    explicit Attributes(const char** pairs) : pairs_(pairs) {}
    // By local name; empty when there is none. Of two that differ only in their namespace, named() takes the one
    // without, or the first.
    std::string_view named(std::string_view name) const;
    // The one that has a namespace: r:id beside id.
    std::string_view qualified(std::string_view name) const;

private:
    const char** pairs_;
};

class XmlHandler {
public:
    virtual ~XmlHandler() = default;
    virtual Result<> start(std::string_view name, const Attributes& attributes) = 0;
    virtual Result<> end(std::string_view name) = 0;
    virtual Result<> text(std::string_view text) = 0;
};

class Xml {
public:
    explicit Xml(XmlHandler& handler);
    ~Xml();
    Xml(const Xml&) = delete;
    Xml& operator=(const Xml&) = delete;

    Result<> feed(std::string_view bytes);
    Result<> finish();

private:
    struct Insides;
    std::unique_ptr<Insides> insides_;
};

}  // namespace lar::documents
