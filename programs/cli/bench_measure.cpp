#include "bench_measure.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <latch>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/format.h"

namespace lar::cli::bench {
namespace {

// Of an answer that is asked for only to see its first token, and to be part of a conversation.
constexpr std::uint32_t short_answer_tokens = 8;
constexpr std::uint64_t requests_of_a_conversation = 3;
constexpr auto progress_look = std::chrono::milliseconds(100);

std::uint64_t requests_of_a_client(std::uint32_t clients, std::uint32_t repeat) {
    return (std::uint64_t{repeat} + clients - 1) / clients;
}

std::unexpected<Failure> interrupted_failure() { return failed(Code::unavailable, "interrupted"); }

// What the clients of a level share.
class Level {
public:
    explicit Level(std::uint32_t clients) : ready_(clients) {}

    // All begin together.
    void begin_together() { ready_.arrive_and_wait(); }
    const std::atomic<bool>& stopped() const { return stopped_; }
    void take(Outcome<Answer> answer) {
        const std::lock_guard lock(mutex_);
        if (answer)
            answers_.push_back(std::move(*answer));
        else if (!failure_)
            failure_ = std::move(answer).error();
        changed_.notify_one();
    }
    // Waits until there are so many answers, or one failed, or `look` says to stop. Then nobody asks any more.
    template <class Look>
    void wait_for(std::uint64_t answers, Look look) {
        std::unique_lock lock(mutex_);
        while (answers_.size() < answers && !failure_ && look(answers_.size())) changed_.wait_for(lock, progress_look);
        stopped_ = true;
    }
    // After the clients have ended.
    Outcome<std::vector<Answer>> answers() && {
        if (failure_) return std::unexpected(std::move(*failure_));
        return std::move(answers_);
    }

private:
    std::latch ready_;
    std::atomic<bool> stopped_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Answer> answers_;
    std::optional<Failure> failure_;  // the first one: the others follow from stopping
};

}  // namespace

Measurement::Measurement(std::vector<Side>& sides, const wire::BenchSettings& settings, std::uint64_t seed,
                         const Clock& clock, const std::atomic<bool>& cancelled, Progress& progress)
    : sides_(sides), settings_(settings), clock_(clock), cancelled_(cancelled), progress_(progress), words_(seed) {
    std::uint64_t one = 1 + settings.warmup * requests_of_a_conversation;
    one += settings.depth.size() * settings.repeat * requests_of_a_conversation;
    for (const std::uint32_t clients : settings.concurrency)
        one += clients * requests_of_a_client(clients, settings.repeat);
    total_ = one * sides.size() + 1;  // the first side sizes the prompts, with two
}

Outcome<> Measurement::run() {
    for (auto step : {&Measurement::size_prompts, &Measurement::warm_up, &Measurement::measure_depths,
                      &Measurement::measure_levels})
        if (auto done = (this->*step)(); !done) {
            if (cancelled_) return interrupted_failure();
            return done;
        }
    return {};
}

std::vector<std::size_t> Measurement::order(std::size_t turn) const {
    std::vector<std::size_t> sides;
    for (std::size_t i = 0; i < sides_.size(); ++i) sides.push_back((i + turn) % sides_.size());
    return sides;
}

void Measurement::show(std::uint64_t done) { progress_.show(label_, done, total_, "requests"); }

Outcome<Answer> Measurement::ask_one(Side& side, std::vector<wire::BenchMessage> messages, std::uint32_t max_tokens) {
    if (cancelled_) return interrupted_failure();
    show(done_);
    auto answer = ask(side.server, {std::move(messages), max_tokens}, clock_, cancelled_);
    ++done_;
    return answer;
}

// By the first side alone: both get prompts of the same words, or they would not do the same work.
Outcome<> Measurement::size_prompts() {
    label_ = "sizing prompts";
    show(done_);
    std::uint64_t sizes[] = {0, 0};
    for (Side& side : sides_) {
        const Question small{{{"user", words_.draw(short_sample_words)}}, 1};
        const Answer answer = TRY(ask_first(side.server, small, clock_, cancelled_));
        ++done_;
        if (&side == &sides_.front()) sizes[0] = answer.prompt_tokens;
    }
    sizes[1] = TRY(ask_one(sides_.front(), {{"user", words_.draw(long_sample_words)}}, 1)).prompt_tokens;
    size_ = word_size(sizes[0], sizes[1]);
    return {};
}

Outcome<> Measurement::warm_up() {
    label_ = "warming up";
    for (std::uint32_t i = 0; i < settings_.warmup; ++i)
        for (Side& side : sides_) {
            DepthAnswers unmeasured{.depth = settings_.depth.front()};
            if (auto warmed = converse(side, unmeasured); !warmed) return warmed;
        }
    return {};
}

Outcome<> Measurement::measure_depths() {
    for (const std::uint32_t depth : settings_.depth) {
        for (Side& side : sides_) side.depths.push_back({.depth = depth});
        for (std::uint32_t i = 0; i < settings_.repeat; ++i)
            for (const std::size_t which : order(i)) {
                label_ = lar::format("depth {}, {} of {}", depth, i + 1, settings_.repeat);
                Side& side = sides_[which];
                if (auto measured = converse(side, side.depths.back()); !measured) return measured;
            }
    }
    return {};
}

// A first question, the same again, and a second one in that conversation.
Outcome<> Measurement::converse(Side& side, DepthAnswers& into) {
    const wire::BenchMessage first{"user",
                                   words_.draw(size_.words_for(std::uint64_t{into.depth} + settings_.prompt_tokens))};
    into.cold.push_back(TRY(ask_one(side, {first}, settings_.tokens)));
    into.warm.push_back(TRY(ask_one(side, {first}, std::min(short_answer_tokens, settings_.tokens))));
    // The model's own words, so that what the server kept of its answer counts; a model that only thought said none.
    const std::string& said = into.warm.back().text;
    const wire::BenchMessage answer{"assistant", said.empty() ? "Yes." : said};
    const wire::BenchMessage next{"user", words_.draw(size_.more_words_for(settings_.turn_tokens))};
    into.turn.push_back(TRY(ask_one(side, {first, answer, next}, std::min(short_answer_tokens, settings_.tokens))));
    return {};
}

Outcome<> Measurement::measure_levels() {
    for (std::size_t i = 0; i < settings_.concurrency.size(); ++i)
        for (const std::size_t which : order(i)) {
            const std::uint32_t clients = settings_.concurrency[i];
            label_ = lar::format("{} at once", counted(clients, "client", "clients"));
            Side& side = sides_[which];
            auto level = measure_level(side, clients);
            if (!level) {
                if (!cancelled_)
                    level.error().message = lar::format("with {} at once: {}", counted(clients, "client", "clients"),
                                                        level.error().message);
                return std::unexpected(std::move(level).error());
            }
            side.levels.push_back(std::move(*level));
        }
    return {};
}

Outcome<LevelAnswers> Measurement::measure_level(Side& side, std::uint32_t clients) {
    const std::uint64_t each = requests_of_a_client(clients, settings_.repeat);
    Level level(clients);
    {
        std::vector<std::jthread> threads;
        for (std::uint32_t i = 0; i < clients; ++i) {
            std::vector<Question> questions;
            for (std::uint64_t k = 0; k < each; ++k)
                questions.push_back(
                    {{{"user", words_.draw(size_.words_for(settings_.prompt_tokens))}}, settings_.tokens});
            threads.emplace_back([&level, &server = side.server, &clock = clock_, questions = std::move(questions)] {
                level.begin_together();
                for (const Question& question : questions)
                    if (!level.stopped()) level.take(ask(server, question, clock, level.stopped()));
            });
        }
        level.wait_for(clients * each, [&](std::uint64_t answers) {
            show(done_ + answers);
            return !cancelled_;
        });
    }
    done_ += clients * each;
    if (cancelled_) return interrupted_failure();
    return LevelAnswers{clients, TRY(std::move(level).answers())};
}

}  // namespace lar::cli::bench
