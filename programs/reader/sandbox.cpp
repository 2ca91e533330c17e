#include "sandbox.h"

#include <filesystem>
#include <system_error>

namespace lar::reader {

Result<sandbox::Layers> lock_down(const wire::OpenRepository& places) {
    sandbox::Policy policy;
    policy.allow_common_runtime();
    // Requests in, text out; no descriptor either way.
    policy.allow_ipc();
    // Opening for writing ends the process, wherever: libgit2 has no reason to, and an attacker has.
    policy.allow_read_only_open();
    // These directories and nothing else of the file system.
    if (!places.work_tree.empty()) policy.read_beneath(places.work_tree);
    policy.read_beneath(places.git_dir);
    policy.read_beneath(places.common_dir);
    for (const std::string& objects : places.object_dirs) {
        std::error_code error;
        // An alternate that is gone is for git to complain of, if it misses anything.
        if (std::filesystem::is_directory(objects, error)) policy.read_beneath(objects);
    }
    return policy.apply();
}

}  // namespace lar::reader
