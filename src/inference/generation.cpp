#include "inference/generation.h"

#include <algorithm>
#include <utility>

#include "inference/entropy.h"

namespace lar::inference {

Result<Generation> Generation::start(const wire::Generate& request, Prompt prompt, const Vocabulary& vocabulary,
                                     std::uint32_t context_tokens, std::int64_t queued_us) {
    Sampler sampler = TRY(Sampler::make(request.sampling, vocabulary, context_tokens));
    sampler.remember(prompt.tokens);
    return Generation(request, std::move(prompt), std::move(sampler), vocabulary, queued_us);
}

Generation::Generation(const wire::Generate& request, Prompt prompt, Sampler sampler, const Vocabulary& vocabulary,
                       std::int64_t queued_us)
    : request_(request),
      vocabulary_(&vocabulary),
      sampler_(std::move(sampler)),
      text_(request.stop),
      tokens_(std::move(prompt.tokens)),
      prompt_tokens_(static_cast<std::uint32_t>(tokens_.size())),
      reused_(prompt.reused),
      dropped_(prompt.dropped),
      queued_us_(queued_us),
      begun_us_(monotonic_us()) {
    request_.prompt = wire::TokenPrompt{};
}

void Generation::forget(std::size_t begin, std::size_t count) {
    const auto first = tokens_.begin() + static_cast<std::ptrdiff_t>(begin);
    tokens_.erase(first, first + static_cast<std::ptrdiff_t>(count));
}

void Generation::say_piece(TextStream::Out out, const Say& say) {
    untold_ += out.tokens;
    wire::Piece piece{.id = request_.id, .text = std::move(out.text)};
    if (request_.logprobs)
        for (std::uint32_t i = 0; i < out.tokens && !chances_.empty(); ++i) {
            piece.logprobs.push_back(std::move(chances_.front()));
            chances_.pop_front();
        }
    if (piece.text.empty() && piece.logprobs.empty()) return;
    piece.tokens = std::exchange(untold_, 0);
    say(std::move(piece));
}

Result<std::optional<wire::FinishReason>> Generation::go_on(std::span<const float> logits, const Say& say) {
    using enum wire::FinishReason;
    if (!started_) {
        started_ = true;
        first_us_ = monotonic_us();
        say(wire::Started{
            .id = request_.id, .prompt_tokens = prompt_tokens_, .reused_tokens = reused_, .dropped_tokens = dropped_});
    }
    // Computing the prompt was all that was wanted.
    if (request_.max_tokens == 0U) return length;
    const bool may_end = !request_.ignore_end && generated_ >= request_.min_tokens;
    const std::optional<Token> token =
        TRY(sampler_.choose(logits, may_end ? Sampler::End::is_allowed : Sampler::End::is_forbidden));
    if (!token || vocabulary_->is_end(*token)) return end;
    ++generated_;
    tokens_.push_back(*token);
    if (request_.entropy) entropy_ += entropy_of(logits);
    if (request_.logprobs) chances_.push_back(chances(logits, *token, *request_.logprobs, *vocabulary_));
    const auto special = request_.special ? Vocabulary::Special::is_spelled_out : Vocabulary::Special::is_silent;
    TextStream::Out out =
        text_.push(vocabulary_->piece(*token, special),
                   generated_ > request_.min_tokens ? TextStream::Stops::count : TextStream::Stops::do_not_count);
    const std::optional<std::string> stopped_by = std::move(out.stopped_by);
    say_piece(std::move(out), say);
    if (stopped_by) {
        stopped_by_ = *stopped_by;
        chances_.clear();
        return stop;
    }
    if (request_.max_tokens && generated_ >= *request_.max_tokens) return length;
    return std::nullopt;
}

void Generation::finish(wire::FinishReason reason, const Say& say) {
    if (reason != wire::FinishReason::stop) say_piece(text_.finish(), say);
    const std::int64_t now = monotonic_us();
    wire::Finished finished{.id = request_.id,
                            .reason = reason,
                            .stopped_by = stopped_by_,
                            .prompt_tokens = prompt_tokens_,
                            .reused_tokens = reused_,
                            .dropped_tokens = dropped_,
                            .generated_tokens = generated_,
                            .queued_us = queued_us_,
                            .prompt_us = (started_ ? first_us_ : now) - begun_us_,
                            .generation_us = started_ ? now - first_us_ : 0,
                            .seed = sampler_.seed()};
    if (request_.entropy && generated_ > 0) finished.entropy = entropy_ / generated_;
    if (tokens_.size() <= wire::limit_context_told) finished.context = std::move(tokens_);
    say(std::move(finished));
}

}  // namespace lar::inference
