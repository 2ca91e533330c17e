// generate, chat and the two ways of asking for embeddings.
#include <utility>

#include "api/ollama_plans.h"
#include "api/ollama_routes.h"
#include "api/ollama_shapes.h"
#include "api/vectors.h"
#include "base/format.h"
#include "models/parameters.h"
#include "wire/codec.h"

namespace lar::api {
namespace {

// The prompt of every choice goes to the engine in one frame.
Result<> check_size(const http::Request& request) {
    if (request.body.size() <= wire::limit_prompt_bytes) return {};
    return fail(Code::too_large,
                lar::format("the request has {} bytes, {} at most", request.body.size(), wire::limit_prompt_bytes));
}

// Cutting is said in the answer; without leave to cut the engine refuses.
Result<VectorsAsked> vectors_of(const models::Model& model, std::string_view options, const wire::Json& keep_alive) {
    return VectorsAsked{.model = models::loadable_of(model),
                        .options = models::merge(model.parameters, TRY(request_options(options)).options),
                        .keep_alive_us = TRY(keep_alive_us(keep_alive)),
                        .embed = {.truncate = false}};
}

}  // namespace

void OllamaRoutes::generate(http::Request&& request, http::Responder responder) {
    const auto begun = [&]() -> Result<> {
        TRY_VOID(check_size(request));
        const wire::OllamaGenerate asked = TRY(wire::read_ollama_generate(request.body));
        const models::Model model = TRY(find_model(rooms_.catalogue, asked.model));
        lar::api::generate(rooms_.engines, models::loadable_of(model), TRY(plan_of(asked, model)),
                           ollama_shape({.model = asked.model, .stream = asked.stream, .with_context = !asked.raw},
                                        rooms_.engines.clock),
                           responder);
        return {};
    }();
    if (!begun) answer_ollama_error(responder, begun.error());
}

void OllamaRoutes::chat(http::Request&& request, http::Responder responder) {
    const auto begun = [&]() -> Result<> {
        TRY_VOID(check_size(request));
        const wire::OllamaChat asked = TRY(wire::read_ollama_chat(request.body));
        if (asked.model.empty()) return fail(Code::invalid, "model is required");
        const models::Model model = TRY(find_model(rooms_.catalogue, asked.model));
        lar::api::generate(rooms_.engines, models::loadable_of(model), TRY(plan_of(asked, model)),
                           ollama_shape({.model = asked.model, .kind = OllamaKind::chat, .stream = asked.stream},
                                        rooms_.engines.clock),
                           responder);
        return {};
    }();
    if (!begun) answer_ollama_error(responder, begun.error());
}

void OllamaRoutes::embed(http::Request&& request, http::Responder responder) {
    const auto begun = [&]() -> Result<> {
        wire::OllamaEmbed asked = TRY(wire::read_ollama_embed(request.body));
        const models::Model model = TRY(find_model(rooms_.catalogue, asked.model));
        VectorsAsked vectors = TRY(vectors_of(model, asked.options.text, asked.keep_alive));
        // 0 is Ollama's way of saying all.
        if (asked.dimensions != 0) vectors.dimensions = TRY(dimensions_of(asked.dimensions, model));
        if (asked.input) vectors.embed.texts = std::move(*asked.input);
        vectors.embed.truncate = asked.truncate.value_or(false);
        TRY_VOID(check_inputs(vectors.embed));
        make_vectors(rooms_.engines, std::move(vectors), responder,
                     [name = asked.model](const std::expected<Vectors, Failure>& made) -> http::Response {
                         if (!made) return ollama_refusal(made.error());
                         wire::OllamaEmbedded answer{.model = name,
                                                     .embeddings = made->values,
                                                     .total_duration = made->totals.total_us * ns_per_us,
                                                     .load_duration = made->totals.load_us * ns_per_us,
                                                     .prompt_eval_count = made->tokens};
                         if (!made->truncated.empty()) answer.truncated = made->truncated;
                         return {200, "application/json", wire::to_json(answer), {}};
                     });
        return {};
    }();
    if (!begun) answer_ollama_error(responder, begun.error());
}

void OllamaRoutes::embeddings(http::Request&& request, http::Responder responder) {
    const auto begun = [&]() -> Result<> {
        const wire::OllamaEmbeddings asked = TRY(wire::read_ollama_embeddings(request.body));
        const models::Model model = TRY(find_model(rooms_.catalogue, asked.model));
        VectorsAsked vectors = TRY(vectors_of(model, asked.options.text, asked.keep_alive));
        if (!asked.prompt.empty()) vectors.embed.texts = {asked.prompt};
        vectors.embed.normalise = false;  // as this endpoint always gave them
        TRY_VOID(check_inputs(vectors.embed));
        make_vectors(rooms_.engines, std::move(vectors), responder,
                     [](const std::expected<Vectors, Failure>& made) -> http::Response {
                         if (!made) return ollama_refusal(made.error());
                         wire::OllamaEmbedding answer;
                         if (!made->values.empty()) answer.embedding = made->values.front();
                         return {200, "application/json", wire::to_json(answer), {}};
                     });
        return {};
    }();
    if (!begun) answer_ollama_error(responder, begun.error());
}

}  // namespace lar::api
