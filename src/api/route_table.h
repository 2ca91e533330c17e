// A family's endpoints as one table from method and path to a method of its class, and how their work is run.
//
//     const Endpoint<OllamaRoutes> OllamaRoutes::table[] = {{"GET", "/api/tags", &OllamaRoutes::tags, on::work}, …};
//     add_endpoints<OllamaRoutes>(router, *this, table);      // *this outlives the router's server
#pragma once

#include <span>
#include <string_view>
#include <utility>

#include "http/limits.h"
#include "http/router.h"

namespace lar::api {

template <class Routes>
struct Endpoint {
    std::string_view method, path;
    void (Routes::*handler)(http::Request&&, http::Responder);
    http::RouteOptions options;
};

template <class Routes>
void add_endpoints(http::Router& router, Routes& routes, std::span<const Endpoint<Routes>> table) {
    for (const Endpoint<Routes>& one : table)
        router.add(
            one.method, one.path,
            [&routes, handler = one.handler](http::Request&& request, http::Responder responder) {
                (routes.*handler)(std::move(request), std::move(responder));
            },
            one.options);
}

// Where a handler runs, and how large a body it takes.
namespace on {
inline constexpr std::size_t large = http::Limits{}.body_bytes;
inline constexpr http::RouteOptions here{.run = http::Run::here};
// Everything that only looks something up in the daemon stays out of the way of searches and forgets.
inline constexpr http::RouteOptions quick{.run = http::Run::quick};
inline constexpr http::RouteOptions work{.run = http::Run::work};
inline constexpr http::RouteOptions work_with_prompt{.run = http::Run::work, .body_limit_bytes = large};
// What takes minutes: a model that writes, a file of gigabytes.
inline constexpr http::RouteOptions slow{.run = http::Run::slow};
inline constexpr http::RouteOptions slow_with_prompt{.run = http::Run::slow, .body_limit_bytes = large};
// The same for requests that are nothing without a body.
inline constexpr http::RouteOptions work_with_body{.run = http::Run::work, .body = http::BodyRule::required};
inline constexpr http::RouteOptions work_with_large_body{
    .run = http::Run::work, .body = http::BodyRule::required, .body_limit_bytes = large};
inline constexpr http::RouteOptions slow_with_body{.run = http::Run::slow, .body = http::BodyRule::required};
inline constexpr http::RouteOptions slow_with_large_body{
    .run = http::Run::slow, .body = http::BodyRule::required, .body_limit_bytes = large};
}  // namespace on

}  // namespace lar::api
