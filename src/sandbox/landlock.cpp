#include "sandbox/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/format.h"

namespace lar::sandbox {
namespace {

// Later versions add rights (UDP, unix sockets by path) that seccomp refuses in every process of ours already.
constexpr int newest_abi_known = 7;

constexpr std::uint64_t rights_on_files = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                          LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |
                                          LANDLOCK_ACCESS_FS_IOCTL_DEV;

std::uint64_t file_rights_of(int abi) {
    std::uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;  // version 1: the first thirteen
    if (abi >= 2) rights |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= 3) rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
    if (abi >= 5) rights |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
    return rights;
}

}  // namespace

std::uint64_t landlock_read_file() { return LANDLOCK_ACCESS_FS_READ_FILE; }
std::uint64_t landlock_read() { return LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR; }
std::uint64_t landlock_execute_file() { return LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE; }
std::uint64_t landlock_write() {
    // Regular files and directories: no devices, fifos, sockets or links are ever made.
    return landlock_read() | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE | LANDLOCK_ACCESS_FS_MAKE_REG |
           LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
           LANDLOCK_ACCESS_FS_REFER;
}

int landlock_abi() {
    const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi > 0 ? static_cast<int>(std::min<long>(abi, newest_abi_known)) : 0;
}

namespace {

// What is refused, and the size of the attributes that this version knows.
Result<Fd> make_ruleset(int abi, std::uint64_t files, Connecting connecting) {
    landlock_ruleset_attr attributes{};
    attributes.handled_access_fs = files;
    std::size_t size = sizeof(attributes.handled_access_fs);
    if (abi >= 4) {
        attributes.handled_access_net = LANDLOCK_ACCESS_NET_BIND_TCP;
        if (connecting == Connecting::refused) attributes.handled_access_net |= LANDLOCK_ACCESS_NET_CONNECT_TCP;
        size = offsetof(landlock_ruleset_attr, scoped);
    }
    if (abi >= 6) {
        attributes.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL;
        size = offsetof(landlock_ruleset_attr, scoped) + sizeof(attributes.scoped);
    }
    const long fd = ::syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
    if (fd < 0) return fail_errno("landlock_create_ruleset", errno);
    return Fd(static_cast<int>(fd));
}

}  // namespace

Result<LandlockRules> LandlockRules::refuse_all(int abi, Connecting connecting) {
    const std::uint64_t files = file_rights_of(abi);
    return LandlockRules(TRY(make_ruleset(abi, files, connecting)), files,
                         abi >= 4 && connecting == Connecting::refused);
}

Result<LandlockRules> LandlockRules::refuse_others(int abi) {
    return LandlockRules(TRY(make_ruleset(abi, 0, Connecting::refused)), 0, abi >= 4);
}

Result<> LandlockRules::allow(const std::filesystem::path& path, std::uint64_t access) {
    const Fd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (!place) return fail_errno(lar::format("cannot open {} for a sandbox rule", path.string()), errno);
    struct stat status{};
    if (::fstat(place.number(), &status) != 0) return fail_errno("fstat", errno);
    if (!S_ISDIR(status.st_mode)) access &= rights_on_files;
    landlock_path_beneath_attr rule{};
    rule.allowed_access = access & handled_;
    rule.parent_fd = place.number();
    if (::syscall(SYS_landlock_add_rule, fd_.number(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        return fail_errno(lar::format("landlock_add_rule for {}", path.string()), errno);
    return {};
}

Result<> LandlockRules::allow_connecting(std::uint16_t port) {
    if (!ports_) return {};
    const landlock_net_port_attr rule{.allowed_access = LANDLOCK_ACCESS_NET_CONNECT_TCP, .port = port};
    if (::syscall(SYS_landlock_add_rule, fd_.number(), LANDLOCK_RULE_NET_PORT, &rule, 0) != 0)
        return fail_errno(lar::format("landlock_add_rule for port {}", port), errno);
    return {};
}

Result<> LandlockRules::enforce() const {
    if (::syscall(SYS_landlock_restrict_self, fd_.number(), 0) != 0) return fail_errno("landlock_restrict_self", errno);
    return {};
}

}  // namespace lar::sandbox
