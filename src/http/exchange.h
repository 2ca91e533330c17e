// One request's answer on its way from whatever thread makes it to the connection's thread.
//
// The Responder's side turns answers into bytes (head, chunked framing) and queues them; the
// connection's side takes them off and writes. A lock guards the queue; `wake` is called when there is
// something new and is expected to get the connection's thread to look.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "http/message.h"

namespace lar::http {

using RenderProblem = std::function<Response(const Problem&)>;

struct Framing {
    bool head_only = false;  // HEAD: say what GET would say, and no body
    bool chunks = true;      // HTTP/1.1; before it a stream ends with the connection
    bool keep_alive = true;
    std::string extra_head;  // lines to be added to the head, each with its CRLF
    std::size_t queue_limit_bytes = 0;
};

class Exchange {
public:
    Exchange(Framing framing, RenderProblem render, std::function<void()> wake);

    // The Responder's side. false: cancelled, or too late.
    bool send(const Response& response);
    bool problem(const Problem& problem, std::vector<Header> headers);
    bool open_stream(std::string_view content_type);
    bool write(std::string_view bytes);
    void end();
    void abandon();  // nobody is left to answer
    bool answered() const;
    bool cancelled() const { return cancelled_; }
    // Called once, on the connection's thread, when the client goes away; at once when it has.
    void on_cancel(std::function<void()> tell);
    bool complete() const;  // all of the answer is known

    // The connection's side.
    struct Output {
        std::string bytes;
        bool ended = false;       // nothing will follow
        bool keep_alive = false;  // and then the connection may serve another request
        bool failed = false;      // the stream broke off, or its client is too slow: close at once
        bool streaming = false;
    };
    Output take();
    void cancel();  // the client is gone

private:
    void append_head(const Response& response, bool streaming);
    void notify(bool& needed);

    const Framing framing_;
    const RenderProblem render_;
    const std::function<void()> wake_;
    std::atomic<bool> cancelled_ = false;
    mutable std::mutex mutex_;  // guards what follows
    std::function<void()> tell_cancelled_;
    std::string queue_;
    bool answered_ = false, streaming_ = false, ended_ = false, failed_ = false, woken_ = false;
};

}  // namespace lar::http
