// What a provider answers, in either dialect: read or refused, and what is read is text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "consent/handoff_body.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    for (const auto dialect : {lar::consent::Dialect::openai, lar::consent::Dialect::anthropic}) {
        const auto reply = lar::consent::read_reply(dialect, body);
        if (reply && !lar::is_utf8(reply->text)) std::abort();
        if (!reply && reply.error().message.empty()) std::abort();
    }
    return 0;
}
