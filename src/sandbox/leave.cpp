#include "sandbox/leave.h"

#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace lar::sandbox {
namespace {

// A kernel whose structures have grown writes more than ours have; it never has so far.
constexpr std::size_t room_bytes = 4096;

}  // namespace

Result<std::optional<Question>> next_question(const Fd& questions) {
    // Asked for when there is none it would wait, for ever once all who could ask have ended.
    pollfd item{questions.number(), POLLIN, 0};
    if (::poll(&item, 1, 0) < 0 && errno != EINTR) return fail_errno("poll", errno);
    if ((item.revents & POLLIN) == 0) {
        if (item.revents != 0) return fail(Code::unavailable, "nobody is left who could ask for a socket");
        return std::nullopt;
    }
    alignas(seccomp_notif) std::array<char, room_bytes> room{};  // the kernel wants zeros
    if (::ioctl(questions.number(), SECCOMP_IOCTL_NOTIF_RECV, room.data()) != 0) {
        if (errno == ENOENT || errno == EINTR) return std::nullopt;
        return fail_errno("taking a question", errno);
    }
    seccomp_notif question{};
    std::memcpy(&question, room.data(), sizeof(question));
    return Question{.id = question.id, .thread = static_cast<pid_t>(question.pid)};
}

Result<> answer(const Fd& questions, const Question& question, Leave leave) {
    alignas(seccomp_notif_resp) std::array<char, room_bytes> room{};
    seccomp_notif_resp response{};
    response.id = question.id;
    if (leave == Leave::given)
        response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    else
        response.error = -EPERM;
    std::memcpy(room.data(), &response, sizeof(response));
    if (::ioctl(questions.number(), SECCOMP_IOCTL_NOTIF_SEND, room.data()) != 0 && errno != ENOENT)
        return fail_errno("answering a question", errno);
    return {};
}

}  // namespace lar::sandbox
