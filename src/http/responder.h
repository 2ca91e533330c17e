// The right to answer one request, once, from any thread, now or later.
//
// A handler receives a Responder by value and may copy it to wherever the answer will be known. The
// first of send(), json(), problem() or stream() wins; a stream goes on with write() until end(). A
// client that went away makes cancelled() true and every later call return false, which is how long
// work learns that nobody waits for it. write() never blocks: what the client has not taken yet is
// queued, and one that falls Limits::stream_queue_bytes behind is disconnected. When the last copy of a
// Responder goes without an answer, the client gets a 500, and an unfinished stream is cut off.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace lar::http {

class Exchange;  // the connection's side, exchange.h

class Responder {
public:
    explicit Responder(std::shared_ptr<Exchange> exchange);

    bool send(Response response);
    bool json(int status, std::string body);
    bool problem(const Problem& problem, std::vector<Header> headers = {});  // in the shape of the route's family

    bool stream(std::string_view content_type);
    bool write(std::string_view bytes);
    void end();

    bool answered() const;  // by send(), json(), problem() or stream()
    bool cancelled() const;
    // For work that goes on without asking: called once, on the I/O thread, when the client goes away (at once when it
    // has), so it must not wait. It must not hold a Responder, which would keep itself alive; hold a weak_ptr.
    void on_cancel(std::function<void()> tell);

private:
    struct Claim;
    std::shared_ptr<Claim> claim_;  // shared by the copies of this Responder: the last one to go settles it
};

}  // namespace lar::http
