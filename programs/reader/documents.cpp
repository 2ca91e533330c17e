#include "documents.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <optional>
#include <string_view>
#include <utility>

#include "documents/document.h"

namespace lar::reader {
namespace {

// A file's bytes, mapped. One that gets shorter meanwhile ends the process: lard says so of the document.
class Mapped {
public:
    static Result<Mapped> map(const Fd& file) {
        struct stat status{};
        if (::fstat(file.number(), &status) != 0) return fail_errno("fstat", errno);
        if (!S_ISREG(status.st_mode)) return fail(Code::invalid, "it is no regular file");
        if (status.st_size == 0) return fail(Code::not_found, "it is empty");
        const auto size = static_cast<std::size_t>(status.st_size);
        void* const at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
        if (at == MAP_FAILED) return fail_errno("mmap", errno);
        return Mapped(at, size);
    }
    Mapped(Mapped&& other) noexcept : at_(std::exchange(other.at_, nullptr)), size_(other.size_) {}
    Mapped& operator=(Mapped&&) = delete;
    ~Mapped() {
        if (at_ != nullptr) ::munmap(at_, size_);
    }
    std::string_view bytes() const { return {static_cast<const char*>(at_), size_}; }

private:
    Mapped(void* at, std::size_t size) : at_(at), size_(size) {}
    void* at_;
    std::size_t size_;
};

// The kernel's own limit, in whole seconds, after ours.
Result<> limit_time(std::uint32_t cpu_ms) {
    constexpr rlim_t grace_s = 2;
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    rlimit limit{};
    if (::getrlimit(RLIMIT_CPU, &limit) != 0) return fail_errno("getrlimit", errno);
    const rlim_t wanted = static_cast<rlim_t>(used.tv_sec) + cpu_ms / 1000 + grace_s;
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY ? wanted : std::min(wanted, limit.rlim_max);
    if (::setrlimit(RLIMIT_CPU, &limit) != 0) return fail_errno("setrlimit", errno);
    return {};
}

}  // namespace

Result<> DocumentService::say(const wire::DocumentEvent& event) { return ipc::send(channel_, event); }

Result<> DocumentService::run(std::string layers) {
    TRY_VOID(say(wire::DocumentsOpened{.layers = std::move(layers)}));
    for (;;) {
        auto [request, descriptors] = TRY(ipc::receive_with_descriptors<wire::ReadDocument>(channel_, 1));
        if (descriptors.size() != 1) return fail(Code::corrupt, "a document without its file");
        if (request.cpu_ms == 0 || request.cpu_ms > limit_cpu_ms)
            return fail(Code::corrupt, "a document without a limit that holds");
        TRY_VOID(answer(request, descriptors.front()));
    }
}

Result<> DocumentService::answer(const wire::ReadDocument& request, const Fd& file) {
    std::optional<Error> channel_error;
    const auto tell = [&](const wire::DocumentEvent& event) -> Result<> {
        Result<> said = say(event);
        if (!said) channel_error = said.error();
        return said;
    };
    TRY_VOID(limit_time(request.cpu_ms));
    documents::Blocks blocks(request.id, documents::Budget(request.cpu_ms),
                             {.text = [&](wire::DocumentText&& text) { return tell(std::move(text)); },
                              .member_failed = [&](wire::MemberFailed&& failed) { return tell(std::move(failed)); }});
    const auto read_all = [&]() -> Result<documents::Read> {
        const Mapped mapped = TRY(Mapped::map(file));
        return documents::read_document(request.format, mapped.bytes(), blocks);
    };
    const Result<documents::Read> read = read_all();
    if (channel_error) return std::unexpected(*channel_error);
    TRY_VOID(blocks.flush());
    if (!read && !blocks.any())
        return say(wire::DocumentFailed{.id = request.id,
                                        .code = std::string(to_string(read.error().code)),
                                        .message = documents::clean_name(read.error().message)});
    wire::DocumentDone done{.id = request.id};
    if (read) {
        done.title = read->title;
        done.pages = read->pages;
    } else {
        done.cut = documents::clean_name(read.error().message);
    }
    return say(done);
}

}  // namespace lar::reader
