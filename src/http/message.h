// Requests and responses as values, and the small grammar around them: header lookup, percent
// encoding, query strings, the head of a response. Bytes from the wire become these in parser.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lar::http {

struct Header {
    std::string name;
    std::string value;
};

struct Parameter {  // of a path pattern or of a query, decoded
    std::string name;
    std::string value;
};

enum class Transport : std::uint8_t { unix_socket, tcp };

struct Peer {
    Transport transport = Transport::unix_socket;
    std::uint32_t uid = 0;  // of the process at the other end; unix_socket only
    bool trusted = false;   // the same user by SO_PEERCRED, or a token for the user's memory
};

struct Request {
    std::string method;
    std::string target;                 // as sent
    std::string path;                   // of target, still percent-encoded
    std::vector<Parameter> query;       // in order, decoded
    std::vector<Parameter> parameters;  // {name} of the route's pattern, decoded
    std::vector<Header> headers;
    std::string host;        // of the Host header, or of an absolute target
    int minor_version = 1;   // HTTP/1.minor
    bool keep_alive = true;  // what the client wishes
    std::string body;
    Peer peer;
};

struct Response {
    int status = 200;
    std::string content_type;
    std::string body;
    std::vector<Header> headers;  // besides those that framing needs
};

// Why a request is not served: for the client, in its family's shape (see Router::add_family).
struct Problem {
    int status = 400;
    std::string message;  // one sentence: what is wrong
    std::string hint;     // one sentence: what to do; may be empty
};

bool equal_ignoring_case(std::string_view a, std::string_view b);
// The value of the first header of that name.
std::optional<std::string_view> find_header(const std::vector<Header>& headers, std::string_view name);
std::optional<std::string_view> find_parameter(const std::vector<Parameter>& parameters, std::string_view name);
std::vector<std::string> all_parameters(const std::vector<Parameter>& parameters, std::string_view name);

// invalid for a stray % and for what decodes to NUL or to ill-formed UTF-8.
Result<std::string> percent_decode(std::string_view text);
std::string percent_encode(std::string_view text);  // all but unreserved characters
Result<std::vector<Parameter>> parse_query(std::string_view query, std::size_t limit);

std::string_view reason_phrase(int status);
// "Sat, 21 Nov 2026 14:03:00 GMT"
std::string http_date(std::int64_t now_us);

}  // namespace lar::http
