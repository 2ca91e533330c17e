#include "inference/model.h"

#include <utility>

#include "inference/context.h"
#include "inference/embedder.h"
#include "inference/generator.h"

namespace lar::inference {

Model::Model(std::unique_ptr<Weights> weights, Say say)
    : weights_(std::move(weights)), prompts_(*weights_), say_(std::move(say)) {}
Model::~Model() = default;

Result<std::unique_ptr<Model>> Model::make(std::unique_ptr<Weights> weights, const wire::LoadModel& how,
                                           std::uint32_t threads, Say say, wire::Loaded& loaded) {
    std::unique_ptr<Model> model(new Model(std::move(weights), std::move(say)));
    const ContextOptions options{.context_tokens = how.context_tokens,
                                 .sequences = how.sequences,
                                 .batch_tokens = how.batch_tokens,
                                 .threads = threads,
                                 .kv_type = how.kv_type,
                                 .flash_attention = how.flash_attention};
    loaded.id = how.id;
    loaded.threads = threads;
    loaded.embedding_length = static_cast<std::uint32_t>(llama_model_n_embd_out(model->weights_->handle()));
    loaded.weights_bytes = model->weights_->bytes();
    loaded.pooling = model->weights_->traits().pooling;
    if (how.embeddings)
        model->embedder_ = TRY(Embedder::make(*model->weights_, options, model->say_, loaded));
    else
        model->generator_ = TRY(Generator::make(*model->weights_, options, model->say_, loaded));
    return model;
}

void Model::fail_with(std::uint64_t id, const Error& error) const {
    say_(wire::EngineFailed{.id = id, .code = std::string(to_string(error.code)), .message = error.message});
}

void Model::take(wire::Generate request) {
    if (!generator_)
        return fail_with(request.id, {Code::invalid, "this model is loaded for embeddings and generates no text"});
    Result<std::vector<Token>> prompt = prompts_.tokens_of(request.prompt);
    if (!prompt) return fail_with(request.id, prompt.error());
    request.prompt = wire::TokenPrompt{};
    generator_->submit(std::move(request), std::move(*prompt));
}

void Model::take(const wire::Embed& request) {
    if (!embedder_)
        return fail_with(request.id, {Code::invalid, "this model is loaded for text and makes no embeddings"});
    embedder_->submit(request);
}

void Model::take(const wire::Score& request) {
    if (!embedder_) return fail_with(request.id, {Code::invalid, "this model is loaded for text and scores nothing"});
    embedder_->submit(request);
}

void Model::take(const wire::Tokenize& request) {
    Result<std::vector<Token>> tokens = prompts_.tokens_of(request.prompt);
    if (!tokens) return fail_with(request.id, tokens.error());
    say_(wire::Tokens{.id = request.id, .tokens = std::move(*tokens)});
}

void Model::take(const wire::Detokenize& request) {
    Result<std::string> text = weights_->vocabulary().detokenize(
        request.tokens, request.special ? Vocabulary::Special::is_spelled_out : Vocabulary::Special::is_silent);
    if (!text) return fail_with(request.id, text.error());
    say_(wire::Tokens{.id = request.id, .text = std::move(*text)});
}

void Model::take(const wire::Render& request) {
    Result<std::string> text = prompts_.render(request.prompt);
    if (!text) return fail_with(request.id, text.error());
    say_(wire::Rendered{.id = request.id, .text = std::move(*text)});
}

bool Model::cancel(std::uint64_t id) { return generator_ ? generator_->cancel(id) : embedder_->cancel(id); }
bool Model::knows(std::uint64_t id) const { return generator_ ? generator_->knows(id) : embedder_->knows(id); }
bool Model::idle() const { return generator_ ? generator_->idle() : embedder_->idle(); }
void Model::step(const std::function<void()>& look) { generator_ ? generator_->step(look) : embedder_->step(); }

}  // namespace lar::inference
