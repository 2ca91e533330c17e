// What is sent to other people's models, in the two dialects that they speak. Only what is named here leaves.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lar::wire {

struct HandoffMessage {
    std::string role;  // user
    std::string content;
};
// POST /v1/chat/completions
struct OpenAiHandoff {
    std::string model;
    std::vector<HandoffMessage> messages;
    std::uint32_t max_tokens = 0;
    bool stream = false;
};
// POST /v1/messages
struct AnthropicHandoff {
    std::string model;
    std::uint32_t max_tokens = 0;
    std::vector<HandoffMessage> messages;
    bool stream = false;
};

}  // namespace lar::wire
