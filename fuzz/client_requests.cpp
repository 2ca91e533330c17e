// Requests of programs written for Ollama or OpenAI's API: whatever comes is read, or refused with a sentence in UTF-8.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "wire/ollama.h"
#include "wire/openai.h"

namespace {

template <class T>
void check(const lar::Result<T>& request) {
    if (!request && (request.error().message.empty() || request.error().code == lar::Code::internal)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view json(reinterpret_cast<const char*>(data), size);
    check(lar::wire::read_ollama_generate(json));
    check(lar::wire::read_ollama_chat(json));
    check(lar::wire::read_ollama_embed(json));
    check(lar::wire::read_ollama_create(json));
    check(lar::wire::read_openai_chat(json));
    check(lar::wire::read_openai_completion(json));
    check(lar::wire::read_openai_embeddings(json));
    return 0;
}
