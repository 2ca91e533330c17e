#include "engines.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "api/errors.h"
#include "base/build.h"
#include "base/format.h"
#include "base/log.h"
#include "base/text.h"
#include "wire/codec.h"
#include "worker_times.h"

namespace lar::lard {
namespace {

constexpr std::int64_t facts_ms = 60'000;      // for reading what a file says of itself, from a cold disk
constexpr std::chrono::seconds frame_time{5};  // from one part of a message to its last, over a local socket
constexpr int events_at_once = 64;             // taken before others on the I/O thread get their turn
constexpr std::size_t limit_queued_bytes = 32 * 1024 * 1024;  // of requests that an engine has not taken yet
constexpr std::uint64_t load_id = 1;
constexpr double entropy_tolerance = 1e-6;  // a mean is rounded

std::uint64_t id_of(const wire::EngineEvent& event) {
    return std::visit(
        []<class Message>(const Message& message) -> std::uint64_t {
            if constexpr (requires { message.id; })
                return message.id;
            else
                return 0;
        },
        event);
}

bool is_last(const wire::EngineEvent& event) {
    if (const auto* embedded = std::get_if<wire::Embedded>(&event)) return embedded->last;
    return !std::holds_alternative<wire::Started>(event) && !std::holds_alternative<wire::Piece>(event);
}

// What makes the processor work.
bool computes(const wire::EngineRequest& request) {
    return std::holds_alternative<wire::Generate>(request) || std::holds_alternative<wire::Embed>(request) ||
           std::holds_alternative<wire::Score>(request);
}

Error lied() { return {Code::corrupt, "the engine said what it may not say now and was stopped"}; }

// How it ended, for people; the descriptors' other end is closed, so it is only a moment.
Error how_it_ended(ipc::Worker& worker, std::string_view who) {
    const Result<ipc::Ended> ended = worker.wait_ended(end_ms);
    return {Code::unavailable,
            lar::format("{} stopped: {}", who, ended ? ipc::sentence(*ended) : ended.error().message)};
}

// Templates tell the day, and an engine, which opens nothing, knows no zone.
void tell_offset(wire::EngineRequest& request, std::int16_t offset_min) {
    const auto tell = [&](wire::ChatPrompt* chat) {
        if (chat != nullptr) chat->utc_offset_min = offset_min;
    };
    if (auto* generate = std::get_if<wire::Generate>(&request)) tell(std::get_if<wire::ChatPrompt>(&generate->prompt));
    if (auto* tokenize = std::get_if<wire::Tokenize>(&request)) tell(std::get_if<wire::ChatPrompt>(&tokenize->prompt));
    if (auto* render = std::get_if<wire::Render>(&request)) tell(&render->prompt);
}

std::vector<int> numbers_of(const std::vector<Fd>& parts, const std::vector<Fd>& adapters = {}) {
    std::vector<int> numbers;
    for (const Fd& file : parts) numbers.push_back(file.number());
    for (const Fd& file : adapters) numbers.push_back(file.number());
    return numbers;
}

}  // namespace

// The conversation with one process. Kept by its Engine; the watch of its channel only looks whether it is still there.
class SpawnedEngine final : public std::enable_shared_from_this<SpawnedEngine> {
public:
    SpawnedEngine(SpawnedEngines& owner, std::string model, std::uint32_t vocabulary, ipc::Worker worker,
                  models::EngineStarter::TellNews tell)
        : owner_(owner),
          model_(std::move(model)),
          vocabulary_(vocabulary),
          worker_(std::move(worker)),
          tell_(std::move(tell)) {
        const std::lock_guard lock(owner_.mutex_);
        owner_.running_.push_back({worker_.pid(), {}});
    }
    ~SpawnedEngine() {
        const std::lock_guard lock(owner_.mutex_);
        std::erase_if(owner_.running_, [&](const SpawnedEngines::Running& one) { return one.pid == worker_.pid(); });
    }

    Result<> begin(const models::OpenModel& files, wire::LoadModel load) {
        load.id = load_id;
        // The socket is empty and the message small, so this does not wait.
        TRY_VOID(worker_.channel().send(wire::to_json(wire::EngineRequest(std::move(load))), {.timeout_ms = send_ms},
                                        {}, numbers_of(files.parts, files.adapters)));
        return owner_.server_->watch(worker_.channel().descriptor(), [self = weak_from_this()] {
            const auto engine = self.lock();
            if (!engine) return false;
            const bool goes_on = engine->look();
            engine->owner_.after_events_();
            return goes_on;
        });
    }

    std::uint64_t request(wire::EngineRequest request, models::Engine::TakeEvent take) {
        const std::uint64_t id = ++last_id_;
        std::visit([&](auto& message) { message.id = id; }, request);
        tell_offset(request, owner_.zone_.offset_min_at(owner_.clock_.now_us()));
        under_way_.emplace(id, UnderWay{.take = std::move(take)});
        if (computes(request)) owner_.meter_.begin(worker_.pid(), id);
        if (state_ == State::over || worker_.channel().queued_bytes() > limit_queued_bytes) {
            fail_later(id, {Code::unavailable, state_ == State::over
                                                   ? "the engine has stopped"
                                                   : "too much waits for the engine; try again in a moment"});
        } else if (const Result<> queued = worker_.channel().queue(wire::to_json(request)); !queued) {
            fail_later(id, queued.error());
        } else {
            flush();
        }
        return id;
    }

    void cancel(std::uint64_t id) {
        if (state_ == State::over || !under_way_.contains(id)) return;
        if (worker_.channel().queue(wire::to_json(wire::EngineRequest(wire::CancelRequest{id})))) flush();
    }

    void end() { worker_.kill(); }  // its channel closes, and that is news

    // Whoever owned it is gone, and wants to hear nothing.
    void forget() {
        state_ = State::over;
        tell_ = nullptr;
        under_way_.clear();
        owner_.meter_.forget(worker_.pid());
        worker_.kill();
    }

    std::uint64_t private_bytes() const {
        const Fd file(::open(lar::format("/proc/{}/status", worker_.pid()).c_str(), O_RDONLY | O_CLOEXEC));
        std::array<char, 8192> text{};
        const ssize_t bytes = file ? ::read(file.number(), text.data(), text.size()) : 0;
        std::string_view status(text.data(), bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
        const std::size_t at = status.find("\nRssAnon:");
        if (at == std::string_view::npos) return 0;
        status = trim(status.substr(at + 9, 32));
        std::uint64_t kib = 0;
        std::from_chars(status.data(), status.data() + status.size(), kib);
        return kib * 1024;
    }

private:
    enum class State { starting, loading, ready, over };
    struct UnderWay {
        models::Engine::TakeEvent take;
        std::uint32_t tokens = 0;  // of the vectors that came so far
    };

    void fail_later(std::uint64_t id, const Error& error) {
        owner_.server_->post([self = weak_from_this(), id, error] {
            if (const auto engine = self.lock())
                engine->deliver(
                    id,
                    wire::EngineFailed{.id = id, .code = std::string(to_string(error.code)), .message = error.message});
        });
    }

    void flush() {
        if (flushing_ || state_ == State::over) return;
        const Result<bool> all = worker_.channel().flush();
        // A channel that is gone is noticed by the one who reads it.
        if (!all || *all) return;
        const auto again = owner_.server_->when_writable(worker_.channel().descriptor(), [self = weak_from_this()] {
            if (const auto engine = self.lock()) {
                engine->flushing_ = false;
                engine->flush();
            }
        });
        flushing_ = again.has_value();
    }

    // False: nothing more will come.
    bool look() {
        for (int i = 0; i < events_at_once && state_ != State::over; ++i) {
            Result<wire::EngineEvent> event = ipc::receive<wire::EngineEvent>(worker_.channel(), {.timeout_ms = 0});
            if (!event && event.error().code == Code::timeout) {
                if (worker_.channel().frame_under_way()) expect_the_rest();
                return true;
            }
            if (!event && event.error().code == Code::unavailable) return over(how_it_ended(worker_, "the engine"));
            if (!event) return stop(event.error());
            ++events_;
            if (const Result<> valid = validate(*event); !valid) return stop(valid.error());
            if (const Result<> taken = take(std::move(*event)); !taken) return stop(taken.error());
        }
        return state_ != State::over;
    }

    // An engine sends each message in one piece. One that stops in the middle would be waited for, and so would every
    // request that it has.
    void expect_the_rest() {
        if (expects_) return;
        expects_ = true;
        owner_.server_->after(frame_time, [self = weak_from_this(), seen = events_] {
            const auto engine = self.lock();
            if (!engine) return;
            engine->expects_ = false;
            if (engine->state_ == State::over || !engine->worker_.channel().frame_under_way()) return;
            if (engine->events_ != seen) return engine->expect_the_rest();
            engine->stop({Code::corrupt, "the engine sent half a message and was stopped"});
            engine->owner_.after_events_();
        });
    }

    Result<> take(wire::EngineEvent&& event) {
        switch (state_) {
            case State::starting: return take_greeting(event);
            case State::loading: return take_loading(event);
            case State::ready: return take_answer(std::move(event));
            case State::over: return {};
        }
        return {};
    }

    Result<> take_greeting(const wire::EngineEvent& event) {
        const auto* ready = std::get_if<wire::EngineReady>(&event);
        if (ready == nullptr) return std::unexpected(lied());
        if (ready->build != build_id())
            return fail(Code::corrupt, "lar-engine is of another build than lard; install them together");
        state_ = State::loading;
        return {};
    }

    Result<> take_loading(const wire::EngineEvent& event) {
        if (id_of(event) != load_id) return std::unexpected(lied());
        if (const auto* loading = std::get_if<wire::Loading>(&event)) {
            tell(*loading);
            return {};
        }
        if (const auto* failed = std::get_if<wire::EngineFailed>(&event)) {
            // Its last word; the process ends by itself.
            failed_to_load_ = Error{api::code_named(failed->code), printable(failed->message)};
            return {};
        }
        const auto* loaded = std::get_if<wire::Loaded>(&event);
        if (loaded == nullptr || failed_to_load_) return std::unexpected(lied());
        state_ = State::ready;
        {
            const std::lock_guard lock(owner_.mutex_);
            for (SpawnedEngines::Running& one : owner_.running_)
                if (one.pid == worker_.pid()) one.layers = loaded->layers;
        }
        tell(*loaded);
        return {};
    }

    Result<> take_answer(wire::EngineEvent&& event) {
        const std::uint64_t id = id_of(event);
        // Loading is over, and facts were not asked for.
        const bool fits = !std::holds_alternative<wire::EngineReady>(event) &&
                          !std::holds_alternative<wire::Facts>(event) &&
                          !std::holds_alternative<wire::Loading>(event) && !std::holds_alternative<wire::Loaded>(event);
        if (!fits || !under_way_.contains(id) || is_too_unsure(event)) return std::unexpected(lied());
        deliver(id, std::move(event));
        return {};
    }

    // Nobody is less sure than where every token of the vocabulary is as likely.
    bool is_too_unsure(const wire::EngineEvent& event) const {
        const auto* finished = std::get_if<wire::Finished>(&event);
        if (finished == nullptr || !finished->entropy || vocabulary_ == 0) return false;
        return *finished->entropy > std::log(static_cast<double>(vocabulary_)) + entropy_tolerance;
    }

    void deliver(std::uint64_t id, wire::EngineEvent event) {
        const auto found = under_way_.find(id);
        if (found == under_way_.end()) return;
        // The callback may do anything, this engine's end included.
        const auto self = shared_from_this();
        if (const auto* embedded = std::get_if<wire::Embedded>(&event)) found->second.tokens += embedded->tokens;
        if (!is_last(event)) return models::Engine::TakeEvent(found->second.take)(std::move(event));
        const UnderWay last = std::move(found->second);
        under_way_.erase(found);
        tell_work(id, event, last.tokens);
        last.take(std::move(event));
    }

    // `tokens`: of a request for vectors.
    void tell_work(std::uint64_t id, const wire::EngineEvent& event, std::uint32_t tokens) {
        EngineWork work{.model = model_, .spent = owner_.meter_.end(worker_.pid(), id)};
        if (const auto* finished = std::get_if<wire::Finished>(&event)) {
            work.prompt_tokens = finished->prompt_tokens;
            work.reused_tokens = finished->reused_tokens;
            work.generated_tokens = finished->generated_tokens;
        } else if (std::holds_alternative<wire::Embedded>(event)) {
            work.output = consent::Output::vectors;
            work.prompt_tokens = tokens;
        } else if (const auto* scored = std::get_if<wire::Scored>(&event)) {
            work.output = consent::Output::scores;
            work.prompt_tokens = scored->tokens;
        } else {
            return;
        }
        if (owner_.tell_work_) owner_.tell_work_(work);
    }

    void tell(models::EngineNews news) {
        const auto self = shared_from_this();
        if (const auto told = tell_) told(std::move(news));
    }

    bool stop(const Error& error) {
        log_error("engine: {} from {}:{}", to_string(error.code), error.where.file_name(), error.where.line());
        worker_.kill();
        return over(error);
    }

    bool over(Error error) {
        if (state_ == State::over) return false;
        const auto self = shared_from_this();
        state_ = State::over;
        if (failed_to_load_) error = *failed_to_load_;
        while (!under_way_.empty()) {
            const std::uint64_t id = under_way_.begin()->first;
            deliver(id,
                    wire::EngineFailed{.id = id, .code = std::string(to_string(error.code)), .message = error.message});
        }
        tell(models::EngineEnded{std::move(error)});
        return false;
    }

    SpawnedEngines& owner_;
    const std::string model_;
    const std::uint32_t vocabulary_;
    ipc::Worker worker_;
    models::EngineStarter::TellNews tell_;
    State state_ = State::starting;
    std::uint64_t last_id_ = load_id;
    std::map<std::uint64_t, UnderWay> under_way_;
    std::optional<Error> failed_to_load_;
    bool flushing_ = false;
    std::uint64_t events_ = 0;  // heard so far
    bool expects_ = false;      // the rest of a message, and a timer looks for it
};

namespace {

class EngineHandle final : public models::Engine {
public:
    explicit EngineHandle(std::shared_ptr<SpawnedEngine> engine) : engine_(std::move(engine)) {}
    ~EngineHandle() override { engine_->forget(); }
    EngineHandle(const EngineHandle&) = delete;
    EngineHandle& operator=(const EngineHandle&) = delete;

    std::uint64_t request(wire::EngineRequest request, TakeEvent take) override {
        return engine_->request(std::move(request), std::move(take));
    }
    void cancel(std::uint64_t id) override { engine_->cancel(id); }
    void end() override { engine_->end(); }
    std::uint64_t private_bytes() const override { return engine_->private_bytes(); }

private:
    std::shared_ptr<SpawnedEngine> engine_;  // shared with a callback of its own that ends it
};

}  // namespace

Result<std::unique_ptr<models::Engine>> SpawnedEngines::start(const std::string& name, models::OpenModel files,
                                                              wire::LoadModel load, TellNews tell) {
    ASSERT(server_ != nullptr);
    const auto engine = std::make_shared<SpawnedEngine>(*this, name, files.vocabulary,
                                                        TRY(spawner_.spawn(wire::Worker::engine)), std::move(tell));
    TRY_VOID(engine->begin(files, std::move(load)));
    return std::make_unique<EngineHandle>(engine);
}

Result<std::vector<wire::TensorFact>> SpawnedEngines::tensors(Fd file) {
    return std::move(TRY(look_at(std::move(file), {.tensors = true})).tensors);
}

Result<wire::Facts> SpawnedEngines::look_at(Fd file, wire::ReadFacts how) {
    how.id = load_id;
    ipc::Worker worker = TRY(spawner_.spawn(wire::Worker::engine));
    const auto hear = [&]() -> Result<wire::EngineEvent> {
        Result<wire::EngineEvent> event = ipc::receive<wire::EngineEvent>(worker.channel(), {.timeout_ms = facts_ms});
        if (!event && event.error().code == Code::unavailable) {
            Error error = how_it_ended(worker, "the engine that looked at this file");
            error.code = Code::corrupt;  // that is the file's doing
            return std::unexpected(std::move(error));
        }
        if (event) TRY_VOID(validate(*event));
        return event;
    };
    const wire::EngineEvent greeting = TRY(hear());
    const auto* ready = std::get_if<wire::EngineReady>(&greeting);
    if (ready == nullptr) return std::unexpected(lied());
    if (ready->build != build_id())
        return fail(Code::corrupt, "lar-engine is of another build than lard; install them together");
    const std::array<int, 1> descriptors{file.number()};
    TRY_VOID(worker.channel().send(wire::to_json(wire::EngineRequest(how)), {.timeout_ms = send_ms}, {}, descriptors));
    wire::EngineEvent answer = TRY(hear());
    if (id_of(answer) != load_id) return std::unexpected(lied());
    if (const auto* failed = std::get_if<wire::EngineFailed>(&answer))
        return fail(api::code_named(failed->code), printable(failed->message));
    auto* facts = std::get_if<wire::Facts>(&answer);
    if (facts == nullptr) return std::unexpected(lied());
    return std::move(*facts);
}

std::vector<SpawnedEngines::Running> SpawnedEngines::running() const {
    const std::lock_guard lock(mutex_);
    return running_;
}

}  // namespace lar::lard
