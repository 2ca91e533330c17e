// lar chat, lar chats: conversations with a model, and those that are kept.
#include <algorithm>
#include <optional>
#include <vector>

#include "answer_stream.h"
#include "base/format.h"
#include "base/text.h"
#include "commands.h"
#include "handoff_actions.h"
#include "interrupt.h"
#include "line_editor.h"
#include "show.h"
#include "wire/chats.h"

namespace lar::cli {
namespace {

constexpr std::string_view bye = "/bye";
constexpr std::size_t shown_found_bytes = 200;

// A conversation under way: kept by lard under an id, or by us and by nobody else.
class Talk {
public:
    Talk(Session& session, Connection& lard, wire::ApiChatSettings settings, std::string id)
        : session_(session),
          lard_(lard),
          settings_(std::move(settings)),
          id_(std::move(id)),
          kept_(!session.arguments.has("--no-memory")) {}

    Outcome<> say(const std::string& text) {
        asked_ = text;  // also where nobody here can answer it
        answer_id_.clear();
        if (kept_ && id_.empty())
            id_ = TRY(call<wire::ApiChat>(lard_, "POST", "/lar/v1/chats",
                                          wire::to_json(wire::ApiNewChat{.settings = settings_})))
                      .id;
        const bool stream = !session_.json();
        const std::string target = kept_ ? lar::format("/lar/v1/chats/{}/messages", url_encoded(id_)) : "/lar/v1/chat";
        const std::string body = kept_
                                     ? wire::to_json(wire::ApiSay{.text = text, .model = model_, .stream = stream})
                                     : wire::to_json(wire::ApiTalk{
                                           .text = text, .history = history_, .settings = settings_, .stream = stream});
        if (!stream) {
            const auto answer = TRY(call<wire::ApiAnswer>(lard_, "POST", target, body));
            session_.out.line(wire::to_json(answer));
            remember(text, answer);
            return {};
        }
        const wire::ApiAnswer answer = TRY(streamed_answer(session_, lard_, target, body));
        remember(text, answer);
        session_.out.print(grounds_text(answer, look_of(session_)));
        return {};
    }
    // What was asked last, with what its answer cites where that is kept.
    Outcome<wire::ApiHandoffRequest> last_for(std::string_view provider) const {
        if (asked_.empty()) return wrong_usage("nothing has been asked yet that could be handed off");
        wire::ApiHandoffRequest request{.provider = std::string(provider)};
        if (kept_ && settings_.sources && !answer_id_.empty()) {
            request.answer = answer_id_;
        } else if (settings_.sources) {
            request.question = asked_;
            request.in = settings_.in;
        } else {
            request.text = asked_;
        }
        return request;
    }
    // A model for what is said from now on in a chat that had another.
    void answer_with(std::string model) { model_ = std::move(model); }
    const std::string& id() const { return id_; }

private:
    void remember(const std::string& text, const wire::ApiAnswer& answer) {
        answer_id_ = answer.id;
        if (kept_) return;
        std::string said;
        for (const wire::ApiSentence& sentence : answer.sentences) said += sentence.space + sentence.text;
        history_.push_back({"user", text});
        history_.push_back({"assistant", said});
        if (history_.size() > wire::limit_turns) history_.erase(history_.begin(), history_.begin() + 2);
    }

    Session& session_;
    Connection& lard_;
    wire::ApiChatSettings settings_;
    std::string id_;
    bool kept_;
    std::string model_;
    std::vector<wire::ApiTurn> history_;
    std::string asked_, answer_id_;  // last
};

std::string said_text(std::string_view role, std::string_view text, const Session& session) {
    const Style style = role == "user" ? Style::strong : Style::plain;
    return session.out.styled(style, lar::format("{}{}", role == "user" ? "> " : "", printable(text))) + "\n";
}

// "last" is the one that went on last.
Outcome<std::string> chat_id(Connection& lard, const std::string& word) {
    if (word != "last") return word;
    const auto chats = TRY(call<wire::ApiChats>(lard, "GET", "/lar/v1/chats?limit=1"));
    if (chats.chats.empty()) return failed(Code::not_found, "there are no chats yet", "`lar chat` begins one");
    return chats.chats.front().id;
}

// The chat that is gone on with, shown so that one knows where one was.
Outcome<wire::ApiChatLog> resumed(Session& session, Connection& lard, const std::string& word) {
    const std::string id = TRY(chat_id(lard, word));
    auto log = TRY(call<wire::ApiChatLog>(lard, "GET", lar::format("/lar/v1/chats/{}?limit=4", url_encoded(id))));
    if (session.json()) return log;
    session.err.line(session.err.styled(Style::faint, lar::format("{} ({})", printable(log.chat.title),
                                                                  counted(log.chat.messages, "message", "messages"))));
    for (const wire::ApiMessage& message : log.messages)
        session.out.print(said_text(message.role, message.text, session));
    return log;
}

Outcome<> check_options(const Arguments& arguments) {
    if (arguments.has("--resume") && arguments.has("--no-memory"))
        return wrong_usage("--resume goes on with what is kept, --no-memory keeps nothing");
    if (arguments.has("--resume") && (arguments.has("--in") || arguments.has("--no-sources")))
        return wrong_usage("a chat keeps the sources that it was begun with");
    if (arguments.has("--in") && arguments.has("--no-sources"))
        return wrong_usage("--in and --no-sources exclude each other");
    return {};
}

void say_hello(Session& session, const wire::ApiChatModel& model) {
    session.err.line(session.err.styled(
        Style::faint,
        lar::format("{} · {} · /? lists commands, {} or Ctrl-D ends", printable(model.model),
                    session.arguments.has("--no-memory") ? "nothing is kept" : "kept: `lar chats`", bye)));
}

bool is_handoff(std::string_view text) {
    return text == handoff_command || text.starts_with(std::string(handoff_command) + " ");
}

bool ends_chat(std::string_view text) { return text == bye || text == "/exit" || text == "/quit"; }

// A message may begin with a slash, too: "/etc/hosts has what?". A word of letters alone is meant as a command.
bool is_command(std::string_view text) {
    return text.starts_with('/') && text.size() > 1 &&
           std::ranges::all_of(text.substr(1), [](char c) { return is_lower(c) || c == '?'; });
}

void list_commands(Session& session, std::string_view text) {
    if (text != "/?" && text != "/help")
        session.err.line(lar::format("there is no command {}; there are", printable(text)));
    session.err.line(
        lar::format("  {} [PROVIDER]  show what asking a larger model elsewhere would send, and ask\n"
                    "  {}                 end, as Ctrl-D does; Ctrl-C stops an answer",
                    handoff_command, bye));
}

Outcome<> hand_off(Session& session, Connection& lard, const Talk& talk, std::string_view text) {
    return hand_off_here(session, lard, TRY(talk.last_for(trim(text.substr(handoff_command.size())))));
}

// `before` is what was said earlier, for the arrow keys. It is in the chat, and in no file besides.
Outcome<Exit> talk_on(Session& session, Connection& lard, Talk& talk, const std::vector<std::string>& before) {
    const auto editor = make_line_editor(before, session.cancelled, session.input);
    const bool typed = session.err.interactive();
    for (;;) {
        const LineEditor::Line line = editor->read("> ");
        if (line.ended == LineEditor::Ended::interrupted) {
            if (!typed || !forget_interrupt()) break;
            session.err.line(lar::format("\nCtrl-D or {} ends", bye));
            continue;
        }
        const std::string text(trim(line.text));
        if (line.ended == LineEditor::Ended::end || ends_chat(text)) break;
        if (text.empty()) continue;
        if (!is_utf8(text)) return wrong_usage("the text is not UTF-8");
        if (is_command(text) && !is_handoff(text)) {
            list_commands(session, text);
            continue;
        }
        editor->remember(text);
        const Outcome<> said = is_handoff(text) ? hand_off(session, lard, talk, text) : talk.say(text);
        if (said) continue;
        // On a terminal an answer that fails or is stopped does not end the conversation.
        if (!typed || session.out.broken()) return std::unexpected(said.error());
        session.err.line(session.cancelled ? std::string("stopped") : lar::format("lar: {}", said.error().message));
        if (!forget_interrupt()) break;
    }
    if (typed) session.err.line();
    if (typed && !talk.id().empty())
        session.err.line(session.err.styled(Style::faint, lar::format("`lar chat --resume {}` goes on", talk.id())));
    return Exit::ok;
}

Outcome<Exit> show_chats(Session& session, Connection& lard) {
    const auto limit = TRY(session.arguments.number("--limit", 20, wire::limit_chats_listed));
    const auto chats = TRY(call<wire::ApiChats>(lard, "GET", lar::format("/lar/v1/chats?limit={}", limit)));
    if (session.json()) {
        session.out.line(wire::to_json(chats));
        return Exit::ok;
    }
    if (chats.chats.empty()) {
        session.err.line("no chats yet: `lar chat` begins one");
        return Exit::ok;
    }
    Table table({{"ID"}, {"WHEN"}, {"MESSAGES", Table::Align::right}, {"MODEL"}, {"TITLE"}});
    for (const wire::ApiChat& chat : chats.chats)
        table.row({chat.id, ago_text(chat.updated, session.clock.now_us(), session.zone), count_text(chat.messages),
                   printable(chat.model), printable(chat.title)});
    session.out.print(table.text(session.out));
    return Exit::ok;
}

Outcome<Exit> search_chats(Session& session, Connection& lard, const std::string& words) {
    const auto limit = TRY(session.arguments.number("--limit", 20, wire::limit_chats_listed));
    const auto found = TRY(call<wire::ApiFoundMessages>(
        lard, "GET", lar::format("/lar/v1/chats/search?q={}&limit={}", url_encoded(words), limit)));
    const Exit exit = found.found.empty() ? Exit::not_found : Exit::ok;
    if (session.json()) {
        session.out.line(wire::to_json(found));
        return exit;
    }
    if (found.found.empty()) session.out.line("No message holds these words.");
    for (const wire::ApiFoundMessage& one : found.found) {
        session.out.line(lar::format("{}  {}", session.out.styled(Style::place, one.chat),
                                     session.out.styled(Style::faint, printable(one.title))));
        const std::string_view text = utf8_prefix(one.text, shown_found_bytes);
        session.out.line(
            lar::format("  {}: {}{}", one.role, printable(text), text.size() < one.text.size() ? "…" : ""));
    }
    return exit;
}

Outcome<Exit> show_chat(Session& session, Connection& lard, const std::string& word) {
    const std::string id = TRY(chat_id(lard, word));
    const auto log = TRY(call<wire::ApiChatLog>(
        lard, "GET", lar::format("/lar/v1/chats/{}?limit={}", url_encoded(id), wire::limit_messages_listed)));
    if (session.json()) {
        session.out.line(wire::to_json(log));
        return Exit::ok;
    }
    for (const wire::ApiMessage& message : log.messages) {
        if (message.answer)
            session.out.print(answer_text(*message.answer, look_of(session)));
        else if (message.forgotten)
            session.out.line(session.out.styled(Style::faint, "(forgotten with its source)"));
        else
            session.out.print(said_text(message.role, message.text, session));
    }
    return Exit::ok;
}

Outcome<Exit> delete_chats(Session& session, Connection& lard, std::span<const std::string> ids) {
    std::string target = "/lar/v1/chats";
    for (const std::string& id : ids)
        target += lar::format("{}id={}", target.contains('?') ? "&" : "?", url_encoded(id));
    const auto gone = TRY(call<wire::ApiDeletedChats>(lard, "DELETE", target));
    session.out.line(session.json() ? wire::to_json(gone)
                                    : lar::format("deleted {}", counted(gone.chats, "chat", "chats")));
    return Exit::ok;
}

}  // namespace

Outcome<Exit> run_chat(Session& session) {
    const Arguments& arguments = session.arguments;
    TRY_VOID(check_options(arguments));
    Connection& lard = *TRY(session.lard());
    wire::ApiChatSettings settings{.model = arguments.positionals.empty() ? std::string() : arguments.positionals[0],
                                   .in = arguments.values("--in"),
                                   .sources = !arguments.has("--no-sources")};
    std::string id, model = settings.model;
    std::vector<std::string> before;
    if (const auto resume = arguments.value("--resume")) {
        const auto log = TRY(resumed(session, lard, *resume));
        id = log.chat.id;
        if (model.empty()) model = log.chat.settings.model;
        for (const wire::ApiMessage& message : log.messages)
            if (message.role == "user") before.push_back(message.text);
    }
    // Whether there is a model at all is better known before anything is typed.
    const auto there = TRY(call<wire::ApiChatModel>(lard, "GET", "/lar/v1/chat?model=" + url_encoded(model)));
    if (session.err.interactive() && !session.json()) say_hello(session, there);
    Talk talk(session, lard, settings, id);
    if (!id.empty()) talk.answer_with(settings.model);
    return talk_on(session, lard, talk, before);
}

Outcome<Exit> run_chats(Session& session) {
    const auto& words = session.arguments.positionals;
    Connection& lard = *TRY(session.lard());
    if (words.empty()) return show_chats(session, lard);
    const std::span<const std::string> rest = std::span(words).subspan(1);
    if (rest.empty())
        return wrong_usage(lar::format("lar chats {} of what?", printable(words[0])), "`lar chats` lists them");
    if (words[0] == "delete") return delete_chats(session, lard, rest);
    if (words[0] == "show" && rest.size() == 1) return show_chat(session, lard, rest[0]);
    if (words[0] == "show") return wrong_usage("lar chats show takes one chat");
    if (words[0] != "search")
        return wrong_usage(lar::format("'{}' is nothing to do with chats", printable(words[0])),
                           "there are search, show and delete");
    std::string sought;
    for (const std::string& word : rest) sought += (sought.empty() ? "" : " ") + word;
    return search_chats(session, lard, sought);
}

}  // namespace lar::cli
