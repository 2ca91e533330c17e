#include "api/generation.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "wire/codec.h"

namespace lar::api {
namespace {

constexpr std::uint32_t answer_room_tokens = 512;  // beside a prompt, in a window that is made for it
constexpr int limit_tries = 64;                    // of a prompt that is cut until it fits

class Generation : public std::enable_shared_from_this<Generation> {
public:
    Generation(const EngineRoom& room, models::Loadable model, Plan plan, std::unique_ptr<Shape> shape,
               http::Responder responder)
        : room_(room),
          model_(std::move(model)),
          plan_(std::move(plan)),
          shape_(std::move(shape)),
          responder_(std::move(responder)),
          began_us_(room.clock.monotonic_us()) {}

    void start();

private:
    struct Choice {
        std::uint64_t request = 0;  // the engine's id; 0: none is under way
        Thoughts thoughts;
        bool begun = false, done = false;
    };

    void acquire(std::optional<std::uint32_t> needed_tokens);
    void acquired(Result<models::Lease> lease);
    std::uint64_t send(wire::EngineRequest request, models::Engine::TakeEvent take);
    void prepare();
    void put_before();
    void ask();
    void take(std::size_t choice, wire::EngineEvent&& event);
    void take_started(std::size_t choice);
    void take_piece(std::size_t choice, const wire::Piece& piece);
    void take_finished(std::size_t choice, const wire::Finished& finished);
    void does_not_fit(const Failure& failure);
    void no_larger_window(const Error& error);
    bool cut(const Failure& failure);
    void say(std::string bytes);
    void finish();
    void fail_with(const Failure& failure);
    void client_gone();
    void let_go();
    Totals totals() const;

    EngineRoom room_;
    models::Loadable model_;
    Plan plan_;
    std::unique_ptr<Shape> shape_;
    http::Responder responder_;
    std::int64_t began_us_ = 0, load_us_ = 0;
    std::optional<models::Lease> lease_;
    bool waits_ = false;        // for a lease, with the
    std::uint64_t ticket_ = 0;  // keeper's ticket
    std::uint64_t acquisitions_ = 0;
    std::uint64_t preparing_ = 0;  // the engine's id of a request before the answer's own
    std::vector<Choice> choices_;
    std::optional<Failure> misfit_;  // the engine's word that it does not fit, while a larger window is looked for
    std::uint32_t round_ = 0;        // of asking; events of an earlier one are of no interest
    int tries_ = 0;
    std::uint32_t dropped_messages_ = 0;
    bool window_is_final_ = false, cut_once_ = false;
    bool streaming_ = false, over_ = false;
};

// What is asked is over for us, however it ended.
void Generation::let_go() {
    over_ = true;
    ++round_;
    if (std::exchange(waits_, false)) room_.keeper.give_up(ticket_);
    if (lease_) {
        if (preparing_ != 0) lease_->engine().cancel(preparing_);
        for (const Choice& choice : choices_)
            if (choice.request != 0 && !choice.done) lease_->engine().cancel(choice.request);
    }
    lease_.reset();
}

void Generation::start() {
    responder_.on_cancel([self = weak_from_this()] {
        if (const auto generation = self.lock()) generation->client_gone();
    });
    if (over_) return;
    if (plan_.work == Plan::Work::unload) {
        room_.keeper.stop(model_.key);
        over_ = true;
        responder_.send(shape_->done_without_prompt(true, totals()));
        return;
    }
    acquire(std::nullopt);
}

void Generation::client_gone() {
    if (!over_) let_go();
}

// ---- an engine

void Generation::acquire(std::optional<std::uint32_t> needed_tokens) {
    lease_.reset();
    models::Wanted wanted{.model = model_,
                          .options = plan_.options,
                          .output = models::Output::text,
                          .needed_tokens = needed_tokens,
                          .keep_alive_us = plan_.keep_alive_us};
    const std::uint64_t turn = ++acquisitions_;
    waits_ = true;
    const std::uint64_t ticket =
        room_.keeper.acquire(std::move(wanted), [self = shared_from_this()](Result<models::Lease> lease) {
            self->waits_ = false;
            if (!self->over_) self->acquired(std::move(lease));
        });
    // The keeper may have called already, and another turn have come of it.
    if (waits_ && acquisitions_ == turn) ticket_ = ticket;
}

void Generation::acquired(Result<models::Lease> lease) {
    load_us_ = room_.clock.monotonic_us() - began_us_;
    if (!lease && misfit_) return no_larger_window(lease.error());
    if (!lease) return fail_with(failure_of(lease.error()));
    lease_ = std::move(*lease);
    misfit_.reset();
    if (plan_.work == Plan::Work::load) {
        responder_.send(shape_->done_without_prompt(false, totals()));
        return let_go();
    }
    if (choices_.empty()) return prepare();
    ask();
}

std::uint64_t Generation::send(wire::EngineRequest request, models::Engine::TakeEvent take) {
    return lease_->engine().request(std::move(request), std::move(take));
}

// ---- what has to be known of the prompt first

void Generation::prepare() {
    choices_.resize(plan_.choices.size());
    const auto* chat = std::get_if<wire::ChatPrompt>(&plan_.choices.front().prompt);
    if (!plan_.thinks || chat == nullptr) return put_before();
    preparing_ =
        send(wire::Render{.prompt = *chat}, [self = shared_from_this(), round = round_](wire::EngineEvent&& event) {
            if (self->round_ != round) return;
            self->preparing_ = 0;
            if (const auto* failed = std::get_if<wire::EngineFailed>(&event))
                return self->fail_with(failure_of(*failed));
            if (const auto* rendered = std::get_if<wire::Rendered>(&event);
                rendered != nullptr && ends_in_thought(rendered->text))
                for (Choice& choice : self->choices_) choice.thoughts = Thoughts(true);
            self->put_before();
        });
}

// The tokens of an earlier answer go before those of the prompt.
void Generation::put_before() {
    if (plan_.before.empty()) return ask();
    preparing_ = send(wire::Tokenize{.prompt = plan_.choices.front().prompt},
                      [self = shared_from_this(), round = round_](wire::EngineEvent&& event) {
                          if (self->round_ != round) return;
                          self->preparing_ = 0;
                          if (const auto* failed = std::get_if<wire::EngineFailed>(&event))
                              return self->fail_with(failure_of(*failed));
                          const auto* tokens = std::get_if<wire::Tokens>(&event);
                          if (tokens == nullptr) return;
                          std::vector<wire::Token> all = std::exchange(self->plan_.before, {});
                          // A second beginning-of-sequence token would end what was before it.
                          const bool again = !tokens->tokens.empty() && tokens->tokens.front() == all.front();
                          all.insert(all.end(), tokens->tokens.begin() + (again ? 1 : 0), tokens->tokens.end());
                          for (wire::Generate& one : self->plan_.choices) one.prompt = wire::TokenPrompt{all};
                          self->ask();
                      });
}

// ---- asking and answering

void Generation::ask() {
    for (std::size_t i = 0; i < choices_.size(); ++i) {
        wire::Generate generate = plan_.choices[i];
        if (!window_is_final_) generate.overflow = wire::Overflow::refuse;
        choices_[i].request =
            send(std::move(generate), [self = shared_from_this(), round = round_, i](wire::EngineEvent&& event) {
                if (self->round_ == round) self->take(i, std::move(event));
            });
    }
}

void Generation::take(std::size_t choice, wire::EngineEvent&& event) {
    if (std::holds_alternative<wire::Started>(event)) return take_started(choice);
    if (const auto* piece = std::get_if<wire::Piece>(&event)) return take_piece(choice, *piece);
    if (const auto* finished = std::get_if<wire::Finished>(&event)) return take_finished(choice, *finished);
    const auto* failed = std::get_if<wire::EngineFailed>(&event);
    if (failed == nullptr) return;
    choices_[choice].done = true;
    const Failure failure = failure_of(*failed);
    const bool fresh = std::ranges::none_of(choices_, &Choice::begun);
    failure.too_long() && fresh ? does_not_fit(failure) : fail_with(failure);
}

void Generation::take_started(std::size_t choice) {
    choices_[choice].begun = true;
    say(shape_->begun(choice));
}

void Generation::take_piece(std::size_t choice, const wire::Piece& piece) {
    Thoughts::Text text{.answer = piece.text};
    if (plan_.thinks) text = choices_[choice].thoughts.take(piece.text);
    say(shape_->piece(choice, piece, text));
}

void Generation::take_finished(std::size_t choice, const wire::Finished& finished) {
    choices_[choice].done = true;
    // Nobody of ours cancelled: this request would be over.
    if (finished.reason == wire::FinishReason::cancelled)
        return fail_with(
            {.code = Code::unavailable, .message = "the engine was stopped before the answer was complete"});
    say(shape_->finished(choice, finished, plan_.thinks ? choices_[choice].thoughts.end() : Thoughts::Text(),
                         totals()));
    if (!over_ && std::ranges::all_of(choices_, &Choice::done)) finish();
}

// The stream begins with its first bytes, so that what fails before is an ordinary error.
void Generation::say(std::string bytes) {
    if (!shape_->streams() || bytes.empty()) return;
    if (!std::exchange(streaming_, true) && !responder_.stream(shape_->stream_type())) return let_go();
    if (!responder_.write(bytes)) let_go();
}

void Generation::finish() {
    if (shape_->streams()) {
        say(shape_->end());
        responder_.end();
    } else {
        responder_.json(200, shape_->whole());
    }
    let_go();
}

void Generation::fail_with(const Failure& failure) {
    if (streaming_) {
        responder_.write(shape_->broke_off(failure));
        responder_.end();
    } else {
        responder_.send(shape_->refused(failure));
    }
    let_go();
}

// ---- a prompt that does not fit

void Generation::does_not_fit(const Failure& failure) {
    ++round_;  // the other choices are asked anew
    for (const Choice& choice : choices_)
        if (!choice.done) lease_->engine().cancel(choice.request);
    for (Choice& choice : choices_) choice.request = 0, choice.done = false;
    if (++tries_ > limit_tries) return fail_with(failure);
    if (window_is_final_) return cut(failure) ? ask() : fail_with(failure);

    // As much as there can be for the answer, too.
    const std::uint32_t trained = std::max(model_.facts.context_tokens, failure.context_tokens);
    const std::uint32_t most =
        plan_.options.num_ctx ? std::min<std::uint32_t>(trained, static_cast<std::uint32_t>(*plan_.options.num_ctx))
                              : trained;
    const std::uint32_t least = failure.prompt_tokens + 1;
    misfit_ = failure;
    acquire(std::max(least, std::min(most, failure.prompt_tokens + answer_room_tokens)));
}

// The window is as large as it gets: cut, if that was allowed, or tell.
void Generation::no_larger_window(const Error& error) {
    Failure failure = *std::exchange(misfit_, std::nullopt);
    window_is_final_ = true;
    if (cut(failure)) return acquire(std::nullopt);
    if (error.code != Code::too_large) failure.message += "; for a larger window " + error.message;
    fail_with(failure);
}

bool Generation::cut(const Failure& failure) {
    if (!plan_.may_drop_messages)
        return plan_.choices.front().overflow == wire::Overflow::drop_oldest && !std::exchange(cut_once_, true);
    const std::size_t dropped = drop_messages(plan_.messages, failure.prompt_tokens, failure.context_tokens);
    if (dropped == 0) return false;
    dropped_messages_ += static_cast<std::uint32_t>(dropped);
    for (wire::Generate& choice : plan_.choices)
        if (auto* chat = std::get_if<wire::ChatPrompt>(&choice.prompt)) chat->messages = wire::to_json(plan_.messages);
    return true;
}

Totals Generation::totals() const {
    return {
        .total_us = room_.clock.monotonic_us() - began_us_, .load_us = load_us_, .dropped_messages = dropped_messages_};
}

}  // namespace

void generate(const EngineRoom& room, models::Loadable model, Plan plan, std::unique_ptr<Shape> shape,
              http::Responder responder) {
    room.post([generation = std::make_shared<Generation>(room, std::move(model), std::move(plan), std::move(shape),
                                                         std::move(responder))] { generation->start(); });
}

}  // namespace lar::api
