#include "sandbox/policy.h"

#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "base/format.h"
#include "sandbox/landlock.h"

namespace lar::sandbox {
namespace {

// SIGXCPU comes first and names the reason; SIGKILL follows this much later for whoever ignores it.
constexpr std::uint64_t cpu_grace_s = 5;

Result<> set_limit(__rlimit_resource resource, std::optional<std::uint64_t> value, std::uint64_t grace = 0) {
    if (!value) return {};
    struct rlimit limit{};
    if (::getrlimit(resource, &limit) != 0) return fail_errno("getrlimit", errno);
    // An inherited limit that is lower already stays: only root could raise it.
    limit.rlim_max = std::min<rlim_t>(limit.rlim_max, *value + grace);
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, *value);
    if (::setrlimit(resource, &limit) != 0) return fail_errno("setrlimit", errno);
    return {};
}

Result<> require_single_thread() {
    struct stat task{};
    if (::stat("/proc/self/task", &task) != 0) return fail_errno("cannot count the threads in /proc/self/task", errno);
    // Two links of the directory itself, one for each thread.
    if (task.st_nlink != 3)
        return fail(Code::internal,
                    "a policy applies to one thread and those it starts later, and there are more already");
    return {};
}

}  // namespace

std::string to_string(const Layers& layers) {
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    if (layers.seccomp) add("seccomp");
    if (layers.landlock_abi > 0) add(lar::format("landlock {}", layers.landlock_abi));
    for (const std::string& lack : layers.missing) add(lack);
    return text;
}

Result<> apply(const Limits& limits) {
    TRY_VOID(set_limit(RLIMIT_CORE, 0));  // a core file would hold the user's words
    TRY_VOID(set_limit(RLIMIT_DATA, limits.memory_bytes));
    TRY_VOID(set_limit(RLIMIT_AS, limits.address_space_bytes));
    TRY_VOID(set_limit(RLIMIT_CPU, limits.cpu_s, cpu_grace_s));
    TRY_VOID(set_limit(RLIMIT_FSIZE, limits.file_bytes));
    TRY_VOID(set_limit(RLIMIT_NOFILE, limits.open_files));
    return {};
}

void Policy::allow(std::initializer_list<const char*> calls) {
    for (const char* call : calls) rules_.push_back({.call = call});
}
void Policy::allow_if(const char* call, std::initializer_list<Argument> arguments) {
    rules_.push_back({.call = call, .arguments = arguments});
}
void Policy::refuse(const char* call, int error_number, std::initializer_list<Argument> arguments) {
    rules_.push_back({.call = call, .arguments = arguments, .error_number = error_number});
}

void Policy::ask_for(const char* call, std::initializer_list<Argument> arguments) {
    rules_.push_back({.call = call, .arguments = arguments, .error_number = EPERM, .asks = true});
}
void Policy::refuse(std::initializer_list<const char*> calls, int error_number) {
    for (const char* call : calls) refuse(call, error_number);
}

Policy& Policy::read_beneath(std::filesystem::path directory) {
    places_.push_back({std::move(directory), landlock_read()});
    return *this;
}
Policy& Policy::read_file(std::filesystem::path file) {
    places_.push_back({std::move(file), landlock_read_file()});
    return *this;
}
Policy& Policy::write_beneath(std::filesystem::path directory) {
    places_.push_back({std::move(directory), landlock_write()});
    return *this;
}
Policy& Policy::execute_file(std::filesystem::path file) {
    places_.push_back({std::move(file), landlock_execute_file()});
    return *this;
}
Policy& Policy::limit(Limits limits) {
    limits_ = limits;
    return *this;
}

Result<> Policy::load_landlock(Layers& layers) const {
    const int abi = landlock_abi();
    if (abi == 0) {
        layers.missing.emplace_back("no landlock in this kernel");
        return {};
    }
    if (passes_what_is_not_named_ && abi < 4) {
        layers.missing.emplace_back("landlock of this kernel restricts files only");
        return {};
    }
    LandlockRules rules =
        TRY(passes_what_is_not_named_
                ? LandlockRules::refuse_others(abi)
                : LandlockRules::refuse_all(abi, heirs_connect_ ? Connecting::left_to_heirs : Connecting::refused));
    for (const std::uint16_t port : ports_) TRY_VOID(rules.allow_connecting(port));
    for (const Place& place : places_) TRY_VOID(rules.allow(place.path, place.access));
    TRY_VOID(rules.enforce());
    layers.landlock_abi = abi;
    if (abi < 3) layers.missing.emplace_back("truncation not restricted");
    if (abi < 4) layers.missing.emplace_back("TCP ports not restricted");
    if (abi < 6) layers.missing.emplace_back("signals not restricted");
    return {};
}

Result<int> Policy::load_filter(bool ask, Fd* questions) const {
    const std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter(
        ::seccomp_init(passes_what_is_not_named_ ? SCMP_ACT_ALLOW : SCMP_ACT_KILL_PROCESS), ::seccomp_release);
    if (!filter) return fail(Code::internal, "seccomp_init: out of memory");
    // libseccomp returns a negative errno everywhere. The binary tree makes ninety names cost seven comparisons.
    int status = ::seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (status == 0) status = ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_NNP, 1);
    if (status == 0) status = ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (status != 0) return fail_errno("seccomp_attr_set", -status);
    for (const Rule& rule : rules_) {
        const int call = ::seccomp_syscall_resolve_name(rule.call.c_str());
        if (call == __NR_SCMP_ERROR)
            return fail(Code::internal, lar::format("libseccomp does not know the system call {}", rule.call));
        if (call < 0) continue;  // known, but not on this architecture
        std::vector<scmp_arg_cmp> arguments;
        for (const Argument& argument : rule.arguments)
            arguments.push_back(argument.differs ? scmp_arg_cmp{argument.index, SCMP_CMP_NE, argument.value, 0}
                                                 : scmp_arg_cmp{argument.index, SCMP_CMP_MASKED_EQ, argument.mask,
                                                                argument.own_pid ? static_cast<scmp_datum_t>(::getpid())
                                                                                 : argument.value});
        const std::uint32_t otherwise =
            rule.error_number == 0 ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(static_cast<std::uint16_t>(rule.error_number));
        const std::uint32_t action = rule.asks && ask ? SCMP_ACT_NOTIFY : otherwise;
        status = ::seccomp_rule_add_array(filter.get(), action, call, static_cast<unsigned>(arguments.size()),
                                          arguments.data());
        if (status == -EOPNOTSUPP && rule.asks && ask) return status;
        if (status != 0 && status != -EEXIST) return fail_errno(lar::format("seccomp rule for {}", rule.call), -status);
    }
    status = ::seccomp_load(filter.get());
    if (status == 0 && ask) *questions = Fd(::seccomp_notify_fd(filter.get()));
    return status;
}

Result<> Policy::load_seccomp(Fd* questions) const {
    // Kernels before 5.5 cannot ask, and within a container whose own filter asks nobody else may. That makes the
    // policy no weaker: what would have been asked is refused.
    if (heirs_connect_ && questions != nullptr) {
        if (TRY(load_filter(true, questions)) == 0 && *questions) return {};
    }
    if (const int status = TRY(load_filter(false, nullptr)); status != 0) return fail_errno("seccomp_load", -status);
    return {};
}

Result<Layers> Policy::apply(Fd* questions) const {
    TRY_VOID(require_single_thread());
    Layers layers;
    // Nobody of the same user may read its memory or attach to it.
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return fail_errno("prctl(PR_SET_DUMPABLE)", errno);
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("prctl(PR_SET_NO_NEW_PRIVS)", errno);
    TRY_VOID(sandbox::apply(limits_));
    TRY_VOID(load_landlock(layers));
    TRY_VOID(load_seccomp(questions));  // last: it forbids what the others call
    layers.seccomp = true;
    return layers;
}

}  // namespace lar::sandbox
