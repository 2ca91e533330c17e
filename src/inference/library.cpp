#include "inference/library.h"

#include "base/text.h"
#include "inference/backends.h"

namespace lar::inference {
namespace {

constexpr std::size_t limit_complaint_bytes = 300;

std::string& complaint() {
    static std::string text;
    return text;
}

void on_log(ggml_log_level level, const char* text, void*) {
    if (level == GGML_LOG_LEVEL_ERROR && text) complaint() = safe_text(text);
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

std::string library_version() { return std::format("llama {}", llama_version()); }

}  // namespace lar::inference
