// The channel between lard and lar-courier: one order, what becomes of it, and the end.
//
// An order is one HTTP request to one host. Whoever approved it approved these bytes: what is sent is the descriptor
// that comes with the order, whose hash the courier checks before it looks up the host. What comes back goes to the
// second descriptor, or, when the order brings none or the server says that something went wrong, into the last
// message. The courier follows nothing: a redirect is an answer like any other, and lard decides whether there is a
// next order.
//
// Descriptors come with the order: first the payload, if sends_payload, then the file, if writes_file, then the secret,
// if there is a secret_header: what it holds stands in no message and in no memory but the courier's.
// Order of the messages: CourierReady, then Order, CourierUnderWay, any number of CourierProgress, and one of
// CourierDelivered and CourierFailed, after which the courier ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lar::wire {

inline constexpr std::size_t limit_order_headers = 32;
inline constexpr std::size_t limit_order_text_bytes = 8192;    // of a header, of a target, of a redirect
inline constexpr std::size_t limit_reply_bytes = 1024 * 1024;  // of what comes back in a message

enum class Scheme : std::uint8_t { https, http };
enum class Method : std::uint8_t { get, head, post };
// To which addresses the host may lead. Plain http is for loopback alone, whatever is said here.
enum class Reach : std::uint8_t {
    anywhere,
    loopback,
    internet,  // none of this machine or of the networks behind it: for hosts that a server named, not the user
};

struct OrderHeader {
    std::string name, value;
};
// Whom to ask for a way to the host. It learns the host's name and port, and sees nothing of what goes through: TLS is
// the host's all the same.
struct OrderProxy {
    std::string host;
    std::uint16_t port = 0;
};
struct Order {
    Scheme scheme = Scheme::https;
    std::string host;  // a name, or an address without brackets
    std::uint16_t port = 443;
    Method method = Method::get;
    std::string target;  // path and query, as they stand in the request
    std::vector<OrderHeader> headers;
    Reach reach = Reach::anywhere;
    std::string certificates;         // a file of authorities to trust; empty: the system's
    std::optional<OrderProxy> proxy;  // by HTTP's CONNECT; https alone

    bool sends_payload = false;
    std::uint64_t payload_bytes = 0;
    std::string payload_sha256;  // 64 hex digits

    std::string secret_header, secret_prefix;  // "Authorization", "Bearer "; empty: there is no secret

    bool writes_file = false;
    std::uint64_t from_bytes = 0;   // what the file has already; the rest is asked for
    std::uint64_t limit_bytes = 0;  // of what may come in
    std::string expected_sha256;    // of what comes in; empty: lard looks for itself

    std::uint32_t limit_s = 60;    // for all of it
    std::uint32_t connect_s = 20;  // until there is a connection
    std::uint32_t slow_s = 30;     // it is given up after so long below slow_bytes_per_s
    std::uint32_t slow_bytes_per_s = 512;
};
using CourierRequest = std::variant<Order>;

struct CourierReady {
    std::string build;
};
// Locked down to this order's host and port, and about to connect.
struct CourierUnderWay {
    std::string layers;
    std::vector<std::string> addresses;
};
struct CourierProgress {
    std::uint64_t bytes_in = 0;  // of this order
};
// The server answered. Whether that is what was hoped for, its status says.
struct CourierDelivered {
    std::uint32_t status = 0;
    std::uint64_t bytes_in = 0, bytes_out = 0;  // of bodies
    std::string sha256;                         // of what came in
    std::string sent_sha256;                    // of what of the payload was given to the network
    std::string address;                        // with whom it spoke
    std::string body;                           // unless it went to the file
    std::string location, authenticate;         // of a redirect, and of a refusal
    bool whole_file = false;                    // the server sent it from its beginning, and nothing was written
};
struct CourierFailed {
    std::string code;  // of lar::Code
    std::string message;
    std::uint64_t bytes_in = 0, bytes_out = 0;
    std::string address;
};
using CourierEvent = std::variant<CourierReady, CourierUnderWay, CourierProgress, CourierDelivered, CourierFailed>;

}  // namespace lar::wire
