#include "inference/embedder.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <expected>
#include <utility>

#include "base/format.h"
#include "inference/batch.h"
#include "inference/context.h"

namespace lar::inference {
namespace {

struct Input {
    std::vector<Token> tokens;
    bool truncated = false;
};

// Why a request is not taken; of inputs beyond the window also how long the longest is.
struct Refusal {
    Error error;
    std::uint32_t prompt_tokens = 0;
};

struct Job {
    std::uint64_t id = 0;
    std::uint8_t priority = 1;
    bool normalise = false;
    bool scores = false;
    std::vector<Input> inputs;
    std::size_t done = 0;
    wire::Scored scored;
};

void to_length_one(std::vector<float>& values) {
    double sum = 0;
    for (const float value : values) sum += static_cast<double>(value) * value;
    const double length = std::sqrt(sum);
    if (!(length > 0)) return;
    for (float& value : values) value = static_cast<float>(value / length);
}

void replace_all(std::string& text, std::string_view mark, std::string_view by) {
    for (std::size_t place = 0; (place = text.find(mark, place)) != std::string::npos; place += by.size())
        text.replace(place, mark.size(), by);
}

}  // namespace

struct Embedder::Parts {
    Parts(const Weights& model, Context made, Say teller)
        : weights(model), context(std::move(made)), say(std::move(teller)), batch(context.batch_tokens) {}

    Result<Input> fit(std::vector<Token> tokens, bool truncate, std::size_t index) const;
    Result<std::vector<std::vector<Token>>> tokens_of(const wire::Embed& request) const;
    Result<std::vector<std::vector<Token>>> tokens_of(const wire::Score& request) const;
    std::expected<std::vector<Input>, Refusal> inputs_of(Result<std::vector<std::vector<Token>>> all,
                                                         bool truncate) const;
    Result<std::vector<Token>> pair(const std::string& query, const std::string& text) const;
    void add(Job job);
    void fail_with(std::uint64_t id, const Error& error, std::uint32_t prompt_tokens = 0);
    std::size_t fill_batch(const Job& job);
    void tell(Job& job, std::size_t index, const float* values);

    const Weights& weights;
    Context context;
    Say say;
    Batch batch;
    std::deque<Job> jobs;
};

Embedder::Embedder(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Embedder::~Embedder() = default;

Result<std::unique_ptr<Embedder>> Embedder::make(const Weights& weights, const ContextOptions& options, Say say,
                                                 wire::Loaded& loaded) {
    Context context = TRY(make_vector_context(weights, options));
    loaded.context_tokens = context.context_tokens;
    loaded.sequences = context.sequences;
    loaded.flash_attention = context.flash_attention;
    loaded.kv_bytes = context.kv_bytes;
    loaded.compute_bytes = context.compute_bytes;
    loaded.pooling = context.pooling;
    return std::unique_ptr<Embedder>(
        new Embedder(std::make_unique<Parts>(weights, std::move(context), std::move(say))));
}

Result<Input> Embedder::Parts::fit(std::vector<Token> tokens, bool truncate, std::size_t index) const {
    const std::size_t window = context.context_tokens;
    if (tokens.empty()) return fail(Code::invalid, lar::format("input {} has no tokens", index));
    if (!std::ranges::all_of(tokens, [&](Token token) { return weights.vocabulary().holds(token); }))
        return fail(Code::invalid, lar::format("a token of input {} is not in this model's vocabulary", index));
    if (tokens.size() <= window) return Input{.tokens = std::move(tokens)};
    if (!truncate)
        return fail(Code::too_large,
                    lar::format("input {} has {} tokens and the window {}", index, tokens.size(), window));
    // The end that the model was trained to see stays the end.
    const Token last = tokens.back();
    tokens.resize(window);
    if (llama_vocab_is_control(weights.vocabulary().handle(), last)) tokens.back() = last;
    return Input{.tokens = std::move(tokens), .truncated = true};
}

Result<std::vector<std::vector<Token>>> Embedder::Parts::tokens_of(const wire::Embed& request) const {
    std::vector<std::vector<Token>> all = request.tokens;
    for (const std::string& text : request.texts) all.push_back(TRY(weights.vocabulary().tokenize({.text = text})));
    return all;
}

std::expected<std::vector<Input>, Refusal> Embedder::Parts::inputs_of(Result<std::vector<std::vector<Token>>> all,
                                                                      bool truncate) const {
    if (!all) return std::unexpected(Refusal{all.error()});
    std::size_t longest = 0;
    for (const std::vector<Token>& tokens : *all) longest = std::max(longest, tokens.size());
    std::vector<Input> inputs;
    for (std::vector<Token>& tokens : *all) {
        Result<Input> input = fit(std::move(tokens), truncate, inputs.size());
        if (!input) return std::unexpected(Refusal{input.error(), static_cast<std::uint32_t>(longest)});
        inputs.push_back(std::move(*input));
    }
    if (jobs.size() < wire::limit_requests) return inputs;
    return std::unexpected(Refusal{Error{Code::unavailable, "too many requests are waiting for this model"}});
}

// As reranking models are trained: both texts in one sequence, by the model's template or between its separators.
Result<std::vector<Token>> Embedder::Parts::pair(const std::string& query, const std::string& text) const {
    const Vocabulary& vocabulary = weights.vocabulary();
    std::string both = weights.named_template("rerank");
    if (!both.empty()) {
        replace_all(both, "{query}", query);
        replace_all(both, "{document}", text);
        return vocabulary.tokenize({.text = both});
    }
    const llama_vocab* handle = vocabulary.handle();
    std::vector<Token> tokens;
    const auto add_mark = [&](bool wanted, Token token) {
        if (wanted && token != LLAMA_TOKEN_NULL) tokens.push_back(token);
    };
    const auto add_text = [&](const std::string& part) -> Result<> {
        const auto made = TRY(vocabulary.tokenize({.text = part, .add_special = false, .parse_special = false}));
        tokens.insert(tokens.end(), made.begin(), made.end());
        return {};
    };
    const Token end = llama_vocab_eos(handle) != LLAMA_TOKEN_NULL ? llama_vocab_eos(handle) : llama_vocab_sep(handle);
    add_mark(llama_vocab_get_add_bos(handle), llama_vocab_bos(handle));
    TRY_VOID(add_text(query));
    add_mark(llama_vocab_get_add_eos(handle), end);
    add_mark(llama_vocab_get_add_sep(handle), llama_vocab_sep(handle));
    TRY_VOID(add_text(text));
    add_mark(llama_vocab_get_add_eos(handle), end);
    return tokens;
}

Result<std::vector<std::vector<Token>>> Embedder::Parts::tokens_of(const wire::Score& request) const {
    std::vector<std::vector<Token>> all;
    for (const std::string& text : request.texts) all.push_back(TRY(pair(request.query, text)));
    return all;
}

void Embedder::Parts::fail_with(std::uint64_t id, const Error& error, std::uint32_t prompt_tokens) {
    const bool too_long = error.code == Code::too_large;
    say(wire::EngineFailed{.id = id,
                           .code = std::string(to_string(error.code)),
                           .message = error.message,
                           .prompt_tokens = too_long ? prompt_tokens : 0,
                           .context_tokens = too_long ? context.context_tokens : 0});
}

void Embedder::Parts::add(Job job) {
    const auto later = std::ranges::find_if(jobs, [&](const Job& other) { return other.priority > job.priority; });
    jobs.insert(later, std::move(job));
}

void Embedder::submit(const wire::Embed& request) {
    if (parts_->context.pooling == "rank")
        return parts_->fail_with(request.id, {Code::invalid, "this model scores texts and makes no vectors of them"});
    auto inputs = parts_->inputs_of(parts_->tokens_of(request), request.truncate);
    if (!inputs) return parts_->fail_with(request.id, inputs.error().error, inputs.error().prompt_tokens);
    parts_->add(
        {.id = request.id, .priority = request.priority, .normalise = request.normalise, .inputs = std::move(*inputs)});
}

void Embedder::submit(const wire::Score& request) {
    if (parts_->context.pooling != "rank")
        return parts_->fail_with(request.id, {Code::invalid, "this model makes vectors and does not score texts"});
    auto inputs = parts_->inputs_of(parts_->tokens_of(request), true);
    if (!inputs) return parts_->fail_with(request.id, inputs.error().error, inputs.error().prompt_tokens);
    parts_->add({.id = request.id,
                 .priority = request.priority,
                 .scores = true,
                 .inputs = std::move(*inputs),
                 .scored = {.id = request.id}});
}

bool Embedder::knows(std::uint64_t id) const {
    return std::ranges::find(parts_->jobs, id, &Job::id) != parts_->jobs.end();
}
bool Embedder::idle() const { return parts_->jobs.empty(); }

bool Embedder::cancel(std::uint64_t id) {
    const auto job = std::ranges::find(parts_->jobs, id, &Job::id);
    if (job == parts_->jobs.end()) return false;
    parts_->jobs.erase(job);
    parts_->fail_with(id, {Code::unavailable, "cancelled"});
    return true;
}

std::size_t Embedder::Parts::fill_batch(const Job& job) {
    batch.clear();
    std::size_t count = 0;
    for (std::size_t i = job.done; i < job.inputs.size() && count < context.sequences; ++i, ++count) {
        const std::vector<Token>& tokens = job.inputs[i].tokens;
        if (batch.size() + tokens.size() > context.batch_tokens) break;
        for (std::size_t place = 0; place < tokens.size(); ++place)
            batch.add(tokens[place], place, static_cast<llama_seq_id>(count), true);
    }
    return count;
}

void Embedder::Parts::tell(Job& job, std::size_t index, const float* values) {
    const Input& input = job.inputs[index];
    if (job.scores) {
        job.scored.scores.push_back(std::isfinite(values[0]) ? values[0] : 0);
        job.scored.tokens += static_cast<std::uint32_t>(input.tokens.size());
        return;
    }
    const auto width = static_cast<std::size_t>(llama_model_n_embd_out(weights.handle()));
    wire::Embedded embedded{.id = job.id,
                            .index = static_cast<std::uint32_t>(index),
                            .tokens = static_cast<std::uint32_t>(input.tokens.size()),
                            .truncated = input.truncated,
                            .last = index + 1 == job.inputs.size(),
                            .values = {values, values + width}};
    if (job.normalise) to_length_one(embedded.values);
    for (float& value : embedded.values)
        if (!std::isfinite(value)) value = 0;
    say(std::move(embedded));
}

void Embedder::step() {
    if (parts_->jobs.empty()) return;
    Job& job = parts_->jobs.front();
    const std::size_t count = parts_->fill_batch(job);
    llama_context* context = parts_->context.handle.get();
    if (llama_memory_t memory = llama_get_memory(context)) llama_memory_clear(memory, false);
    const Result<std::int32_t> status =
        guarded("the model cannot compute", [&] { return llama_decode(context, parts_->batch.handle()); });
    if (parts_->context.kernels) parts_->context.kernels->settle();
    if (!status || *status != 0) {
        parts_->fail_with(job.id, status ? Error{Code::internal, lar::format("the model stopped computing ({}){}",
                                                                             *status, last_complaint())}
                                         : status.error());
        parts_->jobs.pop_front();
        return;
    }
    for (std::size_t i = 0; i < count; ++i) {
        const float* values = llama_get_embeddings_seq(context, static_cast<llama_seq_id>(i));
        ASSERT(values);
        parts_->tell(job, job.done + i, values);
    }
    job.done += count;
    if (job.done < job.inputs.size()) return;
    if (job.scores) parts_->say(std::move(job.scored));
    parts_->jobs.pop_front();
}

}  // namespace lar::inference
