#include "http/exchange.h"

#include <utility>

#include "base/format.h"
#include "base/time.h"
#include "http/responder.h"

namespace lar::http {

Exchange::Exchange(Framing framing, RenderProblem render, std::function<void()> wake)
    : framing_(std::move(framing)), render_(std::move(render)), wake_(std::move(wake)) {}

void Exchange::append_head(const Response& response, bool streaming) {
    queue_ += lar::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status, reason_phrase(response.status),
                          http_date(SystemClock().now_us()));
    if (!response.content_type.empty()) queue_ += lar::format("Content-Type: {}\r\n", response.content_type);
    if (!streaming) {
        if (response.status != 204) queue_ += lar::format("Content-Length: {}\r\n", response.body.size());
    } else if (framing_.chunks) {
        queue_ += "Transfer-Encoding: chunked\r\n";
    }
    // What Lar says is the user's own memory: no cache keeps it, no browser guesses its type.
    queue_ += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
    for (const auto& [name, value] : response.headers) queue_ += lar::format("{}: {}\r\n", name, value);
    queue_ += framing_.extra_head;
    const bool keep_alive = framing_.keep_alive && (!streaming || framing_.chunks);
    queue_ += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
}

bool Exchange::send(const Response& response) {
    bool wake = false;
    {
        const std::scoped_lock lock(mutex_);
        if (answered_ || cancelled_) return false;
        answered_ = ended_ = true;
        append_head(response, false);
        if (!framing_.head_only) queue_ += response.body;
        notify(wake);
    }
    if (wake) wake_();
    return true;
}

bool Exchange::problem(const Problem& problem, std::vector<Header> headers) {
    Response response =
        render_ ? render_(problem) : Response{problem.status, "text/plain; charset=utf-8", problem.message + "\n", {}};
    response.status = problem.status;
    for (Header& header : headers) response.headers.push_back(std::move(header));
    return send(response);
}

bool Exchange::open_stream(std::string_view content_type) {
    bool wake = false;
    {
        const std::scoped_lock lock(mutex_);
        if (answered_ || cancelled_) return false;
        answered_ = streaming_ = true;
        append_head({200, std::string(content_type), {}, {}}, true);
        // Nothing of the body is wanted, so whoever would make it need not begin.
        if (framing_.head_only) ended_ = cancelled_ = true;
        notify(wake);
    }
    if (wake) wake_();
    return !framing_.head_only;
}

bool Exchange::write(std::string_view bytes) {
    bool wake = false;
    bool alive = true;
    {
        const std::scoped_lock lock(mutex_);
        if (!streaming_ || ended_ || cancelled_) return false;
        if (bytes.empty()) return true;  // an empty chunk would end the stream
        if (queue_.size() + bytes.size() > framing_.queue_limit_bytes) {
            failed_ = cancelled_ = true;
            alive = false;
        } else if (framing_.chunks) {
            queue_ += lar::format("{:x}\r\n", bytes.size());
            queue_.append(bytes).append("\r\n");
        } else {
            queue_ += bytes;
        }
        notify(wake);
    }
    if (wake) wake_();
    return alive;
}

void Exchange::end() {
    bool wake = false;
    {
        const std::scoped_lock lock(mutex_);
        if (!streaming_ || ended_) return;
        ended_ = true;
        if (framing_.chunks) queue_ += "0\r\n\r\n";
        notify(wake);
    }
    if (wake) wake_();
}

void Exchange::abandon() {
    bool streaming = false;
    bool wake = false;
    {
        const std::scoped_lock lock(mutex_);
        if (ended_ || cancelled_) return;
        streaming = streaming_;
        if (streaming) {
            failed_ = true;
            notify(wake);
        }
    }
    if (wake) wake_();
    if (!streaming)
        problem({500, "the request was dropped without an answer", "Try again; 'lar logs' may say more."}, {});
}

bool Exchange::answered() const {
    const std::scoped_lock lock(mutex_);
    return answered_;
}

bool Exchange::complete() const {
    const std::scoped_lock lock(mutex_);
    return ended_;
}

// One wake at a time: the connection takes everything that is there when it looks.
void Exchange::notify(bool& needed) { needed = !std::exchange(woken_, true); }

Exchange::Output Exchange::take() {
    const std::scoped_lock lock(mutex_);
    woken_ = false;
    return {std::exchange(queue_, {}), ended_, framing_.keep_alive && (!streaming_ || framing_.chunks), failed_,
            streaming_};
}

void Exchange::cancel() {
    std::function<void()> tell;
    {
        const std::scoped_lock lock(mutex_);
        cancelled_ = true;
        tell = std::exchange(tell_cancelled_, nullptr);
    }
    if (tell) tell();
}

void Exchange::on_cancel(std::function<void()> tell) {
    {
        const std::scoped_lock lock(mutex_);
        if (!cancelled_) {
            tell_cancelled_ = std::move(tell);
            return;
        }
    }
    tell();
}

struct Responder::Claim {
    std::shared_ptr<Exchange> exchange;
    explicit Claim(std::shared_ptr<Exchange> e) : exchange(std::move(e)) {}
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;
    ~Claim() { exchange->abandon(); }
};

Responder::Responder(std::shared_ptr<Exchange> exchange) : claim_(std::make_shared<Claim>(std::move(exchange))) {}

bool Responder::send(Response response) { return claim_->exchange->send(response); }
bool Responder::json(int status, std::string body) { return send({status, "application/json", std::move(body), {}}); }
bool Responder::problem(const Problem& problem, std::vector<Header> headers) {
    return claim_->exchange->problem(problem, std::move(headers));
}
bool Responder::stream(std::string_view content_type) { return claim_->exchange->open_stream(content_type); }
bool Responder::write(std::string_view bytes) { return claim_->exchange->write(bytes); }
void Responder::end() { claim_->exchange->end(); }
bool Responder::answered() const { return claim_->exchange->answered(); }
bool Responder::cancelled() const { return claim_->exchange->cancelled(); }
void Responder::on_cancel(std::function<void()> tell) { claim_->exchange->on_cancel(std::move(tell)); }

}  // namespace lar::http
