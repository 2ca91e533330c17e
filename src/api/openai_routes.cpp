#include "api/openai_routes.h"

#include <utility>

#include "api/openai_plans.h"
#include "api/openai_shapes.h"
#include "api/replies.h"
#include "api/vectors.h"
#include "base/format.h"
#include "base/identity.h"
#include "base/log.h"
#include "base/text.h"
#include "wire/codec.h"

namespace lar::api {

using namespace on;

namespace {

void answer_openai_error(http::Responder& responder, const Error& error) {
    http::Response response = openai_refusal(failure_of(error));
    if (response.status == 500)
        log_error("api: {} from {}:{}", to_string(error.code), error.where.file_name(), error.where.line());
    responder.send(std::move(response));
}

Result<> check_request(const http::Request& request, const std::string& model) {
    if (request.body.size() > wire::limit_prompt_bytes)
        return fail(Code::too_large,
                    lar::format("the request has {} bytes, {} at most", request.body.size(), wire::limit_prompt_bytes));
    if (model.empty()) return fail(Code::invalid, "'model' is missing");
    return {};
}

OpenAiAsked asked_of(const wire::OpenAiCommon& request, std::string_view prefix, const Plan& plan, const Clock& clock) {
    const std::int64_t now_us = clock.now_us();
    return {.model = request.model,
            .id = lar::format("{}-{}", prefix, new_uuid(now_us)),
            .created = now_us / us_per_second,
            .stream = request.stream,
            .include_usage = request.include_usage,
            .prompts = static_cast<std::uint32_t>(plan.choices.size() / static_cast<std::size_t>(request.n)),
            .echoes = plan.echoes};
}

// Numbers as JSON, or their bytes in base64.
wire::OpenAiEmbedding embedding_of(std::size_t index, const std::vector<float>& values, bool in_base64) {
    return {.index = static_cast<std::uint32_t>(index),
            .embedding = {in_base64 ? "\"" + to_base64(values) + "\"" : wire::to_json(values)}};
}

}  // namespace

const Endpoint<OpenAiRoutes> OpenAiRoutes::table[] = {
    {"GET", "/v1/models", &OpenAiRoutes::models, work},
    {"GET", "/v1/models/{id}", &OpenAiRoutes::model, work},
    {"POST", "/v1/chat/completions", &OpenAiRoutes::chat, work_with_prompt},
    {"POST", "/v1/completions", &OpenAiRoutes::completion, work_with_prompt},
    {"POST", "/v1/embeddings", &OpenAiRoutes::embeddings, work_with_prompt},

    {"POST", "/v1/responses", &OpenAiRoutes::not_yet, here},
    {"POST", "/v1/messages", &OpenAiRoutes::not_yet, here},
    {"POST", "/v1/rerank", &OpenAiRoutes::not_yet, here},
    {"POST", "/v1/audio/transcriptions", &OpenAiRoutes::not_yet, here},
    {"POST", "/v1/images/generations", &OpenAiRoutes::not_yet, here},
};

void OpenAiRoutes::add_to(http::Router& router) {
    router.add_family({.prefix = "/v1", .guarded = false, .render = render_openai_problem, .origins = origins_});
    add_endpoints<OpenAiRoutes>(router, *this, table);
}

void OpenAiRoutes::models(http::Request&&, http::Responder responder) {
    wire::OpenAiModels out;
    for (const models::Listed& model : rooms_.catalogue.list())
        out.data.push_back({.id = models::short_form(model.reference),
                            .created = model.modified_us / us_per_second,
                            .owned_by = model.reference.name_space});
    responder.json(200, wire::to_json(out));
}

void OpenAiRoutes::model(http::Request&& request, http::Responder responder) {
    const auto found = find_model(rooms_.catalogue, path_parameter(request, "id"));
    if (!found) return answer_openai_error(responder, found.error());
    responder.json(200, wire::to_json(wire::OpenAiModel{.id = name_of(*found),
                                                        .created = found->modified_us / us_per_second,
                                                        .owned_by = found->reference.name_space}));
}

void OpenAiRoutes::chat(http::Request&& request, http::Responder responder) {
    const auto begun = [&]() -> Result<> {
        const wire::OpenAiChat asked = TRY(wire::read_openai_chat(request.body));
        TRY_VOID(check_request(request, asked.model));
        const models::Model model = TRY(find_model(rooms_.catalogue, asked.model));
        Plan plan = TRY(plan_of(asked, model));
        auto shape = openai_chat_shape(asked_of(asked, "chatcmpl", plan, rooms_.engines.clock));
        generate(rooms_.engines, models::loadable_of(model), std::move(plan), std::move(shape), responder);
        return {};
    }();
    if (!begun) answer_openai_error(responder, begun.error());
}

void OpenAiRoutes::completion(http::Request&& request, http::Responder responder) {
    const auto begun = [&]() -> Result<> {
        const wire::OpenAiCompletion asked = TRY(wire::read_openai_completion(request.body));
        TRY_VOID(check_request(request, asked.model));
        const models::Model model = TRY(find_model(rooms_.catalogue, asked.model));
        Plan plan = TRY(plan_of(asked, model));
        auto shape = openai_text_shape(asked_of(asked, "cmpl", plan, rooms_.engines.clock));
        generate(rooms_.engines, models::loadable_of(model), std::move(plan), std::move(shape), responder);
        return {};
    }();
    if (!begun) answer_openai_error(responder, begun.error());
}

void OpenAiRoutes::embeddings(http::Request&& request, http::Responder responder) {
    const auto begun = [&]() -> Result<> {
        wire::OpenAiEmbeddings asked = TRY(wire::read_openai_embeddings(request.body));
        TRY_VOID(check_request(request, asked.model));
        if (asked.encoding_format != "float" && asked.encoding_format != "base64")
            return fail(Code::invalid, lar::format("Invalid value: '{}'. Supported values: 'float', and 'base64'.",
                                                   printable(utf8_prefix(asked.encoding_format, 40))));
        const models::Model model = TRY(find_model(rooms_.catalogue, asked.model));
        if (asked.texts.empty() && asked.tokens.empty()) return fail(Code::invalid, "'input' is missing");
        VectorsAsked vectors{
            .model = models::loadable_of(model),
            .options = model.parameters,
            .embed = {.texts = std::move(asked.texts), .tokens = std::move(asked.tokens), .truncate = false},
            .dimensions = TRY(dimensions_of(asked.dimensions, model))};
        TRY_VOID(check_inputs(vectors.embed));
        make_vectors(rooms_.engines, std::move(vectors), responder,
                     [name = asked.model, in_base64 = asked.encoding_format == "base64"](
                         const std::expected<Vectors, Failure>& made) -> http::Response {
                         if (!made) return openai_refusal(made.error());
                         wire::OpenAiEmbedded answer{.model = name, .usage = {made->tokens, made->tokens}};
                         for (std::size_t i = 0; i < made->values.size(); ++i)
                             answer.data.push_back(embedding_of(i, made->values[i], in_base64));
                         return {200, "application/json", wire::to_json(answer), {}};
                     });
        return {};
    }();
    if (!begun) answer_openai_error(responder, begun.error());
}

void OpenAiRoutes::not_yet(http::Request&& request, http::Responder responder) {
    responder.send(openai_error(
        501,
        lar::format(
            "{} is not in this Lar yet; it has /v1/models, /v1/chat/completions, /v1/completions and /v1/embeddings",
            request.path)));
}

}  // namespace lar::api
