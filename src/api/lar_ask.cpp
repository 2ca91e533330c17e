// ask, search and the answers kept.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "answer/answer.h"
#include "answer/citations.h"
#include "answer/generate.h"
#include "api/ask_stream.h"
#include "api/lar_routes.h"
#include "api/replies.h"
#include "api/requests.h"

namespace lar::api {
namespace {

constexpr std::uint32_t limit_answers_listed = 1000;

Result<answer::Question> question_of(const wire::ApiAskRequest& request, const Rooms& rooms) {
    TRY_VOID(check_question(request.question));
    if (request.limit == 0 || request.limit > wire::limit_results)
        return fail(Code::invalid, "'limit' is a whole number from 1 to 1000");
    return answer::Question{
        .text = request.question,
        .limits = TRY(limits_of(request.in, request.since, request.until, {}, rooms.clock, rooms.zone)),
        .sources_limit = request.limit,
        .explain = request.explain,
        .explain_route = request.explain_route};
}

Result<wire::ApiStored> stored(const store::KeptAnswer& kept) {
    return wire::ApiStored{TRY(wire::from_json<wire::ApiAnswer>(kept.json)), to_rfc3339(kept.time)};
}

}  // namespace

void LarRoutes::ask(http::Request&& request, http::Responder responder) {
    const auto asked = wire::from_json<wire::ApiAskRequest>(request.body);
    if (!asked) return answer_error(responder, asked.error());
    AskStream stream(responder, asked->stream ? AnswerShape::stream : AnswerShape::whole);
    const auto question = question_of(*asked, rooms_);
    if (!question) return stream.fail_with(question.error());
    const auto answer = answered(
        *asked, *question, [&] { return responder.cancelled(); },
        [&](const wire::AskEvent& event) { return stream.take(event); });
    if (!answer)
        return stream.fail_with(answer.error(), answer.error().code == Code::not_found && !asked->model.empty()
                                                    ? "'lar list' lists the models, 'lar sources' the sources."
                                                    : std::string_view());
    const Result<> saved = rooms_.store.write([&](store::Writer& writer) { return writer.keep_answer(kept(*answer)); });
    if (!saved) return stream.fail_with(saved.error());
    stream.finish(*answer);
}

Result<wire::ApiAnswer> LarRoutes::answered(const wire::ApiAskRequest& asked, const answer::Question& question,
                                            const answer::Gone& gone, const answer::Sink& sink) {
    if (asked.no_model && !asked.model.empty())
        return fail(Code::invalid, "a model is named, and 'no_model' wants none");
    auto reader = TRY(readers_.lease());
    const answer::Facts facts{.air_gap = rooms_.daemon.air_gap(),
                              .dense = rooms_.dense,
                              .reranker = rooms_.reranker,
                              .consent = rooms_.consent,
                              .spaces = rooms_.spaces};
    if (rooms_.models == nullptr && !asked.model.empty()) return fail(Code::unavailable, "this Lar runs no models");
    if (rooms_.models == nullptr || asked.no_model)
        return answer::ask(question, *reader, rooms_.clock, rooms_.zone, facts, sink);
    return answer::ask_model(question, {*rooms_.models, asked.model, gone}, *reader, rooms_.clock, rooms_.zone, facts,
                             sink);
}

store::KeptAnswer LarRoutes::kept(const wire::ApiAnswer& answer) const {
    const std::int64_t now = rooms_.clock.now_us();
    wire::ApiAnswer without = answer;
    without.explanation.reset();
    store::KeptAnswer kept{answer.id, {now, rooms_.zone.offset_min_at(now)}, answer.question, wire::to_json(without)};
    std::set<std::string> sources;
    for (const wire::ApiCitation& citation : answer.citations) sources.insert(citation.place.source);
    for (const wire::ApiNearest& nearest : answer.nearest) sources.insert(nearest.citation.place.source);
    if (answer.receipt.model) sources.insert_range(answer.receipt.model->sources);
    kept.sources.emplace(sources.begin(), sources.end());
    return kept;
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
                              {.air_gap = rooms_.daemon.air_gap(),
                               .dense = rooms_.dense,
                               .reranker = rooms_.reranker,
                               .spaces = rooms_.spaces});
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
        wire::ApiStored whole = TRY(stored(*kept));
        TRY_VOID(answer::check_again(whole.answer, *reader));
        return whole;
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
