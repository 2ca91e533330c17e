// Long conversations with questions and the turns that answer them, in the layout of LoCoMo: a file holds one
// conversation or a list of them, a folder such files.
//
// Two shapes are known. The one that LoCoMo was published in has "conversation" with "speaker_a", "session_1",
// "session_1_date_time" and so on, turns with "dia_id", and categories by number. The flat one has "turns" with "id",
// "session" and "date_time", and categories by name. Both have "qa". Evidence is written in several ways in the wild
// ("D8:6; D9:17", "D30:05", "D:11:26"); what is no turn of the conversation is dropped, as answers are: they are not
// looked at.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lar::cli {

inline constexpr std::size_t limit_conversations_bytes = 256 * 1024 * 1024;  // of one file

struct RecordedTurn {
    std::string id;  // "D1:3": the third turn of the first session
    std::string speaker;
    std::string text;
    std::string caption;  // of a picture that was shared; may be empty
    std::string said;     // when, as the file says it: "1:56 pm on 8 May, 2023"
    std::string time;     // the same as "2023-05-08T13:56:00"; empty where it cannot be read
};

struct MemoryQuestion {
    std::string id;
    std::string category;  // multi-hop, temporal, open-domain, single-hop, adversarial, or the file's own
    std::string text;
    std::vector<std::string> evidence;  // turns of the conversation, each once
};

struct RecordedConversation {
    std::string id;
    std::vector<RecordedTurn> turns;  // in order
    std::vector<MemoryQuestion> questions;
};

// All conversations at a place; a folder's files by name. An error names the file, and where in it.
Result<std::vector<RecordedConversation>> read_conversations(const std::filesystem::path& place);
Result<std::vector<RecordedConversation>> parse_conversations(std::string_view json);

// "1:56 pm on 8 May, 2023" → "2023-05-08T13:56:00"; empty for what is not written so.
std::string moment_said(std::string_view text);

}  // namespace lar::cli
