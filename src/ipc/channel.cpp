#include "ipc/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/format.h"
#include "base/text.h"
#include "base/time.h"

namespace lar::ipc {
namespace {

constexpr std::size_t header_bytes = 12;
constexpr std::int64_t cancel_check_ms = 200;
constexpr std::int64_t no_deadline = -1;

std::int64_t deadline_of(const Patience& patience) {
    return patience.timeout_ms ? monotonic_ms() + *patience.timeout_ms : no_deadline;
}

// Until the socket is ready for `events`, or closed, which counts as ready: the next call tells.
Result<> wait_for(int socket, short events, const Patience& patience, std::int64_t deadline_ms) {
    for (;;) {
        if (patience.cancelled && patience.cancelled->load(std::memory_order_relaxed))
            return fail(Code::unavailable, "cancelled");
        std::int64_t wait = -1;
        if (deadline_ms != no_deadline) wait = std::max<std::int64_t>(0, deadline_ms - monotonic_ms());
        if (patience.cancelled) wait = wait < 0 ? cancel_check_ms : std::min(wait, cancel_check_ms);
        pollfd item{socket, events, 0};
        const int ready = ::poll(&item, 1, static_cast<int>(std::min<std::int64_t>(wait, 1'000'000)));
        if (ready > 0) return {};
        if (ready < 0 && errno != EINTR) return fail_errno("poll", errno);
        if (deadline_ms != no_deadline && monotonic_ms() >= deadline_ms)
            return fail(Code::timeout, "the other process did not answer in time");
    }
}

void put_number(std::string& out, std::size_t value) {
    for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>((value >> shift) & 0xff));
}
std::size_t number_at(std::string_view bytes, std::size_t place) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value |= static_cast<std::size_t>(static_cast<unsigned char>(bytes[place + i])) << (8 * i);
    return value;
}

std::unexpected<Error> closed() { return fail(Code::unavailable, "the other process has closed the channel"); }

// Storage for the descriptors of one message, aligned as the kernel wants it.
union Ancillary {
    cmsghdr align;
    std::array<char, CMSG_SPACE(sizeof(int) * limit_frame_descriptors)> bytes;
};

// Every descriptor that came is owned at once, so that none leaks whatever is wrong with the rest.
void take_descriptors(msghdr& message, std::vector<Fd>& into) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
            into.emplace_back(number);
        }
    }
}

void attach_descriptors(msghdr& message, Ancillary& ancillary, std::span<const int> descriptors) {
    message.msg_control = ancillary.bytes.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(part), descriptors.data(), descriptors.size_bytes());
}

// Workers' policies have sendto but not sendmsg: they may never pass a descriptor on.
ssize_t send_some(int socket, std::string_view bytes, std::span<const int> descriptors) {
    if (descriptors.empty()) return ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    Ancillary ancillary{};
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    attach_descriptors(message, ancillary, descriptors);
    return ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool would_block(int error_number) { return error_number == EAGAIN; }

}  // namespace

Result<std::pair<Channel, Fd>> Channel::make_pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return fail_errno("socketpair", errno);
    return std::pair(Channel(Fd(ends[0])), Fd(ends[1]));
}

std::unexpected<Error> Channel::broken(std::string why) {
    broken_ = true;
    return fail(Code::corrupt, std::move(why));
}

Result<> Channel::send(std::string_view json, Patience patience, std::string_view raw,
                       std::span<const int> descriptors) {
    if (broken_) return fail(Code::corrupt, "the channel is broken");
    if (!socket_) return closed();
    if (json.size() + raw.size() > limit_frame_bytes)
        return fail(Code::too_large,
                    lar::format("a message of {} bytes; the limit is {}", json.size() + raw.size(), limit_frame_bytes));
    if (descriptors.size() > limit_frame_descriptors)
        return fail(Code::too_large, "too many descriptors for one message");
    std::string frame;
    frame.reserve(header_bytes + json.size() + raw.size());
    put_number(frame, json.size());
    put_number(frame, raw.size());
    put_number(frame, descriptors.size());
    frame.append(json).append(raw);
    const std::int64_t deadline_ms = deadline_of(patience);
    std::string_view rest = frame;
    while (!rest.empty()) {
        const ssize_t n = send_some(socket_.number(), rest, descriptors);
        if (n > 0) {
            rest.remove_prefix(static_cast<std::size_t>(n));
            descriptors = {};
            continue;
        }
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EPIPE || errno == ECONNRESET)) return closed();
        if (n < 0 && !would_block(errno)) return fail_errno("send", errno);
        if (Result<> ready = wait_for(socket_.number(), POLLOUT, patience, deadline_ms); !ready) {
            broken_ = rest.size() != frame.size();
            return ready;
        }
    }
    return {};
}

Result<> Channel::queue(std::string_view json) {
    if (broken_) return fail(Code::corrupt, "the channel is broken");
    if (json.size() > limit_frame_bytes)
        return fail(Code::too_large,
                    lar::format("a message of {} bytes; the limit is {}", json.size(), limit_frame_bytes));
    put_number(queued_, json.size());
    put_number(queued_, 0);
    put_number(queued_, 0);
    queued_ += json;
    return {};
}

Result<bool> Channel::flush() {
    if (broken_) return fail(Code::corrupt, "the channel is broken");
    if (!socket_) return closed();
    while (queued_bytes() > 0) {
        const ssize_t n = send_some(socket_.number(), std::string_view(queued_).substr(queued_sent_), {});
        if (n > 0) {
            queued_sent_ += static_cast<std::size_t>(n);
            continue;
        }
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EPIPE || errno == ECONNRESET)) return closed();
        if (n < 0 && !would_block(errno)) return fail_errno("send", errno);
        // What is sent is let go of, so that a queue that is never empty does not grow.
        queued_.erase(0, std::exchange(queued_sent_, 0));
        return false;
    }
    queued_ = {};
    queued_sent_ = 0;
    return true;
}

Result<> Channel::receive_header(const Patience& patience, std::int64_t deadline_ms) {
    while (header_.size() < header_bytes) {
        std::array<char, header_bytes> bytes{};
        Ancillary ancillary{};
        iovec part{bytes.data(), header_bytes - header_.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = ancillary.bytes.data();
        message.msg_controllen = ancillary.bytes.size();
        const ssize_t n = ::recvmsg(socket_.number(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == ECONNRESET) return closed();
        if (n < 0 && !would_block(errno)) return fail_errno("recvmsg", errno);
        if (n < 0) {
            TRY_VOID(wait_for(socket_.number(), POLLIN, patience, deadline_ms));
            continue;
        }
        take_descriptors(message, descriptors_);
        if ((message.msg_flags & MSG_CTRUNC) != 0 || descriptors_.size() > limit_frame_descriptors)
            return broken("more descriptors than a message may carry");
        if (n == 0 && header_.empty()) return closed();
        if (n == 0) return broken("the channel ended within a message");
        header_.append(bytes.data(), static_cast<std::size_t>(n));
    }
    json_bytes_ = number_at(header_, 0);
    const std::size_t raw_bytes = number_at(header_, 4);
    if (json_bytes_ > limit_frame_bytes || raw_bytes > limit_frame_bytes - json_bytes_)
        return broken(
            lar::format("a message of {} bytes; the limit is {}", json_bytes_ + raw_bytes, limit_frame_bytes));
    if (number_at(header_, 8) != descriptors_.size()) return broken("the descriptors are not those announced");
    body_.resize(json_bytes_ + raw_bytes);
    filled_ = 0;
    header_complete_ = true;
    return {};
}

Result<> Channel::receive_body(const Patience& patience, std::int64_t deadline_ms) {
    while (filled_ < body_.size()) {
        iovec part{body_.data() + filled_, body_.size() - filled_};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        const ssize_t n = ::recvmsg(socket_.number(), &message, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == ECONNRESET) return closed();
        if (n < 0 && !would_block(errno)) return fail_errno("recvmsg", errno);
        if (n < 0) {
            TRY_VOID(wait_for(socket_.number(), POLLIN, patience, deadline_ms));
            continue;
        }
        // No room was given for descriptors, so the kernel has closed those that came.
        if ((message.msg_flags & MSG_CTRUNC) != 0) return broken("descriptors within a message");
        if (n == 0) return broken("the channel ended within a message");
        filled_ += static_cast<std::size_t>(n);
    }
    return {};
}

Result<Frame> Channel::receive(Patience patience) {
    if (broken_) return fail(Code::corrupt, "the channel is broken");
    if (!socket_) return closed();
    const std::int64_t deadline_ms = deadline_of(patience);
    if (!header_complete_) TRY_VOID(receive_header(patience, deadline_ms));
    TRY_VOID(receive_body(patience, deadline_ms));
    Frame frame;
    frame.raw = body_.substr(json_bytes_);
    body_.resize(json_bytes_);
    frame.json = std::exchange(body_, {});
    frame.descriptors = std::exchange(descriptors_, {});
    header_.clear();
    header_complete_ = false;
    return frame;
}

Result<> refuse_extras(Channel& channel, const Frame& frame, std::size_t descriptors) {
    if (!frame.raw.empty() || frame.descriptors.size() > descriptors) {
        channel.close();
        return fail(Code::corrupt, "a message brings bytes or descriptors that it may not");
    }
    if (!is_utf8(frame.json)) {
        channel.close();
        return fail(Code::corrupt, "a message is not UTF-8");
    }
    return {};
}

std::unexpected<Error> undecodable(const Error& error) {
    return fail(Code::corrupt, "a message does not parse: " + error.message.substr(0, error.message.find('\n')));
}

}  // namespace lar::ipc
