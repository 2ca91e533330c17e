// One end of a socket pair between two of Lar's processes: whole messages, with a limit on everything.
//
// A frame is twelve bytes of header (three little-endian 32-bit numbers: bytes of JSON, raw bytes,
// descriptors), the JSON, the raw bytes; the descriptors travel with the header. send() and receive()
// wait as long as Patience allows; receive() may be called again after a timeout and takes up where it
// was, send() may not, so a frame half sent breaks the channel.
//
// What is over a limit or does not parse is `corrupt`, and the channel stays broken: the caller ends
// the peer, it does not ask again. The other end closed is `unavailable`. Order of checks for whoever
// receives: size (here), decode (here), validate, permitted in this state, handle.
//
// One thread may send while another receives; no more than one each.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "wire/codec.h"

namespace lar::ipc {

inline constexpr std::size_t limit_frame_bytes = 4 * 1024 * 1024;  // JSON and raw bytes together
inline constexpr std::size_t limit_frame_descriptors = 8;

// How long to wait: forever by default. `cancelled` is looked at five times a second and ends the wait with
// unavailable; a wait without it wakes for nothing.
struct Patience {
    std::optional<std::int64_t> timeout_ms;  // 0: only what is there already
    const std::atomic<bool>* cancelled = nullptr;
};

struct Frame {
    std::string json;
    std::string raw;
    std::vector<Fd> descriptors;
};

class Channel {
public:
    // Two ends, both close-on-exec.
    static Result<std::pair<Channel, Fd>> make_pair();
    explicit Channel(Fd socket) : socket_(std::move(socket)) {}

    Result<> send(std::string_view json, Patience patience = {}, std::string_view raw = {},
                  std::span<const int> descriptors = {});
    Result<Frame> receive(Patience patience = {});

    // For a thread that must not wait: queue() keeps the message, flush() sends as much as the socket takes now and
    // says whether that was all. Messages keep their order; send() is not for a channel that has something queued.
    Result<> queue(std::string_view json);
    Result<bool> flush();
    std::size_t queued_bytes() const { return queued_.size() - queued_sent_; }

    // Whether a part of a frame has come and the rest has not. A peer that leaves it at that means no good.
    bool frame_under_way() const { return header_complete_ || !header_.empty(); }

    // For a poll loop of the caller's own.
    int descriptor() const { return socket_.number(); }
    void close() { socket_.reset(); }

private:
    Result<> receive_header(const Patience& patience, std::int64_t deadline_ms);
    Result<> receive_body(const Patience& patience, std::int64_t deadline_ms);
    std::unexpected<Error> broken(std::string why);

    Fd socket_;
    bool broken_ = false;
    // The frame under way.
    bool header_complete_ = false;
    std::size_t json_bytes_ = 0, filled_ = 0;
    std::string header_;
    std::string body_;
    std::string queued_;  // frames, of which so much has been sent
    std::size_t queued_sent_ = 0;
    std::vector<Fd> descriptors_;
};

// Typed: a message of one of wire's closed sets.
template <class Message>
Result<> send(Channel& channel, const Message& message, Patience patience = {}) {
    return channel.send(wire::to_json(message), patience);
}

template <class Message>
struct WithDescriptors {
    Message message;
    std::vector<Fd> descriptors;
};

// Raw bytes, too many descriptors, or JSON that is not UTF-8.
Result<> refuse_extras(Channel& channel, const Frame& frame, std::size_t descriptors);
// The place and kind of a fault, without the text around it, which may be the user's.
std::unexpected<Error> undecodable(const Error& error);

// `descriptors` says how many may come with it at most. A frame that brings more, or raw bytes, is corrupt.
template <class Message>
Result<WithDescriptors<Message>> receive_with_descriptors(Channel& channel, std::size_t descriptors,
                                                          Patience patience = {}) {
    Frame frame = TRY(channel.receive(patience));
    TRY_VOID(refuse_extras(channel, frame, descriptors));
    Result<Message> message = wire::from_json<Message>(frame.json);
    if (!message) return undecodable(message.error());
    return WithDescriptors<Message>{std::move(*message), std::move(frame.descriptors)};
}

template <class Message>
Result<Message> receive(Channel& channel, Patience patience = {}) {
    return TRY(receive_with_descriptors<Message>(channel, 0, patience)).message;
}

}  // namespace lar::ipc
