// Any text that is to be handed off: what is taken out lies in order within it, placeholders are not of it, and filling
// them in gives it back.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "consent/redaction.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    auto redactions = lar::consent::find_redactions(text, {.names = {"Ana Silva", "falke"}});
    if (!redactions) std::abort();
    std::size_t at = 0;
    for (lar::consent::Redaction& one : *redactions) {
        if (one.begin < at || one.end <= one.begin || one.end > text.size()) std::abort();
        if (text.find(one.placeholder) != std::string_view::npos) std::abort();
        at = one.end;
        one.applies = one.begin % 3 != 0;  // the user took some back
    }
    const std::string sent = lar::consent::redacted(text, *redactions);
    if (lar::consent::restored(sent, text, *redactions) != text) std::abort();
    return 0;
}
