#include "sandbox.h"

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "hidden.h"

namespace lar::reader {

Result<sandbox::Layers> lock_down(const wire::OpenRepository& places) {
    sandbox::Policy policy;
    policy.allow_common_runtime();
    // Requests in, text out; no descriptor either way.
    policy.allow_ipc();
    // Opening for writing ends the process, wherever: libgit2 has no reason to, and an attacker has.
    policy.allow_read_only_open();
    // These directories and nothing else of the file system.
    std::vector<std::string> visible{places.git_dir, places.common_dir};
    if (!places.work_tree.empty()) visible.push_back(places.work_tree);
    for (const std::string& objects : places.object_dirs) {
        std::error_code error;
        // An alternate that is gone is for git to complain of, if it misses anything.
        if (std::filesystem::is_directory(objects, error)) visible.push_back(objects);
    }
    for (const std::string& place : visible) policy.read_beneath(place);
    set_visible_places(std::move(visible));
    return policy.apply();
}

Result<sandbox::Layers> lock_down_for_documents() {
    sandbox::Policy policy;
    policy.allow_common_runtime();
    // Files in, one descriptor each, and text out.
    policy.allow_ipc();
    // poppler asks for fonts and libarchive for character sets: Landlock lets them find none.
    policy.allow_read_only_open();
    // A file that goes round in circles ends this process and nothing else.
    policy.allow_limiting_own_time();
    policy.limit({.memory_bytes = limit_document_memory_bytes});
    return policy.apply();
}

}  // namespace lar::reader
