// Which files are documents that a reader must take apart, told by their names, and how large each kind may be.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wire/documents.h"

namespace lar::sources {

std::optional<wire::DocumentFormat> document_format(std::string_view path);

// A larger one is left out, and said so. These are limits of reading; what comes out has limits of its own.
std::uint64_t size_limit_bytes(wire::DocumentFormat format);

// How much computing a document of this size may cost: the pages of a PDF are programs, the rest is text.
std::uint32_t cpu_limit_ms(wire::DocumentFormat format, std::uint64_t size_bytes);

}  // namespace lar::sources
