#include "api/vectors.h"

#include <cmath>
#include <expected>
#include <memory>
#include <utility>
#include <variant>

#include "base/format.h"

namespace lar::api {
namespace {

// What is left of a vector that was trained to be cut is a vector of the same kind.
void cut_to(std::uint32_t dimensions, std::vector<float>& values) {
    if (values.size() <= dimensions) return;
    values.resize(dimensions);
    double sum = 0;
    for (const float value : values) sum += static_cast<double>(value) * value;
    const double length = std::sqrt(sum);
    if (!(length > 0)) return;
    for (float& value : values) value = static_cast<float>(value / length);
}

class Embedding : public std::enable_shared_from_this<Embedding> {
public:
    Embedding(const EngineRoom& room, VectorsAsked asked, http::Responder responder, SayVectors say)
        : room_(room),
          asked_(std::move(asked)),
          responder_(std::move(responder)),
          say_(std::move(say)),
          began_us_(room.clock.monotonic_us()) {
        vectors_.values.resize(count());
    }

    void start() {
        responder_.on_cancel([self = weak_from_this()] {
            if (const auto embedding = self.lock()) embedding->let_go();
        });
        if (!over_) acquire(std::nullopt);
    }

private:
    std::size_t count() const { return asked_.embed.texts.size() + asked_.embed.tokens.size(); }

    void acquire(std::optional<std::uint32_t> needed_tokens) {
        lease_.reset();
        waits_ = true;
        const std::uint64_t ticket = room_.keeper.acquire({.model = asked_.model,
                                                           .options = asked_.options,
                                                           .output = models::Output::vectors,
                                                           .needed_tokens = needed_tokens,
                                                           .keep_alive_us = asked_.keep_alive_us},
                                                          [self = shared_from_this()](Result<models::Lease> lease) {
                                                              self->waits_ = false;
                                                              if (!self->over_) self->acquired(std::move(lease));
                                                          });
        if (waits_) ticket_ = ticket;
    }

    void acquired(Result<models::Lease> lease) {
        vectors_.totals.load_us = room_.clock.monotonic_us() - began_us_;
        if (!lease)
            return finish(std::unexpected(
                misfit_ && lease.error().code == Code::too_large ? *misfit_ : failure_of(lease.error())));
        lease_ = std::move(*lease);
        if (count() == 0) return finish(std::move(vectors_));
        request_ = lease_->engine().request(asked_.embed, [self = shared_from_this()](wire::EngineEvent&& event) {
            if (!self->over_) self->take(std::move(event));
        });
    }

    void take(wire::EngineEvent&& event) {
        if (const auto* failed = std::get_if<wire::EngineFailed>(&event)) {
            const Failure failure = failure_of(*failed);
            request_ = 0;
            if (!failure.too_long() || failure.prompt_tokens == 0 || misfit_) return finish(std::unexpected(failure));
            misfit_ = failure;
            return acquire(failure.prompt_tokens);
        }
        auto* one = std::get_if<wire::Embedded>(&event);
        if (one == nullptr || one->index >= vectors_.values.size()) return;
        if (asked_.dimensions) cut_to(*asked_.dimensions, one->values);
        vectors_.values[one->index] = std::move(one->values);
        vectors_.tokens += one->tokens;
        if (one->truncated) vectors_.truncated.push_back(one->index);
        if (!one->last) return;
        request_ = 0;
        finish(std::move(vectors_));
    }

    void finish(std::expected<Vectors, Failure> result) {
        if (result) result->totals.total_us = room_.clock.monotonic_us() - began_us_;
        responder_.send(say_(result));
        let_go();
    }

    void let_go() {
        if (std::exchange(over_, true)) return;
        if (std::exchange(waits_, false)) room_.keeper.give_up(ticket_);
        if (lease_ && request_ != 0) lease_->engine().cancel(request_);
        lease_.reset();
    }

    EngineRoom room_;
    VectorsAsked asked_;
    http::Responder responder_;
    SayVectors say_;
    std::int64_t began_us_;
    Vectors vectors_;
    std::optional<models::Lease> lease_;
    std::optional<Failure> misfit_;  // the engine's word, while a larger window is looked for
    std::uint64_t ticket_ = 0, request_ = 0;
    bool waits_ = false, over_ = false;
};

}  // namespace

Result<> check_inputs(const wire::Embed& embed) {
    const std::size_t count = embed.texts.size() + embed.tokens.size();
    if (count > wire::limit_inputs)
        return fail(Code::too_large, lar::format("the request has {} inputs, {} at most; send them in several requests",
                                                 count, wire::limit_inputs));
    std::size_t bytes = 0;
    for (const std::string& text : embed.texts) bytes += text.size();
    constexpr std::size_t bytes_of_a_token = 8;  // as JSON
    for (const auto& tokens : embed.tokens) bytes += tokens.size() * bytes_of_a_token;
    if (bytes > wire::limit_prompt_bytes)
        return fail(Code::too_large, lar::format("the inputs have {} bytes, {} at most; send them in several requests",
                                                 bytes, wire::limit_prompt_bytes));
    return {};
}

Result<std::optional<std::uint32_t>> dimensions_of(std::optional<std::int64_t> asked, const models::Model& model) {
    if (!asked) return std::nullopt;
    const std::uint32_t most = model.facts.embedding_length;
    if (*asked < 1 || *asked > most)
        return fail(Code::invalid, lar::format("'dimensions' must be from 1 to {}: so many numbers have the vectors of "
                                               "this model",
                                               most));
    return static_cast<std::uint32_t>(*asked);
}

void make_vectors(const EngineRoom& room, VectorsAsked asked, http::Responder responder, SayVectors say) {
    room.post([embedding = std::make_shared<Embedding>(room, std::move(asked), std::move(responder), std::move(say))] {
        embedding->start();
    });
}

}  // namespace lar::api
