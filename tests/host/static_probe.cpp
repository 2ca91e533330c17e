// Shows that the two ways of linking hold on the system outside the build environment: this program is fully static,
// uses every library that the static programs use, and names the files that the kernel mapped for it.
#include <libstemmer.h>
#include <seccomp.h>
#include <sodium.h>
#include <sqlite3.h>
#include <utf8proc.h>

#include <cstdlib>
#include <expected>
#include <fstream>
#include <print>
#include <string>

namespace {

std::expected<std::string, std::string> library_versions() {
    if (sodium_init() < 0) return std::unexpected("libsodium does not start");
    sqlite3* database = nullptr;
    if (sqlite3_open(":memory:", &database) != SQLITE_OK) return std::unexpected("SQLite does not open a database");
    const int fts = sqlite3_exec(database, "CREATE VIRTUAL TABLE t USING fts5(x)", nullptr, nullptr, nullptr);
    sqlite3_close(database);
    if (fts != SQLITE_OK) return std::unexpected("SQLite comes without FTS5");
    sb_stemmer* stemmer = sb_stemmer_new("english", "UTF_8");
    if (stemmer == nullptr) return std::unexpected("the stemmer knows no English");
    sb_stemmer_delete(stemmer);
    const scmp_version* seccomp = seccomp_version();
    return std::format("sqlite {}, sodium {}, seccomp {}.{}, utf8proc {}", sqlite3_libversion(),
                       sodium_version_string(), seccomp->major, seccomp->minor, utf8proc_version());
}

}  // namespace

int main() {
    const auto versions = library_versions();
    if (!versions) {
        std::println(stderr, "{}", versions.error());
        return EXIT_FAILURE;
    }
    std::println("{}", *versions);
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) std::println("{}", line);
    return EXIT_SUCCESS;
}
