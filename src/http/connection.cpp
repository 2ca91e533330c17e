#include "http/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace lar::http {

struct Connection::Uploading {
    Request request;
    Upload upload;
    bool begun = false;  // the sink was asked for, and the client told to go on
    bool busy = false;   // a step is under way, on another thread
};

Connection::Connection(Server::Core& core, Socket socket, Peer peer)
    : core_(core), socket_(std::move(socket)), peer_(peer), since_(Clock::now()), timer_(core.context) {}

void Connection::start() {
    enter(Stage::idle, core_.options.limits.idle_time);
    wait_readable();
}

void Connection::refuse(const Problem& problem, std::vector<Header> headers) { answer(problem, std::move(headers)); }

void Connection::finish_soon() {
    if (reading() || stage_ == Stage::lingering) return close();
    if (exchange_ && endless_) exchange_->end();
}

void Connection::close() {
    if (stage_ == Stage::closed) return;
    const auto self = shared_from_this();  // the list may hold the last other reference
    stage_ = Stage::closed;
    account_body(0);
    if (exchange_) {
        exchange_->cancel();
        exchange_.reset();
        --core_.requests_under_way;
    }
    parser_.reset();
    uploading_.reset();
    timer_.cancel();
    ErrorCode ignored;
    socket_.close(ignored);
    core_.remove(*this);
}

// ---- deadlines. The timer is moved only when it fires or a nearer deadline comes, so that traffic costs none.

void Connection::enter(Stage stage, Clock::time_point deadline) {
    stage_ = stage;
    since_ = Clock::now();
    deadline_ = deadline;
    if (deadline_ < timer_at_) arm_timer();
}

void Connection::arm_timer() {
    timer_at_ = deadline_;
    timer_.expires_at(timer_at_);
    timer_.async_wait([self = shared_from_this()](ErrorCode error) {
        if (!error && self->stage_ != Stage::closed) self->on_timer();
    });
}

void Connection::on_timer() {
    timer_at_ = Clock::time_point::max();
    if (Clock::now() < deadline_) {
        if (deadline_ != timer_at_) arm_timer();
        return;
    }
    if (stage_ == Stage::head || stage_ == Stage::body) return answer({408, "the request took too long to arrive", ""});
    close();
}

// ---- reading

void Connection::wait_readable() {
    if (std::exchange(waiting_, true)) return;
    socket_.async_wait(Socket::wait_read, [self = shared_from_this()](ErrorCode error) {
        self->waiting_ = false;
        if (self->stage_ == Stage::closed) return;
        if (error) return self->close();
        self->on_readable();
    });
}

void Connection::on_readable() {
    ErrorCode error;
    if (stage_ == Stage::answering) {
        // Only to learn whether the client is still there: what it sends ahead is read after the answer.
        char byte = 0;
        socket_.receive(asio::buffer(&byte, 1), Socket::message_peek, error);
        if (error == asio::error::would_block) return wait_readable();
        if (error) on_client_gone();
        return;
    }
    if (uploading_) return read_upload();
    const std::size_t bytes = socket_.read_some(asio::buffer(core_.scratch), error);
    if (error == asio::error::would_block || error == asio::error::interrupted) return wait_readable();
    if (error) return close();
    if (stage_ == Stage::lingering) {
        lingered_bytes_ += bytes;
        return lingered_bytes_ > core_.options.limits.lingering_bytes ? close() : wait_readable();
    }
    take_bytes({core_.scratch.data(), bytes});
}

// Whoever closes before the answer is complete does not want it; afterwards it may have closed its half only.
void Connection::on_client_gone() {
    if (!exchange_ || !exchange_->complete()) close();
}

// Feeds the parser until it wants more or a request is on its way to its handler.
void Connection::take_bytes(std::string_view bytes) {
    const std::string held = std::exchange(ahead_, {});
    ASSERT(held.empty() || bytes.empty());  // nothing is read while something is held
    if (!held.empty()) bytes = held;
    while (reading() && !(uploading_ && uploading_->busy)) {
        if (!parser_) {
            if (bytes.empty()) break;
            parser_ = std::make_unique<RequestParser>(core_.options.limits, peer_);
        }
        bytes.remove_prefix(parser_->feed(bytes));
        if (!step() && bytes.empty()) break;
    }
    if (reading() && !uploading_) return wait_readable();
    if (stage_ == Stage::closed || stage_ == Stage::lingering) return;
    ahead_.assign(bytes);
    if (!uploading_) wait_readable();
}

bool Connection::step() {
    switch (parser_->state()) {
        case RequestParser::State::head:
            if (parser_->begun() && stage_ == Stage::idle) enter(Stage::head, core_.options.limits.head_time);
            return false;
        case RequestParser::State::body: account_body(parser_->body_bytes()); return false;
        case RequestParser::State::head_complete: on_head(); return true;
        case RequestParser::State::complete: uploading_ ? finish_upload() : dispatch(); return true;
        case RequestParser::State::refused: answer(parser_->problem()); return true;
    }
    return false;
}

void Connection::on_head() {
    const Request& request = parser_->request();
    admission_ = admit(core_.router, request, core_.origin_rules, core_.options.gate, parser_->declares_length());
    if (admission_.problem) return answer(*admission_.problem);
    if (admission_.response) {
        begin_exchange(request, can_go_on_after_refusal())->send(*admission_.response);
        return;
    }
    if (admission_.route->upload) return begin_upload();
    parser_->start_body(admission_.route->options.body_limit_bytes);
    if (parser_->state() != RequestParser::State::body) return;
    enter(Stage::body, core_.options.limits.body_time);
    say_continue();
}

void Connection::say_continue() {
    if (!parser_->expects_continue()) return;
    // A few bytes into an empty socket buffer: if they do not fit, the client has broken the conversation.
    ErrorCode error;
    socket_.write_some(asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")), error);
    if (error) close();
}

// Bodies being received count against one bound for all connections.
void Connection::account_body(std::size_t bytes) {
    core_.bodies_bytes += bytes;
    core_.bodies_bytes -= std::exchange(body_accounted_, bytes);
    if (bytes > 0 && core_.bodies_bytes > core_.options.limits.bodies_bytes)
        answer({503, "too much is being sent to Lar at once", "Try again in a moment."}, {{"Retry-After", "1"}});
}

// ---- uploads

void Connection::begin_upload() {
    uploading_ = std::make_shared<Uploading>();
    uploading_->request = parser_->request();
    uploading_->request.parameters = admission_.parameters;
    std::optional<std::uint64_t> size_bytes;
    if (parser_->content_length()) size_bytes = *parser_->content_length();
    parser_->start_endless_body();
    work_on_upload([begin = &admission_.route->upload, size_bytes](Uploading& uploading) {
        uploading.upload = (*begin)(uploading.request, size_bytes);
    });
}

void Connection::work_on_upload(std::move_only_function<void(Uploading&)> step) {
    uploading_->busy = true;
    enter(Stage::body, Clock::time_point::max());
    const Result<> queued =
        core_.pool_of(Run::work).run([uploading = uploading_, step = std::move(step), connection = weak_from_this(),
                                      server = core_.weak_from_this()]() mutable {
            step(*uploading);
            const auto core = server.lock();
            if (!core) return;
            asio::post(core->context, [connection] {
                if (const auto self = connection.lock()) self->on_upload_step();
            });
        });
    if (queued) return;
    answer({503, "Lar is busy with other requests", "Try again in a moment."}, {{"Retry-After", "1"}});
}

void Connection::on_upload_step() {
    if (!uploading_ || stage_ != Stage::body) return;
    uploading_->busy = false;
    const Upload& upload = uploading_->upload;
    if (upload.problem) return answer(*upload.problem);
    if (upload.response) {
        const auto exchange = begin_exchange(uploading_->request, can_go_on_after_refusal());
        exchange->send(*upload.response);
        return uploading_.reset();
    }
    ASSERT(upload.sink != nullptr);
    enter(Stage::body, core_.options.limits.body_time);
    if (!std::exchange(uploading_->begun, true)) say_continue();
    if (stage_ == Stage::body) take_bytes({});
    if (stage_ == Stage::body && uploading_ && !uploading_->busy) read_upload();
}

// Takes what is there, up to one step: smaller ones would cost more than the work in them.
void Connection::read_upload() {
    while (stage_ == Stage::body && uploading_ && !uploading_->busy) {
        if (parser_->body_bytes() >= core_.options.limits.upload_step_bytes) return hand_over();
        ErrorCode error;
        const std::size_t bytes = socket_.read_some(asio::buffer(core_.scratch), error);
        if (error == asio::error::would_block || error == asio::error::interrupted)
            return parser_->body_bytes() > 0 ? hand_over() : wait_readable();
        if (error) return close();
        take_bytes({core_.scratch.data(), bytes});
    }
}

void Connection::hand_over() {
    work_on_upload([bytes = parser_->take_body()](Uploading& uploading) {
        uploading.upload.problem = uploading.upload.sink->take(bytes);
    });
}

void Connection::finish_upload() {
    if (parser_->body_bytes() > 0) return hand_over();
    account_body(0);
    const auto uploading = std::exchange(uploading_, nullptr);
    Responder responder(begin_exchange(uploading->request, uploading->request.keep_alive));
    const Result<> queued =
        core_.pool_of(Run::work).run([uploading, responder]() { uploading->upload.sink->finish(responder); });
    if (!queued)
        responder.problem({503, "Lar is busy with other requests", "Try again in a moment."}, {{"Retry-After", "1"}});
}

// ---- answering

void Connection::dispatch() {
    account_body(0);
    Request request = parser_->take_request();
    request.peer.trusted = admission_.trusted;
    request.parameters = std::move(admission_.parameters);
    const Route& route = *admission_.route;
    endless_ = route.options.endless;
    Responder responder(begin_exchange(request, request.keep_alive));
    if (route.options.run == Run::here) return route.handler(std::move(request), std::move(responder));
    const Result<> queued =
        core_.pool_of(route.options.run).run([&route, request = std::move(request), responder]() mutable {
            if (!responder.cancelled()) route.handler(std::move(request), std::move(responder));
        });
    if (!queued)
        responder.problem({503, "Lar is busy with other requests", "Try again in a moment."}, {{"Retry-After", "1"}});
}

// A body that nobody will read stands between this request and the next.
bool Connection::can_go_on_after_refusal() const {
    return parser_ && parser_->state() == RequestParser::State::head_complete && !parser_->has_body() &&
           parser_->request().keep_alive;
}

// By value: the problem may be the parser's own, which ends here.
void Connection::answer(Problem problem, std::vector<Header> headers) {
    ++core_.refused;
    const bool keep_alive = can_go_on_after_refusal();
    const Request request = parser_ ? parser_->request() : Request{.peer = peer_};
    account_body(0);
    uploading_.reset();
    begin_exchange(request, keep_alive)->problem(problem, std::move(headers));
}

// From here on the request's bytes are of no interest; admission_'s headers go into the answer's head.
std::shared_ptr<Exchange> Connection::begin_exchange(const Request& request, bool keep_alive) {
    Framing framing;
    framing.head_only = request.method == "HEAD";
    framing.chunks = request.minor_version >= 1;
    framing.keep_alive = keep_alive && !core_.stopping;
    framing.queue_limit_bytes = core_.options.limits.stream_queue_bytes;
    for (const auto& [name, value] : admission_.headers) framing.extra_head += name + ": " + value + "\r\n";
    const Family* family = core_.router.family_of(request.path);
    auto wake = [connection = weak_from_this(), server = core_.weak_from_this()] {
        const auto core = server.lock();
        if (!core) return;
        asio::post(core->context, [connection] {
            if (const auto self = connection.lock()) self->pump();
        });
    };
    exchange_ =
        std::make_shared<Exchange>(std::move(framing), family != nullptr ? family->render : nullptr, std::move(wake));
    parser_.reset();
    admission_.headers.clear();
    ++core_.requests;
    ++core_.requests_under_way;
    enter(Stage::answering, Clock::time_point::max());  // a handler may take its time
    return exchange_;
}

void Connection::pump() {
    if (stage_ != Stage::answering || writing_) return;
    output_ = exchange_->take();
    written_ = 0;
    if (output_.failed) return close();
    if (!output_.bytes.empty()) {
        writing_ = true;
        deadline_ = Clock::now() + core_.options.limits.write_time;
        if (deadline_ < timer_at_) arm_timer();
        return write_some();
    }
    if (output_.ended) return finish_exchange();
    deadline_ = Clock::time_point::max();
}

void Connection::write_some() {
    const auto rest = asio::buffer(output_.bytes) + written_;
    socket_.async_write_some(
        rest, [self = shared_from_this()](ErrorCode error, std::size_t bytes) { self->on_written(error, bytes); });
}

void Connection::on_written(ErrorCode error, std::size_t bytes) {
    if (stage_ == Stage::closed) return;
    if (error) return close();
    written_ += bytes;
    deadline_ = Clock::now() + core_.options.limits.write_time;
    if (written_ < output_.bytes.size()) return write_some();
    writing_ = false;
    if (output_.ended) return finish_exchange();
    pump();
}

void Connection::finish_exchange() {
    const bool keep_alive = output_.keep_alive && !core_.stopping;
    output_ = {};
    exchange_.reset();
    --core_.requests_under_way;
    if (!keep_alive) return linger();
    enter(Stage::idle, core_.options.limits.idle_time);
    take_bytes({});
}

// Closing with unread bytes would reset the connection, and the client might lose the answer: so say that
// nothing follows, and swallow for a moment.
void Connection::linger() {
    ahead_ = {};
    ErrorCode error;
    socket_.shutdown(Socket::shutdown_send, error);
    if (error) return close();
    enter(Stage::lingering, core_.options.limits.linger_time);
    wait_readable();
}

}  // namespace lar::http
