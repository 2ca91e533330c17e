#include "sources/documents/format.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.h"

namespace lar::sources {
namespace {

using enum wire::DocumentFormat;

constexpr std::array endings = std::to_array<std::pair<std::string_view, wire::DocumentFormat>>({
    {".pdf", pdf},         {".html", html},      {".htm", html},        {".xhtml", html},   {".docx", package},
    {".docm", package},    {".dotx", package},   {".pptx", package},    {".pptm", package}, {".ppsx", package},
    {".xlsx", package},    {".xlsm", package},   {".odt", package},     {".ott", package},  {".odp", package},
    {".ods", package},     {".epub", package},   {".ipynb", notebook},  {".zip", archive},  {".tar", archive},
    {".tgz", archive},     {".tbz2", archive},   {".txz", archive},     {".tzst", archive}, {".tar.gz", archive},
    {".tar.bz2", archive}, {".tar.xz", archive}, {".tar.zst", archive},
});

constexpr std::uint64_t megabyte = 1024 * 1024;
constexpr std::uint32_t base_cpu_ms = 1500, cpu_ms_each_megabyte = 2000, cpu_ms_each_megabyte_of_pdf = 10'000;
constexpr std::uint32_t most_cpu_ms = 120'000;

}  // namespace

std::optional<wire::DocumentFormat> document_format(std::string_view path) {
    const std::string name = to_lower_ascii(path.substr(path.rfind('/') + 1));
    for (const auto& [ending, format] : endings)
        if (name.size() > ending.size() && name.ends_with(ending)) return format;
    return std::nullopt;
}

std::uint64_t size_limit_bytes(wire::DocumentFormat format) {
    switch (format) {
        case pdf: return 256 * megabyte;
        case html: return 8 * megabyte;
        case package: return 128 * megabyte;
        case notebook: return 16 * megabyte;
        case archive: return 64 * megabyte;
    }
    return 0;
}

std::uint32_t cpu_limit_ms(wire::DocumentFormat format, std::uint64_t size_bytes) {
    const std::uint64_t each = format == pdf ? cpu_ms_each_megabyte_of_pdf : cpu_ms_each_megabyte;
    const std::uint64_t ms = base_cpu_ms + size_bytes * each / megabyte;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(ms, most_cpu_ms));
}

}  // namespace lar::sources
