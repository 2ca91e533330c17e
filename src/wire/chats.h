// /lar/v1/chats: conversations with a model, kept or not. api.h says what an answer is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/api.h"

namespace lar::wire {

inline constexpr std::size_t limit_chat_title_bytes = 200;
inline constexpr std::uint32_t limit_chats_listed = 10'000;
inline constexpr std::uint32_t limit_messages_listed = 10'000;
inline constexpr std::size_t limit_chats_deleted = 1000;  // in one request
inline constexpr std::size_t limit_turns = 200;           // of a conversation that the caller keeps

// What a chat is asked with each time.
struct ApiChatSettings {
    std::string model;            // empty: the one that answers by default
    std::vector<std::string> in;  // source names; empty: all
    bool sources = true;          // false: the model alone
};
struct ApiNewChat {
    std::string title;  // empty: the beginning of the first message
    ApiChatSettings settings;
};
struct ApiChat {
    std::string id;
    std::string title;
    std::string model;  // that answered last; empty: none yet
    ApiChatSettings settings;
    std::string created, updated;
    std::uint64_t messages = 0;
};
struct ApiChats {
    std::vector<ApiChat> chats;
};
struct ApiMessage {
    std::string id;
    std::string role;  // user, assistant
    std::string text;
    std::string time;
    std::optional<ApiAnswer> answer;  // of the assistant, with its citations and its receipt
    bool forgotten = false;           // its text went with a source that it was made from
};
// Of one chat; POST chats/import takes one of another Lar, under the ids that it has.
struct ApiChatLog {
    ApiChat chat;
    std::vector<ApiMessage> messages;  // the newest that were asked for, oldest first
};
struct ApiFoundMessage {
    std::string chat, title;  // id and title of the chat
    std::string id, role, text, time;
};
struct ApiFoundMessages {
    std::vector<ApiFoundMessage> found;
};
struct ApiDeletedChats {
    std::uint64_t chats = 0;
};

// Which model would answer (GET chat?model=): its full name.
struct ApiChatModel {
    std::string model;
};

// The next message of a chat.
struct ApiSay {
    std::string text;
    std::string model;   // instead of the chat's
    bool stream = true;  // events as those of ask
};
// A message of a conversation that nothing is kept of: the caller has its history.
struct ApiTurn {
    std::string role;  // user, assistant
    std::string text;
};
struct ApiTalk {
    std::string text;
    std::vector<ApiTurn> history;  // oldest first, without this message
    ApiChatSettings settings;
    bool stream = true;
};

}  // namespace lar::wire
