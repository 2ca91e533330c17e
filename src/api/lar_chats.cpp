// Chats: conversations with a model, kept, gone on with, searched, deleted; and those that nothing is kept of.
//
// What the user says is kept before the model is asked, and what the model says when it is whole: a kill loses the
// answer under way.
#include <string>
#include <utility>

#include "answer/generate.h"
#include "api/ask_stream.h"
#include "api/lar_routes.h"
#include "api/replies.h"
#include "api/requests.h"
#include "base/format.h"
#include "base/identity.h"
#include "base/text.h"
#include "index/analysis.h"
#include "ingest/forgetting.h"

namespace lar::api {
namespace {

constexpr std::string_view chats_hint = "'lar chats' lists the chats.";
constexpr std::string_view no_model_hint = "'lar create NAME --from FILE.gguf' makes a model of a file.";

Timestamp now(const Rooms& rooms) {
    const std::int64_t us = rooms.clock.now_us();
    return {us, rooms.zone.offset_min_at(us)};
}

Result<wire::ApiChat> api_chat(const store::Chat& chat) {
    return wire::ApiChat{.id = chat.uuid,
                         .title = chat.title,
                         .model = chat.model,
                         .settings = TRY(wire::from_json<wire::ApiChatSettings>(chat.settings)),
                         .created = to_rfc3339(chat.created),
                         .updated = to_rfc3339(chat.updated),
                         .messages = chat.messages};
}

std::string_view name_of(store::MessageRole role) { return role == store::MessageRole::user ? "user" : "assistant"; }

Result<store::Chat> find_chat(store::Reader& reader, std::string_view id) {
    auto chat = TRY(reader.chat(id));
    if (!chat) return fail(Code::not_found, "there is no chat of that id");
    return std::move(*chat);
}

Result<> check_settings(const wire::ApiChatSettings& settings) {
    if (settings.in.size() > limit_named_sources)
        return fail(Code::too_large, lar::format("at most {} sources can be named", limit_named_sources));
    if (!settings.sources && !settings.in.empty())
        return fail(Code::invalid, "sources are named, and 'sources' wants none");
    return {};
}

// What was said, put together as the model wrote it.
std::string text_of(const wire::ApiAnswer& answer) {
    std::string text;
    for (const wire::ApiSentence& sentence : answer.sentences) text += sentence.space + sentence.text;
    return text;
}

std::string_view hint_of(const Error& error) {
    return error.code == Code::not_found ? no_model_hint : std::string_view();
}

Result<std::vector<answer::Turn>> turns_of(const std::vector<wire::ApiTurn>& history) {
    if (history.size() > wire::limit_turns)
        return fail(Code::too_large, lar::format("'history' has more than {} messages", wire::limit_turns));
    std::vector<answer::Turn> turns;
    for (const wire::ApiTurn& turn : history) {
        if (turn.role != "user" && turn.role != "assistant")
            return fail(Code::invalid, "the role of a message is user or assistant");
        turns.push_back({turn.role == "user" ? answer::Role::user : answer::Role::assistant, turn.text});
    }
    return turns;
}

}  // namespace

void LarRoutes::chats(http::Request&& request, http::Responder responder) {
    const auto listed = [&]() -> Result<wire::ApiChats> {
        const std::uint32_t limit = TRY(number_in(request, "limit", 20, wire::limit_chats_listed));
        auto reader = TRY(readers_.lease());
        wire::ApiChats chats;
        for (const store::Chat& chat : TRY(reader->chats(limit))) chats.chats.push_back(TRY(api_chat(chat)));
        return chats;
    }();
    reply(responder, listed);
}

void LarRoutes::new_chat(http::Request&& request, http::Responder responder) {
    const auto made = [&]() -> Result<wire::ApiChat> {
        const auto wanted = TRY(wire::from_json<wire::ApiNewChat>(request.body));
        TRY_VOID(check_settings(wanted.settings));
        if (wanted.title.size() > wire::limit_chat_title_bytes)
            return fail(Code::too_large,
                        lar::format("the title is longer than {} bytes", wire::limit_chat_title_bytes));
        const Timestamp time = now(rooms_);
        const store::Chat chat{.uuid = new_uuid(time.us),
                               .title = wanted.title,
                               .settings = wire::to_json(wanted.settings),
                               .created = time,
                               .updated = time};
        TRY_VOID(rooms_.store.write([&](store::Writer& writer) { return writer.add_chat(chat); }));
        return api_chat(chat);
    }();
    reply(responder, made, 201);
}

// All of it or nothing, under the ids and times that it has.
Result<> LarRoutes::keep_chat(const wire::ApiChatLog& log) {
    const wire::ApiChat& chat = log.chat;
    if (chat.id.empty()) return fail(Code::invalid, "a chat without an id cannot be kept");
    TRY_VOID(check_settings(chat.settings));
    auto reader = TRY(readers_.lease());
    if (TRY(reader->chat(chat.id))) return fail(Code::conflict, "a chat of that id is kept already");
    const auto time_of = [&](const std::string& text) { return parse_rfc3339(text, rooms_.zone); };
    const store::Chat kept_chat{.uuid = chat.id,
                                .title = std::string(utf8_prefix(chat.title, wire::limit_chat_title_bytes)),
                                .model = chat.model,
                                .settings = wire::to_json(chat.settings),
                                .created = TRY(time_of(chat.created)),
                                .updated = TRY(time_of(chat.updated))};
    std::vector<store::KeptAnswer> answers;
    std::vector<store::Message> messages;
    for (const wire::ApiMessage& one : log.messages) {
        if (one.role != "user" && one.role != "assistant")
            return fail(Code::invalid, "the role of a message is user or assistant");
        store::Message message{.uuid = one.id,
                               .role = one.role == "user" ? store::MessageRole::user : store::MessageRole::assistant,
                               .time = TRY(time_of(one.time)),
                               .text = one.text,
                               .forgotten = one.forgotten};
        if (one.answer && !one.answer->id.empty()) {
            message.answer = one.answer->id;
            if (one.answer->receipt.model) message.tokens = one.answer->receipt.model->generated_tokens;
            if (!TRY(reader->answer(message.answer))) answers.push_back(kept(*one.answer));
            if (!answers.empty() && answers.back().uuid == message.answer) answers.back().time = message.time;
        }
        messages.push_back(std::move(message));
    }
    return rooms_.store.write([&](store::Writer& writer) -> Result<> {
        TRY_VOID(writer.add_chat(kept_chat));
        for (const store::KeptAnswer& answer : answers) TRY_VOID(writer.keep_answer(answer));
        for (const store::Message& message : messages)
            TRY_VOID(writer.add_message(kept_chat.uuid, message, index::terms_of(message.text), {}));
        return {};
    });
}

void LarRoutes::import_chat(http::Request&& request, http::Responder responder) {
    const auto imported = [&]() -> Result<wire::ApiOk> {
        TRY_VOID(keep_chat(TRY(wire::from_json<wire::ApiChatLog>(request.body))));
        return wire::ApiOk{};
    }();
    reply(responder, imported, 201);
}

void LarRoutes::chat(http::Request&& request, http::Responder responder) {
    const auto shown = [&]() -> Result<wire::ApiChatLog> {
        const std::uint32_t limit = TRY(number_in(request, "limit", 200, wire::limit_messages_listed));
        auto reader = TRY(readers_.lease());
        const store::Chat chat = TRY(find_chat(*reader, path_parameter(request, "id")));
        wire::ApiChatLog log{.chat = TRY(api_chat(chat))};
        for (const store::Message& message : TRY(reader->messages(chat.uuid, limit))) {
            wire::ApiMessage one{.id = message.uuid,
                                 .role = std::string(name_of(message.role)),
                                 .text = message.text,
                                 .time = to_rfc3339(message.time),
                                 .forgotten = message.forgotten};
            if (!message.answer.empty())
                if (const auto kept = TRY(reader->answer(message.answer)))
                    one.answer = TRY(wire::from_json<wire::ApiAnswer>(kept->json));
            log.messages.push_back(std::move(one));
        }
        return log;
    }();
    reply(responder, shown, 200, shown || shown.error().code != Code::not_found ? std::string_view() : chats_hint);
}

void LarRoutes::search_chats(http::Request&& request, http::Responder responder) {
    const auto found = [&]() -> Result<wire::ApiFoundMessages> {
        const std::string words(http::find_parameter(request.query, "q").value_or(""));
        TRY_VOID(check_question(words));
        const std::uint32_t limit = TRY(number_in(request, "limit", 20, wire::limit_chats_listed));
        std::vector<std::string> terms;
        for (index::Token& token : index::analyse(words))
            if (!token.part && terms.size() < store::limit_query_terms) terms.push_back(std::move(token.term));
        auto reader = TRY(readers_.lease());
        wire::ApiFoundMessages messages;
        for (const store::FoundMessage& one : TRY(reader->search_messages(terms, limit)))
            messages.found.push_back({one.chat.uuid, one.chat.title, one.message.uuid,
                                      std::string(name_of(one.message.role)), one.message.text,
                                      to_rfc3339(one.message.time)});
        return messages;
    }();
    reply(responder, found);
}

Result<wire::ApiDeletedChats> LarRoutes::delete_all(const std::vector<std::string>& ids) {
    if (ids.empty()) return fail(Code::invalid, "no chat is named: ?id=ID, as often as needed");
    if (ids.size() > wire::limit_chats_deleted)
        return fail(Code::too_large, lar::format("at most {} chats at once", wire::limit_chats_deleted));
    TRY_VOID(rooms_.store.write([&](store::Writer& writer) -> Result<> {
        for (const std::string& id : ids) TRY_VOID(writer.remove_chat(id));
        return {};
    }));
    TRY_VOID(ingest::scrub(rooms_.store));
    return wire::ApiDeletedChats{ids.size()};
}

void LarRoutes::delete_chat(http::Request&& request, http::Responder responder) {
    reply(responder, delete_all({std::string(path_parameter(request, "id"))}), 200, chats_hint);
}

void LarRoutes::delete_chats(http::Request&& request, http::Responder responder) {
    reply(responder, delete_all(http::all_parameters(request.query, "id")), 200, chats_hint);
}

// ---- going on ----

void LarRoutes::chat_model(http::Request&& request, http::Responder responder) {
    const auto named = [&]() -> Result<wire::ApiChatModel> {
        if (rooms_.models == nullptr) return fail(Code::unavailable, "this Lar runs no models");
        return wire::ApiChatModel{
            TRY(rooms_.models->name_of(http::find_parameter(request.query, "model").value_or("")))};
    }();
    reply(responder, named, 200, named ? std::string_view() : hint_of(named.error()));
}

Result<wire::ApiAnswer> LarRoutes::converse(const std::string& text, const wire::ApiChatSettings& settings,
                                            std::vector<answer::Turn> history, const answer::Gone& gone,
                                            const answer::Sink& sink) {
    if (rooms_.models == nullptr) return fail(Code::unavailable, "this Lar runs no models");
    const answer::Question question{.text = text,
                                    .limits = TRY(limits_of(settings.in, {}, {}, {}, rooms_.clock, rooms_.zone))};
    const answer::Conversation conversation{std::move(history),
                                            settings.sources ? answer::Grounds::sources : answer::Grounds::none};
    auto reader = TRY(readers_.lease());
    return answer::converse(question, conversation, {*rooms_.models, settings.model, gone}, *reader, rooms_.clock,
                            rooms_.zone,
                            {.air_gap = rooms_.daemon.air_gap(),
                             .dense = rooms_.dense,
                             .reranker = rooms_.reranker,
                             .spaces = rooms_.spaces},
                            sink);
}

Result<wire::ApiAnswer> LarRoutes::say_in(const store::Chat& chat, const wire::ApiSay& said, const answer::Gone& gone,
                                          const answer::Sink& sink) {
    TRY_VOID(check_question(said.text));
    wire::ApiChatSettings settings = TRY(wire::from_json<wire::ApiChatSettings>(chat.settings));
    if (!said.model.empty()) settings.model = said.model;
    std::vector<answer::Turn> history;
    for (store::Message& message : TRY(TRY(readers_.lease())->messages(chat.uuid, wire::limit_turns)))
        if (!message.text.empty())
            history.push_back({message.role == store::MessageRole::user ? answer::Role::user : answer::Role::assistant,
                               std::move(message.text)});
    TRY_VOID(rooms_.store.write([&](store::Writer& writer) {
        return writer.add_message(chat.uuid, {.time = now(rooms_), .text = said.text}, index::terms_of(said.text), {});
    }));
    const wire::ApiAnswer answer = TRY(converse(said.text, settings, std::move(history), gone, sink));
    const store::Message message{.role = store::MessageRole::assistant,
                                 .time = now(rooms_),
                                 .text = text_of(answer),
                                 .answer = answer.id,
                                 .tokens = answer.receipt.model ? answer.receipt.model->generated_tokens : 0};
    TRY_VOID(rooms_.store.write([&](store::Writer& writer) -> Result<> {
        TRY_VOID(writer.keep_answer(kept(answer)));
        return writer.add_message(chat.uuid, message, index::terms_of(message.text),
                                  answer.receipt.model ? answer.receipt.model->name : std::string());
    }));
    return answer;
}

void LarRoutes::say(http::Request&& request, http::Responder responder) {
    const auto said = wire::from_json<wire::ApiSay>(request.body);
    if (!said) return answer_error(responder, said.error());
    const auto chat = [&]() -> Result<store::Chat> {
        auto reader = TRY(readers_.lease());
        return find_chat(*reader, path_parameter(request, "id"));
    }();
    if (!chat) return answer_error(responder, chat.error(), chats_hint);
    AskStream stream(responder, said->stream ? AnswerShape::stream : AnswerShape::whole);
    const auto answer = say_in(
        *chat, *said, [&] { return responder.cancelled(); },
        [&](const wire::AskEvent& event) { return stream.take(event); });
    if (!answer) return stream.fail_with(answer.error(), hint_of(answer.error()));
    stream.finish(*answer);
}

void LarRoutes::talk(http::Request&& request, http::Responder responder) {
    const auto said = wire::from_json<wire::ApiTalk>(request.body);
    if (!said) return answer_error(responder, said.error());
    AskStream stream(responder, said->stream ? AnswerShape::stream : AnswerShape::whole);
    const auto answer = [&]() -> Result<wire::ApiAnswer> {
        TRY_VOID(check_question(said->text));
        TRY_VOID(check_settings(said->settings));
        return converse(
            said->text, said->settings, TRY(turns_of(said->history)), [&] { return responder.cancelled(); },
            [&](const wire::AskEvent& event) { return stream.take(event); });
    }();
    if (!answer) return stream.fail_with(answer.error(), hint_of(answer.error()));
    stream.finish(*answer);
}

}  // namespace lar::api
