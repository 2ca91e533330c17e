// A chat template out of a stranger's file and a conversation from anybody: template, a zero byte, messages, a zero
// byte, tools. Whatever they are, a rendering ends with a text or an error, and within its limits.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "inference/jinja_interpreter.h"
#include "inference/template.h"

namespace {

std::string_view up_to_zero(std::string_view& rest) {
    const std::string_view part = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    return part;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const std::string_view source = up_to_zero(rest), messages = up_to_zero(rest), tools = up_to_zero(rest);
    const auto chat = lar::inference::ChatTemplate::parse(source, "<s>", "</s>");
    if (!chat) {
        if (chat.error().code != lar::Code::invalid && chat.error().code != lar::Code::too_large) std::abort();
        return 0;
    }
    const lar::wire::ChatPrompt prompt{
        .messages = messages.empty() ? R"([{"role":"user","content":"Hi"}])" : std::string(messages),
        .tools = std::string(tools)};
    const auto text = chat->render(prompt, {.us = 1768478400000000});
    if (text && text->size() > lar::inference::jinja::limit_output_bytes) std::abort();
    if (!text && text.error().code != lar::Code::invalid && text.error().code != lar::Code::too_large) std::abort();
    return 0;
}
