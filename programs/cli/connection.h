// lard as a command sees it: requests to /lar/v1 answered with structs of wire/api.h.
//
// Connection is all that the commands know, so that tests can answer in lard's place. What lard refuses
// comes back as a Failure with the sentence and the hint it gave.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "failure.h"
#include "http/events.h"
#include "wire/codec.h"

namespace lar::cli {

struct Reply {
    unsigned status = 0;
    std::string body;
};
using http::Event;
// Returns false to stop listening.
using OnEvent = std::function<bool(const Event&)>;

class Connection {
public:
    virtual ~Connection() = default;
    // An error is one of the connection; whatever lard answered is a Reply.
    virtual Result<Reply> request(std::string_view method, std::string_view target, std::string_view body) = 0;
    // Events in order until the stream ends or `take` returns false. A reply that is not a stream is returned whole.
    virtual Result<Reply> stream(std::string_view method, std::string_view target, std::string_view body,
                                 const OnEvent& take) = 0;
};

// not_found: nobody listens there.
Result<std::unique_ptr<Connection>> connect(const std::filesystem::path& socket, const std::atomic<bool>& cancelled);

// A name or a value as part of a path or a query.
std::string url_encoded(std::string_view text);

// What an answer of 4xx or 5xx says.
Failure refusal(const Reply& reply);

// The request's reply as a T.
template <class T>
Outcome<T> call(Connection& connection, std::string_view method, std::string_view target, std::string_view body = {}) {
    auto reply = connection.request(method, target, body);
    if (!reply) return std::unexpected(std::move(reply).error());
    if (reply->status < 200 || reply->status > 299) return std::unexpected(refusal(*reply));
    auto value = wire::from_json<T>(reply->body);
    if (!value)
        return failed(Code::internal,
                      "lard answered in a way that this lar does not understand: " + value.error().message,
                      "they may be of different versions: run `lar shutdown`, then try again");
    return std::move(*value);
}

}  // namespace lar::cli
