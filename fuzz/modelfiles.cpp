// A Modelfile as anybody may write it: what is taken is written again, parses again and is the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "models/modelfile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto modelfile = lar::models::parse_modelfile({reinterpret_cast<const char*>(data), size});
    if (!modelfile) return 0;
    const auto text = lar::models::write_modelfile(*modelfile);
    if (!text) std::abort();
    const auto again = lar::models::parse_modelfile(*text);
    if (!again || lar::models::write_modelfile(*again) != *text) std::abort();
    if (again->from != modelfile->from || again->system != modelfile->system || again->tmpl != modelfile->tmpl)
        std::abort();
    return 0;
}
