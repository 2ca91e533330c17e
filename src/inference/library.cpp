#include "inference/library.h"

#include <cstdlib>

#include "base/format.h"
#include "base/text.h"
#include "inference/backends.h"

namespace lar::inference {
namespace {

constexpr std::size_t limit_complaint_bytes = 300;

std::string& complaint() {
    static std::string text;
    return text;
}

LibraryBuffers& buffers() {
    static LibraryBuffers sizes;
    return sizes;
}

// "llama_kv_cache:        CPU KV buffer size =     2.50 MiB"
std::uint64_t bytes_told(std::string_view line, std::string_view of_what) {
    const std::size_t place = line.find(of_what);
    if (place == std::string_view::npos) return 0;
    const double mib = std::strtod(std::string(line.substr(place + of_what.size())).c_str(), nullptr);
    return mib > 0 ? static_cast<std::uint64_t>(mib * 1024 * 1024) : 0;
}

void on_log(ggml_log_level level, const char* text, void*) {
    if (!text) return;
    // The first of several says why, the others that it was so.
    if (level == GGML_LOG_LEVEL_ERROR && complaint().empty()) complaint() = safe_text(text);
    for (const std::string_view kind : {"KV buffer size =", "RS buffer size ="})
        buffers().kv_bytes += bytes_told(text, kind);
    if (!std::string_view(text).contains("_Mapped")) buffers().packed_bytes += bytes_told(text, " model buffer size =");
    for (const std::string_view kind : {"compute buffer size =", "output buffer size ="})
        buffers().compute_bytes += bytes_told(text, kind);
}

}  // namespace

std::string safe_text(std::string_view foreign) {
    std::string text = printable(to_utf8_lossy(utf8_prefix(foreign, limit_complaint_bytes)));
    for (char& c : text)
        if (c == '\n' || c == '\t') c = ' ';
    return std::string(trim(text));
}

void listen_to_library() { llama_log_set(on_log, nullptr); }

std::string last_complaint() {
    const std::string text = std::exchange(complaint(), {});
    return text.empty() ? "" : ": " + text;
}

void measure_library_buffers() { buffers() = {}; }
LibraryBuffers library_buffers() { return buffers(); }

std::string library_version() { return lar::format("llama {}", llama_version()); }

}  // namespace lar::inference
