// One client: reads a request, has it answered, and so on until either side is done. Internal to http/.
//
// A connection is in exactly one Stage; each has its deadline, and passing it ends the connection (with
// a 408 where a request had begun). While a request is being answered nothing more is read, so a client
// that sends ahead waits in the kernel's buffer; but its going away is noticed and cancels the exchange.
//
// An upload's body goes to its sink in steps, each on a thread of the pool; while a step is under way nothing is read.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.h"
#include "http/parser.h"
#include "http/server_core.h"

namespace lar::http {

class Connection : public std::enable_shared_from_this<Connection> {
public:
    enum class Stage { idle, head, body, answering, lingering, closed };

    Connection(Server::Core& core, Socket socket, Peer peer);

    void start();
    void refuse(const Problem& problem, std::vector<Header> headers);  // instead of start(): says why and goes
    void finish_soon();  // the server stops: at once, or after the answer under way
    void close();

    Transport transport() const { return peer_.transport; }
    std::chrono::steady_clock::time_point since() const { return since_; }
    // Nothing is lost but its client's patience if this one goes.
    bool dispensable() const { return stage_ == Stage::idle || stage_ == Stage::head || stage_ == Stage::lingering; }
    std::list<std::shared_ptr<Connection>>::iterator place;  // Core's

private:
    using Clock = std::chrono::steady_clock;

    void enter(Stage stage, Clock::time_point deadline);
    void enter(Stage stage, Clock::duration time) { enter(stage, Clock::now() + time); }
    void arm_timer();
    void on_timer();

    bool reading() const { return stage_ == Stage::idle || stage_ == Stage::head || stage_ == Stage::body; }
    void wait_readable();
    void on_readable();
    void on_client_gone();
    void take_bytes(std::string_view bytes);
    bool step();  // one transition; false: the parser wants more bytes
    void on_head();
    void account_body(std::size_t bytes);

    struct Uploading;
    void begin_upload();
    void read_upload();
    void hand_over();  // what has come of the body
    void work_on_upload(std::move_only_function<void(Uploading&)> step);
    void on_upload_step();
    void finish_upload();
    void say_continue();

    void dispatch();
    void answer(Problem problem, std::vector<Header> headers = {});
    std::shared_ptr<Exchange> begin_exchange(const Request& request, bool keep_alive);
    bool can_go_on_after_refusal() const;

    void pump();  // writes what the exchange has
    void write_some();
    void on_written(ErrorCode error, std::size_t bytes);
    void finish_exchange();
    void linger();

    Server::Core& core_;
    Socket socket_;
    Peer peer_;
    Stage stage_ = Stage::idle;
    Clock::time_point since_;
    Clock::time_point deadline_;
    Clock::time_point timer_at_ = Clock::time_point::max();  // when the pending wait ends
    asio::steady_timer timer_;

    std::unique_ptr<RequestParser> parser_;  // from a request's first byte to its handler
    std::string ahead_;                      // bytes behind the request being answered
    Admission admission_;
    std::size_t body_accounted_ = 0;
    std::shared_ptr<Uploading> uploading_;  // shared with the step under way

    std::shared_ptr<Exchange> exchange_;  // shared with the Responder, which may be anywhere
    Exchange::Output output_;
    std::size_t written_ = 0;
    std::size_t lingered_bytes_ = 0;
    bool waiting_ = false;  // for the socket to become readable
    bool writing_ = false;
    bool endless_ = false;  // the stream under way ends when the server stops
};

}  // namespace lar::http
