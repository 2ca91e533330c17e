// Owners for libllama's objects, and its failures as values of ours. Only for this room's .cpp files.
//
// libllama throws through its C interface where memory runs out or a file lies, so every call that looks at foreign
// bytes or allocates goes through guarded(). Where ggml gives up instead (GGML_ABORT) the process ends, and whoever
// supervises it sees that.
#pragma once

#include <llama.h>

#include <exception>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/format.h"
#include "base/result.h"

namespace lar::inference {

template <auto release>
struct LibraryRelease {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};
template <class T, auto release>
using LibraryHandle = std::unique_ptr<T, LibraryRelease<release>>;

using ModelHandle = LibraryHandle<llama_model, llama_model_free>;
using ContextHandle = LibraryHandle<llama_context, llama_free>;
using SamplerHandle = LibraryHandle<llama_sampler, llama_sampler_free>;
using GgufHandle = LibraryHandle<gguf_context, gguf_free>;

// The library's log goes nowhere: it quotes the file. Its first error is kept, made safe to show, for messages.
void listen_to_library();
// ": unknown model architecture", or empty; asking forgets it.
std::string last_complaint();
std::string safe_text(std::string_view foreign);

// How large its buffers are the library says nowhere but in its log.
struct LibraryBuffers {
    std::uint64_t kv_bytes = 0, compute_bytes = 0;
    std::uint64_t packed_bytes = 0;  // weights in the processor's own layout, beside those that are mapped
};
void measure_library_buffers();  // from now on
LibraryBuffers library_buffers();

// What `call` returns, or why it threw. `what` says what could not be done.
template <class Call>
Result<std::invoke_result_t<Call>> guarded(std::string_view what, Call&& call) {
    try {
        if constexpr (std::is_void_v<std::invoke_result_t<Call>>) {
            std::forward<Call>(call)();
            return {};
        } else {
            return std::forward<Call>(call)();
        }
    } catch (const std::bad_alloc&) {
        return fail(Code::unavailable, lar::format("{}: there is not enough memory", what));
    } catch (const std::exception& error) {
        return fail(Code::corrupt, lar::format("{}: {}", what, safe_text(error.what())));
    }
}

}  // namespace lar::inference
