// Two types for JSON of others' shapes: any JSON, kept as its text, and a string that is written as null where it is
// none.
#pragma once

#include <optional>
#include <string>

namespace lar::wire {

struct Json {
    std::string text;  // valid JSON; empty: none (written as null)
    bool present() const { return !text.empty(); }
};

struct OrNull {  // an std::optional is left out instead
    std::optional<std::string> text;
};

}  // namespace lar::wire
