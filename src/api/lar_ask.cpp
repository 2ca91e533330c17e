// ask, search and the answers kept.
#include <algorithm>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "answer/answer.h"
#include "api/lar_routes.h"
#include "api/replies.h"
#include "api/requests.h"
#include "base/identity.h"
#include "http/events.h"

namespace lar::api {
namespace {

constexpr std::uint32_t limit_answers_listed = 1000;

std::string_view name_of(const wire::AskEvent& event) {
    return std::visit(
        []<class T>(const T&) -> std::string_view {
            if constexpr (std::is_same_v<T, wire::AskSentence>) return "sentence";
            if constexpr (std::is_same_v<T, wire::AskCitation>) return "citation";
            if constexpr (std::is_same_v<T, wire::AskDone>) return "answer";
            if constexpr (std::is_same_v<T, wire::AskFailed>) return "error";
        },
        event);
}

// One answer's stream, opened with its first event, so that what fails before is an ordinary error.
class AskStream {
public:
    explicit AskStream(http::Responder& responder) : responder_(responder) {}

    bool send(const wire::AskEvent& event) {
        if (!std::exchange(open_, true) && !responder_.stream(http::event_stream_type)) return false;
        return responder_.write(http::to_event(name_of(event), wire::to_json(event)));
    }
    void fail_with(const Error& error) {
        if (!open_) return answer_error(responder_, error);
        send(wire::AskFailed{{std::string(to_string(error.code)), error.message, std::string(hint_for(error.code))}});
        responder_.end();
    }
    void finish(wire::ApiAnswer answer) {
        send(wire::AskDone{std::move(answer)});
        responder_.end();
    }

private:
    http::Responder& responder_;
    bool open_ = false;
};

Result<answer::Question> question_of(const wire::ApiAskRequest& request, const Rooms& rooms) {
    TRY_VOID(check_question(request.question));
    if (request.limit == 0 || request.limit > wire::limit_results)
        return fail(Code::invalid, "'limit' is a whole number from 1 to 1000");
    return answer::Question{
        .text = request.question,
        .limits = TRY(limits_of(request.in, request.since, request.until, {}, rooms.clock, rooms.zone)),
        .sources_limit = request.limit};
}

Result<wire::ApiStored> stored(const store::KeptAnswer& kept) {
    return wire::ApiStored{TRY(wire::from_json<wire::ApiAnswer>(kept.json)), to_rfc3339(kept.time)};
}

}  // namespace

void LarRoutes::ask(http::Request&& request, http::Responder responder) {
    AskStream stream(responder);
    const auto asked = wire::from_json<wire::ApiAskRequest>(request.body);
    if (!asked) return stream.fail_with(asked.error());
    const auto question = question_of(*asked, rooms_);
    if (!question) return stream.fail_with(question.error());
    auto reader = readers_.lease();
    if (!reader) return stream.fail_with(reader.error());

    // The whole answer goes out when it is kept, so that `lar open` finds what the user just read.
    const auto sink = [&](const wire::AskEvent& event) {
        if (!asked->stream || std::holds_alternative<wire::AskDone>(event)) return !responder.cancelled();
        return stream.send(event);
    };
    Result<wire::ApiAnswer> answer =
        answer::ask(*question, **reader, rooms_.clock, rooms_.zone, {.air_gap = rooms_.daemon.air_gap()}, sink);
    if (!answer) return stream.fail_with(answer.error());
    if (answer->id.empty()) answer->id = new_uuid(rooms_.clock.now_us());
    if (const Result<> kept = keep(*answer); !kept) return stream.fail_with(kept.error());
    if (asked->stream) return stream.finish(std::move(*answer));
    responder.json(200, wire::to_json(*answer));
}

Result<> LarRoutes::keep(const wire::ApiAnswer& answer) {
    const std::int64_t now = rooms_.clock.now_us();
    const store::KeptAnswer kept{
        answer.id, {now, rooms_.zone.offset_min_at(now)}, answer.question, wire::to_json(answer)};
    return rooms_.store.write([&](store::Writer& writer) { return writer.keep_answer(kept); });
}

void LarRoutes::post_search(http::Request&& request, http::Responder responder) {
    const auto asked = wire::from_json<wire::ApiSearchRequest>(request.body);
    if (!asked) return answer_error(responder, asked.error());
    search(*asked, responder);
}

void LarRoutes::get_search(http::Request&& request, http::Responder responder) {
    const auto asked = search_in(request);
    if (!asked) return answer_error(responder, asked.error());
    search(*asked, responder);
}

void LarRoutes::search(const wire::ApiSearchRequest& request, http::Responder& responder) {
    const auto found = [&]() -> Result<wire::ApiSearchResponse> {
        TRY_VOID(check_question(request.query));
        if (request.limit == 0 || request.limit > wire::limit_results)
            return fail(Code::invalid, "'limit' is a whole number from 1 to 1000");
        const auto limits =
            TRY(limits_of(request.in, request.since, request.until, request.kinds, rooms_.clock, rooms_.zone));
        auto reader = TRY(readers_.lease());
        return answer::search(request, limits, *reader, rooms_.clock, rooms_.zone,
                              {.air_gap = rooms_.daemon.air_gap()});
    }();
    reply(responder, found);
}

void LarRoutes::answers(http::Request&& request, http::Responder responder) {
    const auto listed = [&]() -> Result<wire::ApiAnswers> {
        const std::uint32_t limit = TRY(number_in(request, "limit", 20, limit_answers_listed));
        auto reader = TRY(readers_.lease());
        wire::ApiAnswers answers;
        for (const store::KeptAnswer& kept : TRY(reader->answers(limit))) answers.answers.push_back(TRY(stored(kept)));
        return answers;
    }();
    reply(responder, listed);
}

void LarRoutes::answer(http::Request&& request, http::Responder responder) {
    const auto found = [&]() -> Result<wire::ApiStored> {
        auto reader = TRY(readers_.lease());
        const auto kept = TRY(reader->answer(path_parameter(request, "id")));
        if (!kept) return fail(Code::not_found, "there is no answer of that id; the newest 1,000 are kept");
        return stored(*kept);
    }();
    reply(responder, found);
}

// Answers of another Lar, as `lar export` wrote them. One that is here already is left as it is, so that an import can
// be repeated; another answer under the same id is a conflict.
void LarRoutes::import_answers(http::Request&& request, http::Responder responder) {
    const auto imported = [&]() -> Result<wire::ApiOk> {
        const auto answers = TRY(wire::from_json<wire::ApiAnswers>(request.body));
        auto reader = TRY(readers_.lease());
        std::map<std::string, store::KeptAnswer> kept;
        for (const wire::ApiStored& one : answers.answers) {
            const std::string& id = one.answer.id;
            if (id.empty()) return fail(Code::invalid, "an answer without an id cannot be kept");
            store::KeptAnswer answer{id, TRY(parse_rfc3339(one.time, rooms_.zone)), one.answer.question,
                                     wire::to_json(one.answer)};
            auto here = TRY(reader->answer(id));
            // As it would be written today: an older Lar knew fewer fields.
            if (here) here->json = wire::to_json(TRY(wire::from_json<wire::ApiAnswer>(here->json)));
            const auto same_id = kept.find(id);
            if ((here && here->json != answer.json) || (same_id != kept.end() && same_id->second.json != answer.json))
                return fail(Code::conflict, "another answer is kept under the id " + id);
            if (!here) kept.insert_or_assign(id, std::move(answer));
        }
        TRY_VOID(rooms_.store.write([&](store::Writer& writer) -> Result<> {
            for (const auto& [id, one] : kept) TRY_VOID(writer.keep_answer(one));
            return {};
        }));
        return wire::ApiOk{};
    }();
    reply(responder, imported);
}

}  // namespace lar::api
