// The other way of linking: a program with shared libraries, as lar-reader is, that must take every one of them from
// the build environment and none from the system outside. Prints the files that the kernel mapped for it.
#include <git2.h>

#include <cstdlib>
#include <fstream>
#include <print>
#include <string>

int main() {
    if (git_libgit2_init() < 0) {
        std::println(stderr, "libgit2 does not start");
        return EXIT_FAILURE;
    }
    int major = 0;
    int minor = 0;
    int patch = 0;
    git_libgit2_version(&major, &minor, &patch);
    std::println("libgit2 {}.{}.{}", major, minor, patch);
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) std::println("{}", line);
    git_libgit2_shutdown();
    return EXIT_SUCCESS;
}
