// What tests of several rooms need of the system: a folder of their own.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace lar {

// Empty, in the system's folder for temporary files, and removed with all that came into it.
class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "lar-test-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();  // no test can go on without
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(const char* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

}  // namespace lar
