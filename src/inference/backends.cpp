#include "inference/backends.h"

#include <fstream>

#include "base/format.h"
#include "inference/library.h"

namespace lar::inference {
namespace {

constexpr std::string_view cpu_library = "/libggml-cpu-";

// ggml does not say which variant it took, but it is mapped now.
std::string cpu_variant() {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        const std::size_t name = line.rfind(cpu_library);
        if (name == std::string::npos) continue;
        const std::string rest = line.substr(name + cpu_library.size());
        return rest.substr(0, rest.find('.'));
    }
    return "";
}

}  // namespace

Result<std::string> load_backends(const std::filesystem::path& folder) {
    listen_to_library();
    TRY_VOID(guarded("cannot load the compute libraries", [&] {
        ggml_backend_load_all_from_path(folder.c_str());
        llama_backend_init();
    }));
    if (!ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU))
        return fail(
            Code::unavailable,
            lar::format("there is no compute library for this processor in {}; install Lar again", folder.string()));
    const std::string variant = cpu_variant();
    return variant.empty() ? "cpu" : "cpu " + variant;
}

}  // namespace lar::inference
