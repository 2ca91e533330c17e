// What `lar handoff`, `lar chat` and `lar run` do with hand-offs.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "commands.h"
#include "wire/handoff.h"

namespace lar::cli {

inline constexpr std::string_view handoff_command = "/handoff";  // within a conversation

// Whether somebody is there who can be asked.
bool can_be_asked(const Session& session);
// One line of the terminal; false for anything but y and yes, and when it is interrupted.
bool says_yes(Session& session, std::string_view question);
// A line, without its end; the caller has asked. False at the end of input or when interrupted.
bool read_terminal_line(Session& session, std::span<char> into, std::size_t& bytes);

// Has the bytes of this hash sent. What came of it is in the ticket.
Outcome<wire::ApiHandoff> approve_handoff(Connection& lard, const std::string& id, const std::string& hash);
// Proposes, shows, asks, sends and prints the reply: for conversations, on a terminal alone.
Outcome<> hand_off_here(Session& session, Connection& lard, const wire::ApiHandoffRequest& request);

// The text after the user has changed it in an editor, or from standard input where that is no terminal.
Outcome<std::string> edited_text(Session& session, const std::string& text);

// lar handoff key …
Outcome<Exit> run_handoff_key(Session& session, std::span<const std::string> words);

}  // namespace lar::cli
