// Every bound of the server in one place. Defaults are what lard runs with; tests shorten the times.
//
// A client costs what it has sent so far and no more: buffers grow with received bytes, a request's
// body is read only after its head was accepted (so a stranger without a token cannot make Lar hold
// one), and each transport has its own budget of connections, so that TCP cannot starve the unix socket.
#pragma once

#include <chrono>
#include <cstddef>

namespace lar::http {

struct Limits {
    std::size_t target_bytes = 8 * 1024;          // beyond: 414
    std::size_t head_bytes = 16 * 1024;           // request line and headers; beyond: 431
    std::size_t headers = 100;                    // beyond: 431
    std::size_t query_parameters = 100;           // beyond: 400
    std::size_t body_bytes = 8 * 1024 * 1024;     // at most, whatever a route allows; beyond: 413
    std::size_t bodies_bytes = 64 * 1024 * 1024;  // of all requests being received together; beyond: 503
    std::size_t upload_step_bytes = 256 * 1024;   // of an upload, held before its sink gets it
    std::size_t chunk_line_bytes = 1024;          // a chunk's size line, or one piece of a trailer; beyond: 400
    std::size_t stream_queue_bytes =
        1024 * 1024;                     // written to a stream and not yet taken by its client; beyond: dropped
    std::size_t tcp_connections = 1024;  // beyond: the one that has been without a request longest is closed, or 503
    std::size_t unix_connections = 256;
    std::size_t work_threads = 2;
    std::size_t work_queue = 64;  // requests waiting for a thread; beyond: 503
    std::size_t quick_queue = 256;
    std::size_t slow_threads = 8;
    std::size_t slow_queue = 32;
    std::size_t thread_stack_bytes = 256 * 1024;
    std::size_t lingering_bytes = 256 * 1024;  // swallowed after a refusal, so that the client gets to read it

    std::chrono::milliseconds head_time{10'000};   // from a request's first byte to the end of its head; beyond: 408
    std::chrono::milliseconds body_time{60'000};   // beyond: 408
    std::chrono::milliseconds idle_time{60'000};   // a kept-alive connection without a request
    std::chrono::milliseconds write_time{30'000};  // without a single byte taken by the client
    std::chrono::milliseconds linger_time{2'000};
    std::chrono::milliseconds thread_idle_time{10'000};  // then a pool's thread ends; the next request makes one
};

}  // namespace lar::http
