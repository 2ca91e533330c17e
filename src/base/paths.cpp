#include "base/paths.h"

#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/fd.h"

namespace lar {
namespace {

std::filesystem::path environment_path(const char* name) {
    const char* value = std::getenv(name);
    // The XDG specification: a relative path is ignored.
    return value != nullptr && value[0] == '/' ? std::filesystem::path(value) : std::filesystem::path();
}

}  // namespace

Result<Paths> user_paths() {
    if (const char* home = std::getenv("LAR_HOME"); home != nullptr && *home != '\0') {
        const std::filesystem::path root = std::filesystem::absolute(home);
        return Paths{root / "config", root / "data", root / "state", root / "cache", root / "run"};
    }
    const std::filesystem::path home = environment_path("HOME");
    const auto place = [&](const char* variable, const char* fallback) {
        const std::filesystem::path set = environment_path(variable);
        return (set.empty() ? home / fallback : set) / "lar";
    };
    if (home.empty())
        return fail(Code::invalid, "HOME is not set: set HOME or LAR_HOME to the folder where Lar may keep its data");
    std::filesystem::path runtime = environment_path("XDG_RUNTIME_DIR");
    runtime = runtime.empty() ? home / ".local/state/lar/run" : runtime / "lar";
    return Paths{place("XDG_CONFIG_HOME", ".config"), place("XDG_DATA_HOME", ".local/share"),
                 place("XDG_STATE_HOME", ".local/state"), place("XDG_CACHE_HOME", ".cache"), runtime};
}

Result<> make_directories(const Paths& paths) {
    for (const auto& directory : {paths.config, paths.data, paths.state, paths.cache, paths.runtime})
        TRY_VOID(make_private_directory(directory));
    return {};
}

}  // namespace lar
