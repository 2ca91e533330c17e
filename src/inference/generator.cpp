#include "inference/generator.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "inference/batch.h"
#include "inference/context.h"
#include "inference/slots.h"

namespace lar::inference {
namespace {

constexpr std::uint32_t prompt_beside_speech = 32;  // tokens of prompts in a step in which others speak
constexpr std::int64_t look_every_us = 5000;
constexpr std::size_t quick_step_tokens = 16;  // a batch as small is faster finished than computed again
// Copying a sequence moves its whole memory; computing a token moves the weights, shared by a batch.
constexpr std::uint64_t tokens_a_pass = 16;

wire::EngineEvent failure(std::uint64_t id, const Error& error) {
    return wire::EngineFailed{.id = id, .code = std::string(to_string(error.code)), .message = error.message};
}

}  // namespace

struct Generator::Parts {
    struct Waiting {
        wire::Generate request;
        std::vector<Token> prompt;
        std::int64_t arrived_us = 0;
    };
    struct Slot {
        std::vector<Token> computed;  // what the library remembers of it
        std::uint64_t used = 0;
        std::optional<Generation> generation;
        bool cancelled = false;
        std::uint64_t order = 0;  // among those whose prompts are read

        bool speaks() const { return generation && generation->tokens().size() == computed.size() + 1; }
    };

    Parts(const Weights& model, Context made, Say teller)
        : weights(model),
          context(std::move(made)),
          say(std::move(teller)),
          memory(llama_get_memory(context.handle.get())),
          batch(context.batch_tokens + context.sequences),
          slots(context.sequences) {
        costs.rolls_back = weights.traits().rolls_back;
        costs.copy_costs_tokens = is_plain()
                                      ? static_cast<std::size_t>(tokens_a_pass * context.kv_bytes / slots.size() /
                                                                 std::max<std::uint64_t>(1, weights.bytes()))
                                      : context.context_tokens;  // more than there can be
        llama_set_abort_callback(context.handle.get(), on_compute, this);
    }

    // Between requests and sequences.
    void drop_cancelled();
    void admit();
    bool admit(Waiting& waiting);
    Result<std::vector<Token>> fit(const wire::Generate& request, std::vector<Token> prompt, std::uint32_t& dropped);
    std::size_t recall(std::size_t slot, const Placement& placement, const std::vector<Token>& prompt);
    bool cut(std::size_t slot, std::size_t keep);
    void forget(std::size_t slot);

    // One step.
    void fill_batch();
    void add_prompt_tokens(std::vector<std::uint32_t>& counts) const;
    void add_bridges(std::vector<std::uint32_t>& counts) const;
    void compute();
    void after_abort();
    void take_results();
    void go_on(std::size_t slot, std::span<const float> logits);
    bool make_room(std::size_t slot);
    void fail_all_in_batch(const Error& error);
    void end(Slot& slot, wire::FinishReason reason);

    // Every token of a sequence is remembered by itself, so that any can be taken back or moved.
    bool is_plain() const { return weights.traits().rolls_back && weights.traits().window == 0; }
    static llama_seq_id sequence(std::size_t slot) { return static_cast<llama_seq_id>(slot); }
    static bool on_compute(void* self);

    const Weights& weights;
    Context context;
    Say say;
    llama_memory_t memory;
    Memory costs;
    Batch batch;
    std::vector<Slot> slots;
    std::vector<std::uint32_t> counts;  // tokens of each slot in the batch, a bridge among them
    std::deque<Waiting> waiting;        // in the order in which they are admitted
    std::uint64_t clock = 0;
    const Look* look = nullptr;
    std::int64_t looked_us = 0;
    bool give_up = false;
};

Generator::Generator(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Generator::~Generator() = default;

Result<std::unique_ptr<Generator>> Generator::make(const Weights& weights, const ContextOptions& options, Say say,
                                                   wire::Loaded& loaded) {
    Context context = TRY(make_text_context(weights, options));
    loaded.context_tokens = context.context_tokens;
    loaded.sequences = context.sequences;
    loaded.flash_attention = context.flash_attention;
    loaded.kv_bytes = context.kv_bytes;
    loaded.compute_bytes = context.compute_bytes;
    return std::unique_ptr<Generator>(
        new Generator(std::make_unique<Parts>(weights, std::move(context), std::move(say))));
}

std::size_t Generator::requests() const {
    return parts_->waiting.size() + static_cast<std::size_t>(std::ranges::count_if(
                                        parts_->slots, [](const auto& slot) { return slot.generation.has_value(); }));
}

bool Generator::knows(std::uint64_t id) const {
    return std::ranges::any_of(parts_->waiting, [&](const auto& one) { return one.request.id == id; }) ||
           std::ranges::any_of(parts_->slots,
                               [&](const auto& slot) { return slot.generation && slot.generation->id() == id; });
}

void Generator::submit(wire::Generate request, std::vector<Token> prompt) {
    if (requests() >= wire::limit_requests)
        return parts_->say(failure(request.id, {Code::unavailable, "too many requests are waiting for this model"}));
    const auto later = std::ranges::find_if(
        parts_->waiting, [&](const auto& other) { return other.request.priority > request.priority; });
    parts_->waiting.insert(later, {std::move(request), std::move(prompt), monotonic_us()});
}

bool Generator::cancel(std::uint64_t id) {
    const auto waits = std::ranges::find_if(parts_->waiting, [&](const auto& one) { return one.request.id == id; });
    if (waits != parts_->waiting.end()) {
        parts_->waiting.erase(waits);
        parts_->say(failure(id, {Code::unavailable, "cancelled"}));
        return true;
    }
    for (std::size_t i = 0; i < parts_->slots.size(); ++i) {
        auto& slot = parts_->slots[i];
        if (!slot.generation || slot.generation->id() != id) continue;
        slot.cancelled = true;
        if (i < parts_->counts.size() && parts_->counts[i] > 0) parts_->give_up = true;
        return true;
    }
    return false;
}

void Generator::step(const Look& look) {
    parts_->look = &look;
    parts_->drop_cancelled();
    parts_->admit();
    parts_->fill_batch();
    if (parts_->batch.size() > 0) parts_->compute();
    parts_->counts.clear();
    parts_->drop_cancelled();
    parts_->look = nullptr;
}

void Generator::Parts::end(Slot& slot, wire::FinishReason reason) {
    slot.generation->finish(reason, say);
    slot.generation.reset();
    slot.cancelled = false;
    slot.used = ++clock;
}

void Generator::Parts::drop_cancelled() {
    for (Slot& slot : slots)
        if (slot.generation && slot.cancelled) end(slot, wire::FinishReason::cancelled);
}

void Generator::Parts::admit() {
    while (!waiting.empty()) {
        if (std::ranges::all_of(slots, [](const Slot& slot) { return slot.generation.has_value(); })) return;
        Waiting next = std::move(waiting.front());
        waiting.pop_front();
        admit(next);
    }
}

// The prompt as it fits, or why it does not.
Result<std::vector<Token>> Generator::Parts::fit(const wire::Generate& request, std::vector<Token> prompt,
                                                 std::uint32_t& dropped) {
    const std::size_t window = context.context_tokens;
    if (prompt.empty()) return fail(Code::invalid, "the prompt has no tokens");
    if (!std::ranges::all_of(prompt, [&](Token token) { return weights.vocabulary().holds(token); }))
        return fail(Code::invalid, "a token of the prompt is not in this model's vocabulary");
    if (prompt.size() < window) return prompt;
    if (request.overflow == wire::Overflow::refuse)
        return fail(Code::too_large, lar::format("the prompt has {} tokens and the window {}", prompt.size(), window));
    // A quarter of the window is for the answer, unless it is to be shorter.
    const std::size_t room =
        std::clamp<std::size_t>(request.max_tokens.value_or(UINT32_MAX), 1, std::max<std::size_t>(1, window / 4));
    const std::size_t fits = window - room;
    const std::size_t keep = std::min<std::size_t>(request.keep_tokens, fits / 2);
    dropped = static_cast<std::uint32_t>(prompt.size() - fits);
    const auto first = prompt.begin() + static_cast<std::ptrdiff_t>(keep);
    prompt.erase(first, first + dropped);
    return prompt;
}

bool Generator::Parts::admit(Waiting& next) {
    const auto asked = static_cast<std::uint32_t>(next.prompt.size());
    std::uint32_t dropped = 0;
    Result<std::vector<Token>> prompt = fit(next.request, std::move(next.prompt), dropped);
    if (!prompt) {
        say(wire::EngineFailed{.id = next.request.id,
                               .code = std::string(to_string(prompt.error().code)),
                               .message = prompt.error().message,
                               .prompt_tokens = asked,
                               .context_tokens = context.context_tokens});
        return false;
    }
    std::vector<Remembered> remembered;
    for (const Slot& slot : slots) {
        const std::span<const Token> usable =
            next.request.reuse_prefix ? std::span(slot.computed) : std::span<const Token>();
        remembered.push_back({.tokens = usable, .busy = slot.generation.has_value(), .used = slot.used});
    }
    const Placement placement = *place(remembered, *prompt, costs);
    Slot& slot = slots[placement.slot];
    const std::size_t kept = recall(placement.slot, placement, *prompt);
    Result<Generation> generation = Generation::start(
        next.request, {.tokens = std::move(*prompt), .dropped = dropped, .reused = static_cast<std::uint32_t>(kept)},
        weights.vocabulary(), context.context_tokens, monotonic_us() - next.arrived_us);
    if (!generation) {
        say(failure(next.request.id, generation.error()));
        return false;
    }
    slot.generation.emplace(std::move(*generation));
    slot.order = ++clock;
    return true;
}

void Generator::Parts::forget(std::size_t slot) {
    llama_memory_seq_rm(memory, sequence(slot), -1, -1);
    slots[slot].computed.clear();
}

// Leaves the first `keep` tokens; false when that cannot be done without forgetting them as well.
bool Generator::Parts::cut(std::size_t slot, std::size_t keep) {
    Slot& one = slots[slot];
    if (keep == one.computed.size()) return true;
    const auto place = static_cast<llama_pos>(keep);
    if (keep == 0 || !llama_memory_seq_rm(memory, sequence(slot), place, -1)) {
        forget(slot);
        return keep == 0;
    }
    one.computed.resize(keep);
    // Of a sliding window the part that the next tokens look back on may be gone.
    const auto window = static_cast<llama_pos>(weights.traits().window);
    if (window > 0 && llama_memory_seq_pos_min(memory, sequence(slot)) > std::max(0, place - window)) {
        forget(slot);
        return false;
    }
    return true;
}

std::size_t Generator::Parts::recall(std::size_t slot, const Placement& placement, const std::vector<Token>& prompt) {
    if (placement.copy_from) {
        forget(slot);
        llama_memory_seq_cp(memory, sequence(*placement.copy_from), sequence(slot), -1, -1);
        slots[slot].computed = slots[*placement.copy_from].computed;
    }
    ASSERT(placement.keep < prompt.size());
    cut(slot, placement.keep);
    return slots[slot].computed.size();
}

void Generator::Parts::add_prompt_tokens(std::vector<std::uint32_t>& wanted) const {
    std::vector<std::size_t> readers;
    std::uint32_t speakers = 0;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (!slots[i].generation) continue;
        if (slots[i].speaks())
            ++speakers;
        else
            readers.push_back(i);
    }
    std::ranges::sort(readers, {}, [&](std::size_t i) { return slots[i].order; });
    std::uint32_t left = context.batch_tokens - std::min(speakers, context.batch_tokens);
    if (speakers > 0) left = std::min(left, prompt_beside_speech);
    for (const std::size_t i : readers) {
        const auto missing =
            static_cast<std::uint32_t>(slots[i].generation->tokens().size() - slots[i].computed.size());
        wanted[i] = std::min(missing, left);
        left -= wanted[i];
    }
}

void Generator::Parts::add_bridges(std::vector<std::uint32_t>& wanted) const {
    if (!is_plain()) return;
    const auto works = [](std::uint32_t count) { return count > 0; };
    const auto first = std::ranges::find_if(wanted, works) - wanted.begin();
    const auto last = static_cast<std::ptrdiff_t>(wanted.size()) -
                      (std::ranges::find_if(wanted.rbegin(), wanted.rend(), works) - wanted.rbegin());
    for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(std::max(first, last)); ++i) {
        const Slot& slot = slots[i];
        // A prompt that waits for its turn may as well go on by one.
        if (wanted[i] == 0 && (slot.generation || slot.computed.size() < context.context_tokens)) wanted[i] = 1;
    }
}

void Generator::Parts::fill_batch() {
    batch.clear();
    counts.assign(slots.size(), 0);
    for (std::size_t i = 0; i < slots.size(); ++i)
        if (slots[i].speaks()) counts[i] = 1;
    add_prompt_tokens(counts);
    add_bridges(counts);
    for (std::size_t i = 0; i < slots.size(); ++i) {
        const Slot& slot = slots[i];
        for (std::uint32_t k = 0; k < counts[i]; ++k) {
            const std::size_t place = slot.computed.size() + k;
            const bool last = slot.generation && place + 1 == slot.generation->tokens().size();
            batch.add(slot.generation ? slot.generation->tokens()[place] : 0, place, sequence(i), last);
        }
    }
}

bool Generator::Parts::on_compute(void* self) {
    auto& parts = *static_cast<Parts*>(self);
    if (!parts.look || parts.batch.size() <= quick_step_tokens) return false;
    if (parts.give_up) return true;
    const std::int64_t now = monotonic_us();
    if (now - parts.looked_us < look_every_us) return false;
    parts.looked_us = now;
    (*parts.look)();
    return parts.give_up;
}

void Generator::Parts::compute() {
    give_up = false;
    looked_us = monotonic_us();
    const Result<std::int32_t> status =
        guarded("the model cannot compute", [&] { return llama_decode(context.handle.get(), batch.handle()); });
    if (context.kernels) context.kernels->settle();
    // What stood between two sequences goes again.
    for (std::size_t i = 0; i < slots.size(); ++i)
        if (counts[i] > 0 && !slots[i].generation)
            llama_memory_seq_rm(memory, sequence(i), static_cast<llama_pos>(slots[i].computed.size()), -1);
    if (status && *status == 0) return take_results();
    if (status && *status == 2) return after_abort();
    fail_all_in_batch(
        status ? Error{Code::internal, lar::format("the model stopped computing ({}){}", *status, last_complaint())}
               : status.error());
}

// Some of the batch may have been computed. A memory that cannot be cut is computed again as a whole.
void Generator::Parts::after_abort() {
    for (std::size_t i = 0; i < slots.size(); ++i) {
        Slot& slot = slots[i];
        if (counts[i] == 0 || !slot.generation) continue;
        const llama_pos last = llama_memory_seq_pos_max(memory, sequence(i));
        const std::vector<Token>& tokens = slot.generation->tokens();
        // The last token is computed for its numbers, which are lost.
        const std::size_t there = std::min(static_cast<std::size_t>(last + 1), tokens.size() - 1);
        slot.computed.assign(tokens.begin(), tokens.begin() + last + 1);
        if (!weights.traits().rolls_back)
            forget(i);
        else
            cut(i, there);
    }
}

void Generator::Parts::take_results() {
    for (std::size_t i = 0; i < slots.size(); ++i) {
        Slot& slot = slots[i];
        if (counts[i] == 0 || !slot.generation) continue;
        const std::vector<Token>& tokens = slot.generation->tokens();
        const auto begin = tokens.begin() + static_cast<std::ptrdiff_t>(slot.computed.size());
        slot.computed.insert(slot.computed.end(), begin, begin + counts[i]);
        if (slot.computed.size() < tokens.size()) continue;
        const float* logits = llama_get_logits_ith(context.handle.get(), batch.place_of(sequence(i)));
        if (!slot.cancelled) go_on(i, {logits, weights.vocabulary().size()});
    }
}

void Generator::Parts::go_on(std::size_t i, std::span<const float> logits) {
    Slot& slot = slots[i];
    const Result<std::optional<wire::FinishReason>> reason = slot.generation->go_on(logits, say);
    if (!reason) {
        say(failure(slot.generation->id(), reason.error()));
        slot.generation.reset();
        slot.used = ++clock;
    } else if (*reason) {
        end(slot, **reason);
    } else if (slot.computed.size() >= context.context_tokens && !make_room(i)) {
        end(slot, wire::FinishReason::window);
    }
}

// The oldest half of what need not be kept goes, and the rest moves up.
bool Generator::Parts::make_room(std::size_t i) {
    Slot& slot = slots[i];
    if (!slot.generation->shifts() || !is_plain() || !llama_memory_can_shift(memory)) return false;
    const std::size_t there = slot.computed.size();
    const std::size_t keep = std::min<std::size_t>(slot.generation->keep_tokens(), there / 2);
    const std::size_t count = std::max<std::size_t>(1, (there - keep) / 2);
    const auto first = static_cast<llama_pos>(keep), next = static_cast<llama_pos>(keep + count);
    if (!llama_memory_seq_rm(memory, sequence(i), first, next)) return false;
    llama_memory_seq_add(memory, sequence(i), next, static_cast<llama_pos>(there), -static_cast<llama_pos>(count));
    const auto begin = slot.computed.begin() + first;
    slot.computed.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
    slot.generation->forget(keep, count);
    return true;
}

void Generator::Parts::fail_all_in_batch(const Error& error) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (counts[i] == 0) continue;
        forget(i);
        if (!slots[i].generation) continue;
        say(failure(slots[i].generation->id(), error));
        slots[i].generation.reset();
        slots[i].cancelled = false;
    }
}

}  // namespace lar::inference
