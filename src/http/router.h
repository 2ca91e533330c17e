// Which handler serves a method and a path, and what it takes to be let in.
//
// Routes are listed by whoever knows what they do (api/); this room knows paths only. A pattern is a
// path whose segments may be {names}; a literal segment wins over a name. Families share a prefix, a
// shape for errors and whether they reach the user's memory ("guarded": over TCP a token for it is needed
// and the origin checked even for reading); a route may say that it is open. admit() is the whole
// decision over a request's head, before any of its body is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.h"
#include "http/gate.h"
#include "http/message.h"
#include "http/origin.h"
#include "http/responder.h"

namespace lar::http {

using Handler = std::function<void(Request&&, Responder)>;

// Takes a body piece by piece, for one too large to be held. On the pool's threads, one call at a time; gone before
// its end when the client went away or take() refused.
class BodySink {
public:
    virtual ~BodySink() = default;
    virtual std::optional<Problem> take(std::string_view bytes) = 0;
    virtual void finish(Responder responder) = 0;  // all of it has come
};
// `size_bytes`: what the client announced, if it did. Also says why a body is not wanted, or gives the answer that
// makes one needless, before any of it is read.
struct Upload {
    std::unique_ptr<BodySink> sink;    // this,
    std::optional<Response> response;  // or this,
    std::optional<Problem> problem;    // or this
};
using BeginUpload = std::function<Upload(const Request&, std::optional<std::uint64_t> size_bytes)>;

enum class Access : std::uint8_t { family, open };
enum class Run : std::uint8_t {
    here,   // on the I/O thread: must not wait for anything
    quick,  // on a thread of its own: milliseconds at most, so that status answers while searches are under way
    work,   // on one of the pool's threads
    slow,   // on a thread of its own kind: minutes, such as an answer that a model writes
};
enum class BodyRule : std::uint8_t { optional, required };

inline constexpr std::size_t small_body_bytes = 64 * 1024;

struct RouteOptions {
    Run run = Run::work;
    Access access = Access::family;
    BodyRule body = BodyRule::optional;
    std::size_t body_limit_bytes = small_body_bytes;
    bool endless = false;  // streams until somebody ends it, such as news: ended when the server stops
};
struct Route {
    std::string method;
    std::vector<std::string> segments;  // "{name}" matches any one
    Handler handler;                    // this,
    BeginUpload upload;                 // or this
    RouteOptions options;
};
struct Family {
    std::string prefix;  // "/lar/v1": that path and all below it
    bool guarded = true;
    RenderProblem render;
    std::vector<std::string> origins = {};  // pages from there may use it; see origin_fits
};

class Router {
public:
    // The first family whose prefix fits is the one.
    void add_family(Family family);
    void add(std::string_view method, std::string_view pattern, Handler handler, RouteOptions options = {});
    // For bodies of any size; of the options only `access` means something.
    void add_upload(std::string_view method, std::string_view pattern, BeginUpload begin, RouteOptions options = {});

    struct Match {
        const Route* route = nullptr;
        std::vector<Parameter> parameters;
        std::vector<std::string> allowed_methods;  // of the path, when the method does not fit; empty: no such path
    };
    Match match(std::string_view method, std::string_view path) const;
    const Family* family_of(std::string_view path) const;

private:
    void add_route(std::string_view method, std::string_view pattern, Route route);

    std::vector<Family> families_;
    std::vector<Route> routes_;
};

// A request's head is let in with a route and its parameters, or answered at once.
struct Admission {
    const Route* route = nullptr;
    std::vector<Parameter> parameters;
    std::optional<Problem> problem;
    std::optional<Response> response;  // to OPTIONS
    std::vector<Header> headers;       // to be added to whatever answers
    bool trusted = false;              // see Peer
};
Admission admit(const Router& router, const Request& request, const OriginRules& rules, Gate* gate,
                bool declares_length);

}  // namespace lar::http
