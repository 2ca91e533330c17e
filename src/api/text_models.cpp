#include "api/text_models.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "api/errors.h"
#include "api/plan.h"
#include "api/thoughts.h"
#include "base/format.h"
#include "base/text.h"

namespace lar::api {
namespace {

constexpr std::chrono::milliseconds look_time{50};  // how soon one who is gone is noticed

// What comes from the I/O thread, in order, for one thread that waits. Shared with callbacks that may come too late.
template <class T>
class Mailbox {
public:
    void put(T one) {
        {
            const std::scoped_lock lock(mutex_);
            queue_.push_back(std::move(one));
        }
        changed_.notify_one();
    }
    // unavailable once whoever wanted it is gone.
    Result<T> take(const answer::Gone& gone) {
        std::unique_lock lock(mutex_);
        while (!changed_.wait_for(lock, look_time, [&] { return !queue_.empty(); })) {
            lock.unlock();
            if (gone && gone()) return fail(Code::unavailable, "the question was cancelled");
            lock.lock();
        }
        T one = std::move(queue_.front());
        queue_.pop_front();
        return one;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<T> queue_;
};

// The engine that somebody has. All of it is of the I/O thread.
struct Held {
    std::optional<models::Lease> lease;
    std::uint64_t ticket = 0;
    bool waits = false, given_up = false;
};
using Event = std::pair<std::size_t, wire::EngineEvent>;  // which request, what became of it
using Events = Mailbox<Event>;

class EngineTextModel final : public answer::TextModel {
public:
    EngineTextModel(EngineRoom room, models::Model model, std::shared_ptr<Held> held, std::uint32_t window_tokens,
                    answer::Gone gone)
        : room_(std::move(room)),
          model_(std::move(model)),
          held_(std::move(held)),
          window_tokens_(window_tokens),
          gone_(std::move(gone)) {}
    ~EngineTextModel() override {
        room_.post([held = held_] { held->lease.reset(); });
    }
    EngineTextModel(const EngineTextModel&) = delete;
    EngineTextModel& operator=(const EngineTextModel&) = delete;

    std::string name() const override { return api::name_of(model_); }
    std::uint32_t window_tokens() const override { return window_tokens_; }
    Result<std::vector<std::uint32_t>> count(std::span<const std::string> texts) override;
    Result<answer::Written> write(const wire::Generate& request, const TakeText& take) override;

private:
    // What the engine still says of a request that was cancelled, which is how unsure the model was.
    std::optional<double> entropy_of_cancelled(Events& events);
    // Events of each request come with its place among them.
    std::shared_ptr<Events> send(std::vector<wire::EngineRequest> requests);
    void cancel(std::shared_ptr<Events> of);
    Result<bool> begins_in_thought(const wire::ChatPrompt& prompt);

    EngineRoom room_;
    models::Model model_;
    std::shared_ptr<Held> held_;  // with the I/O thread
    std::uint32_t window_tokens_;
    answer::Gone gone_;
    // The engine's ids of what was sent last; of the I/O thread.
    std::shared_ptr<std::vector<std::uint64_t>> ids_ = std::make_shared<std::vector<std::uint64_t>>();
};

std::shared_ptr<Events> EngineTextModel::send(std::vector<wire::EngineRequest> requests) {
    auto events = std::make_shared<Events>();
    room_.post([held = held_, ids = ids_, events, requests = std::move(requests)]() mutable {
        ids->clear();
        for (std::size_t i = 0; i < requests.size(); ++i)
            ids->push_back(held->lease->engine().request(
                std::move(requests[i]),
                [events, i](wire::EngineEvent&& event) { events->put({i, std::move(event)}); }));
    });
    return events;
}

void EngineTextModel::cancel(std::shared_ptr<Events> of) {
    room_.post([held = held_, ids = ids_, of = std::move(of)] {
        if (held->lease)
            for (const std::uint64_t id : *ids) held->lease->engine().cancel(id);
    });
}

Result<std::vector<std::uint32_t>> EngineTextModel::count(std::span<const std::string> texts) {
    std::vector<wire::EngineRequest> requests;
    for (const std::string& text : texts)
        requests.emplace_back(
            wire::Tokenize{.prompt = wire::TextPrompt{.text = text, .add_special = false, .parse_special = false}});
    const auto events = send(std::move(requests));
    std::vector<std::uint32_t> counts(texts.size());
    for (std::size_t left = texts.size(); left > 0; --left) {
        auto event = events->take(gone_);
        if (!event) cancel(events);
        const auto [place, what] = TRY(std::move(event));
        if (const auto* failed = std::get_if<wire::EngineFailed>(&what)) return std::unexpected(error_of(*failed));
        const auto* tokens = std::get_if<wire::Tokens>(&what);
        if (tokens == nullptr) return fail(Code::internal, "the engine answered what was not asked");
        counts[place] = static_cast<std::uint32_t>(tokens->tokens.size());
    }
    return counts;
}

// Whether the template opens a thought before the model's first word.
Result<bool> EngineTextModel::begins_in_thought(const wire::ChatPrompt& prompt) {
    if (!can(model_, models::Capability::thinking)) return false;
    const auto events = send({wire::Render{.prompt = prompt}});
    const auto [place, event] = TRY(events->take(gone_));
    if (const auto* failed = std::get_if<wire::EngineFailed>(&event)) return std::unexpected(error_of(*failed));
    const auto* rendered = std::get_if<wire::Rendered>(&event);
    return rendered != nullptr && ends_in_thought(rendered->text);
}

std::optional<double> EngineTextModel::entropy_of_cancelled(Events& events) {
    for (;;) {
        const auto event = events.take(gone_);
        if (!event || std::holds_alternative<wire::EngineFailed>(event->second)) return std::nullopt;
        if (const auto* finished = std::get_if<wire::Finished>(&event->second)) return finished->entropy;
    }
}

Result<answer::Written> EngineTextModel::write(const wire::Generate& asked, const TakeText& take) {
    // The model's own parameters and template, under what the answer needs.
    wire::Generate request = asked;
    apply(model_.parameters, request);
    request.max_tokens = asked.max_tokens;
    request.overflow = wire::Overflow::refuse;
    if (asked.sampling.temperature != wire::Sampling().temperature)
        request.sampling.temperature = asked.sampling.temperature;
    if (const auto* chat = std::get_if<wire::ChatPrompt>(&asked.prompt)) {
        wire::ChatPrompt prompt = chat_prompt({}, model_, false);
        prompt.messages = chat->messages;
        request.prompt = std::move(prompt);
    }
    const auto* chat = std::get_if<wire::ChatPrompt>(&request.prompt);
    Thoughts thoughts(chat != nullptr && TRY(begins_in_thought(*chat)));

    answer::Written written;
    const auto stopped = [&] {
        written.reason = wire::FinishReason::cancelled;
        return written;
    };
    const auto events = send({std::move(request)});
    for (;;) {
        auto event = events->take(gone_);
        if (!event) {
            cancel(events);
            return stopped();
        }
        if (const auto* started = std::get_if<wire::Started>(&event->second)) {
            written.prompt_tokens = started->prompt_tokens;
            written.reused_tokens = started->reused_tokens;
            written.dropped_tokens = started->dropped_tokens;
        } else if (const auto* piece = std::get_if<wire::Piece>(&event->second)) {
            written.generated_tokens += piece->tokens;
            const std::string text = thoughts.take(piece->text).answer;
            if (text.empty() || take(text)) continue;
            cancel(events);
            if (asked.entropy) written.entropy = entropy_of_cancelled(*events);
            return stopped();
        } else if (const auto* finished = std::get_if<wire::Finished>(&event->second)) {
            if (finished->reason == wire::FinishReason::cancelled)
                return fail(Code::unavailable, "the engine was stopped before the answer was complete");
            written.entropy = finished->entropy;
            const std::string rest = thoughts.end().answer;
            if (!rest.empty() && !take(rest)) return stopped();
            written.reason = finished->reason;
            written.generated_tokens = finished->generated_tokens;
            return written;
        } else if (const auto* failed = std::get_if<wire::EngineFailed>(&event->second)) {
            return std::unexpected(error_of(*failed));
        }
    }
}

}  // namespace

Result<models::Model> EngineTextModels::find(std::string_view name) {
    if (!name.empty()) {
        models::Model model = TRY(find_model(rooms_.catalogue, name));
        if (!can(model, models::Capability::completion))
            return fail(Code::invalid, lar::format("model '{}' does not write text", api::name_of(model)));
        return model;
    }
    const std::vector<models::Listed> all = rooms_.catalogue.list();
    if (const models::Listed* const listed = default_of(rooms_, all)) return find(short_form(listed->reference));
    return fail(Code::not_found, no_default_text(rooms_));
}

Result<std::string> EngineTextModels::name_of(std::string_view name) { return api::name_of(TRY(find(name))); }

Result<std::unique_ptr<answer::TextModel>> EngineTextModels::open(std::string_view name, const answer::Gone& gone) {
    models::Model model = TRY(find(name));
    const auto held = std::make_shared<Held>();
    const auto ready = std::make_shared<Mailbox<Result<std::uint32_t>>>();  // the window
    const auto take = [held, ready](Result<models::Lease> lease) {
        held->waits = false;
        if (held->given_up) return;
        if (!lease) return ready->put(std::unexpected(std::move(lease).error()));
        held->lease.emplace(std::move(*lease));
        ready->put(held->lease->loaded().context_tokens);
    };
    models::Wanted wanted{.model = models::loadable_of(model), .options = model.parameters};
    models::Keeper* const keeper = &rooms_.engines.keeper;
    rooms_.engines.post([held, take, wanted = std::move(wanted), keeper]() mutable {
        if (held->given_up) return;
        held->waits = true;
        held->ticket = keeper->acquire(std::move(wanted), take);
    });
    auto window = ready->take(gone);
    if (!window) {
        rooms_.engines.post([held, keeper] {
            held->given_up = true;
            if (held->waits) keeper->give_up(held->ticket);
            held->lease.reset();
        });
        return std::unexpected(std::move(window).error());
    }
    const std::uint32_t window_tokens = TRY(std::move(*window));
    return std::make_unique<EngineTextModel>(rooms_.engines, std::move(model), held, window_tokens, gone);
}

}  // namespace lar::api
