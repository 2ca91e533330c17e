#include "models/keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sha256.h"
#include "models/testing.h"

namespace lar::models {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A machine in which engines are pretended: what the test says becomes of them.
class Machine final : public EngineStarter, public MemoryMeter {
public:
    struct Process {
        std::string name;
        wire::LoadModel load;
        TellNews tell;
        bool asked_to_end = false, destroyed = false;
        std::uint64_t private_bytes = 0;
    };
    class PretendedEngine final : public Engine {
    public:
        explicit PretendedEngine(Process& process) : process_(process) {}
        ~PretendedEngine() override { process_.destroyed = true; }
        std::uint64_t request(wire::EngineRequest, TakeEvent) override { return 0; }
        void cancel(std::uint64_t) override {}
        void end() override { process_.asked_to_end = true; }
        std::uint64_t private_bytes() const override { return process_.private_bytes; }

    private:
        Process& process_;
    };

    Result<std::unique_ptr<Engine>> start(const std::string& name, OpenModel files, wire::LoadModel load,
                                          TellNews tell) override {
        if (!refuses.empty()) return fail(Code::unavailable, refuses);
        EXPECT_EQ(files.parts.size(), load.parts);
        processes.push_back(std::make_unique<Process>(Process{name, std::move(load), std::move(tell)}));
        return std::make_unique<PretendedEngine>(*processes.back());
    }
    Result<Memory> now() const override {
        std::uint64_t held = 0;
        for (const auto& process : processes) held += process->private_bytes;
        return Memory{.available_bytes = total_bytes - std::min(total_bytes, held), .total_bytes = total_bytes};
    }

    Process& process(std::size_t at) { return *processes.at(at); }
    void loaded(std::size_t at) {
        Process& process = *processes.at(at);
        process.private_bytes = gigabyte / 2;
        process.tell(wire::Loaded{.context_tokens = process.load.context_tokens, .sequences = process.load.sequences});
    }
    void ended(std::size_t at, std::string how = "it was ended") {
        processes.at(at)->private_bytes = 0;
        processes.at(at)->tell(EngineEnded{{Code::unavailable, std::move(how)}});
    }

    std::vector<std::unique_ptr<Process>> processes;
    std::string refuses;
    std::uint64_t total_bytes = 16 * gigabyte;
};

class KeeperTest : public testing::Test {
protected:
    // A model that takes `weights_gb`, with windows of a gigabyte for each 8,192 tokens.
    Wanted wanted(const std::string& name, std::uint64_t weights_gb = 4) {
        const auto path = folder_.write(name + ".gguf", name);
        Loadable model{.name = name,
                       .key = sha256_hex(name),
                       .parts = {{sha256_hex(name), name.size(), path, std::nullopt}},
                       .weights_bytes = weights_gb * gigabyte};
        model.facts = {
            .context_tokens = 32'768, .layers = 32, .kv_heads = 8, .head_length_k = 120, .head_length_v = 120};
        return {.model = std::move(model)};
    }
    // Who asked: the lease or the refusal, once there is one.
    struct Asker {
        std::optional<Lease> lease;
        std::string refusal;
        std::uint64_t ticket = 0;
    };
    std::unique_ptr<Asker> ask(Wanted wanted) {
        auto asker = std::make_unique<Asker>();
        asker->ticket = keeper_.acquire(std::move(wanted), [to = asker.get()](Result<Lease> lease) {
            if (lease)
                to->lease.emplace(std::move(*lease));
            else
                to->refusal = lease.error().message;
        });
        return asker;
    }
    // Asked, loaded, and given back.
    void use(const std::string& name, std::uint64_t weights_gb = 4) {
        const auto asker = ask(wanted(name, weights_gb));
        if (!asker->lease) machine_.loaded(machine_.processes.size() - 1);
        ASSERT_TRUE(asker->lease) << name;
        clock_.now += us_per_second;
    }
    std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const Held& one : keeper_.held())
            if (one.state != HeldState::ending) out.push_back(one.name);
        return out;
    }
    void pass(std::int64_t us) {
        clock_.now += us;
        keeper_.tick();
    }

    Folder folder_;
    Machine machine_;
    HandClock clock_;
    Keeper keeper_{machine_, machine_, clock_, {.sequences = 1}};
};

TEST_F(KeeperTest, ThoseWhoAskTogetherShareOneLoadAndOneEngine) {
    const auto first = ask(wanted("a")), second = ask(wanted("a"));
    EXPECT_EQ(machine_.processes.size(), 1U);
    EXPECT_FALSE(first->lease);
    machine_.process(0).tell(wire::Loading{.progress = 0.5F});
    EXPECT_EQ(keeper_.held().at(0).progress, 0.5F);
    machine_.loaded(0);
    ASSERT_TRUE(first->lease && second->lease);
    EXPECT_EQ(&first->lease->engine(), &second->lease->engine());
    const auto third = ask(wanted("a"));
    EXPECT_TRUE(third->lease);
    EXPECT_EQ(keeper_.held().at(0).leases, 3U);
    EXPECT_EQ(machine_.processes.size(), 1U);
}

TEST_F(KeeperTest, ModelsOfTheSameFilesAreOneAndUsesOfAModelAreTwo) {
    const Model one{.reference = {"h", "n", "one", "t"}, .parts = {{"aa", 5, "/x", {}}}};
    Model two{.reference = {"h", "n", "two", "t"}, .parts = {{"aa", 5, "/y", {}}}, .system = "x"};
    EXPECT_EQ(loadable_of(one).key, loadable_of(two).key);
    two.adapters = {{"bb", 1, "/z", {}}};
    EXPECT_NE(loadable_of(one).key, loadable_of(two).key);
    EXPECT_EQ(loadable_of(two).weights_bytes, 6U);

    const auto text = ask(wanted("a", 1));
    Wanted vectors = wanted("a", 1);
    vectors.output = Output::vectors;
    const auto vector = ask(vectors);
    ASSERT_EQ(machine_.processes.size(), 2U);
    EXPECT_FALSE(machine_.process(0).load.embeddings);
    EXPECT_TRUE(machine_.process(1).load.embeddings);
}

TEST_F(KeeperTest, AnEngineLivesAsLongAsTheLatestRequestSaid) {
    use("a");
    EXPECT_EQ(keeper_.held().at(0).expires_us, clock_.now + 5 * us_per_minute);
    EXPECT_EQ(keeper_.next_wake_us(), clock_.now + 5 * us_per_minute);
    pass(5 * us_per_minute - us_per_second);
    EXPECT_FALSE(machine_.process(0).asked_to_end);
    pass(us_per_second);
    EXPECT_TRUE(machine_.process(0).asked_to_end);
    machine_.ended(0);
    EXPECT_THAT(keeper_.held(), IsEmpty());
    keeper_.tick();
    EXPECT_TRUE(machine_.process(0).destroyed);
    EXPECT_EQ(keeper_.next_wake_us(), std::nullopt);
}

TEST_F(KeeperTest, KeepAliveZeroUnloadsWhenNothingRunsAndNegativeNever) {
    Wanted now = wanted("a");
    now.keep_alive_us = 0;
    auto first = ask(now), second = ask(now);
    machine_.loaded(0);
    first.reset();
    EXPECT_FALSE(machine_.process(0).asked_to_end);
    second.reset();
    EXPECT_TRUE(machine_.process(0).asked_to_end);
    machine_.ended(0);

    Wanted forever = wanted("b");
    forever.keep_alive_us = keep_forever_us;
    auto third = ask(forever);
    machine_.loaded(1);
    third.reset();
    pass(1000 * us_per_day);
    EXPECT_FALSE(machine_.process(1).asked_to_end);
    EXPECT_EQ(keeper_.held().at(0).expires_us, std::nullopt);
}

TEST_F(KeeperTest, StopWaitsForWhatRuns) {
    auto asker = ask(wanted("a"));
    machine_.loaded(0);
    EXPECT_TRUE(keeper_.stop(sha256_hex("a")));
    EXPECT_FALSE(machine_.process(0).asked_to_end);
    asker.reset();
    EXPECT_TRUE(machine_.process(0).asked_to_end);
    machine_.ended(0);
    EXPECT_FALSE(keeper_.stop(sha256_hex("a")));
}

TEST_F(KeeperTest, WhatWasUsedLongestAgoGoesFirstAndNoMoreThanNeeded) {
    use("a");
    use("b");  // 2 × 5.1 GB of 16
    use("a");
    const auto asker = ask(wanted("c"));  // 5.1 more
    EXPECT_EQ(machine_.processes.size(), 3U);
    machine_.loaded(2);
    const auto fourth = ask(wanted("d"));
    EXPECT_TRUE(machine_.process(1).asked_to_end);  // b
    EXPECT_FALSE(machine_.process(0).asked_to_end);
    EXPECT_EQ(machine_.processes.size(), 3U);  // not before b's memory is back
    machine_.ended(1);
    ASSERT_EQ(machine_.processes.size(), 4U);
    machine_.loaded(3);
    EXPECT_TRUE(fourth->lease);
    EXPECT_THAT(names(), ElementsAre("a", "c", "d"));
}

TEST_F(KeeperTest, AnEngineInUseIsNotEndedAndWhoNeedsItsMemoryWaits) {
    auto first = ask(wanted("a", 10));
    machine_.loaded(0);
    auto second = ask(wanted("b", 10));
    EXPECT_FALSE(machine_.process(0).asked_to_end);
    EXPECT_EQ(second->refusal, "");
    EXPECT_EQ(keeper_.next_wake_us(), clock_.now + memory_poll_us);
    EXPECT_TRUE(ask(wanted("a", 10))->lease);  // overtakes
    first.reset();
    EXPECT_TRUE(machine_.process(0).asked_to_end);
    machine_.ended(0);
    machine_.loaded(1);
    EXPECT_TRUE(second->lease);
}

TEST_F(KeeperTest, WhoWaitsLongForMemoryIsNotOvertakenAnyMore) {
    auto first = ask(wanted("a", 10));
    machine_.loaded(0);
    const auto second = ask(wanted("b", 10));
    pass(limit_overtaken_us + 1);
    const auto third = ask(wanted("a", 10));
    EXPECT_FALSE(third->lease);
    first.reset();
    machine_.ended(0);
    machine_.loaded(1);
    EXPECT_TRUE(second->lease);
    EXPECT_FALSE(third->lease);  // its turn, when b gives room
    EXPECT_EQ(third->refusal, "");
}

TEST_F(KeeperTest, WhatCannotFitEvenAloneIsRefusedWithTheArithmeticAndEndsNobody) {
    use("a");
    const auto asker = ask(wanted("huge", 40));
    EXPECT_THAT(asker->refusal, HasSubstr("model 'huge' does not fit into memory: 40 GB weights + "));
    EXPECT_FALSE(machine_.process(0).asked_to_end);
}

TEST_F(KeeperTest, MemoryThatEnginesHoldIsCountedOnceAndComesBack) {
    use("a", 6);
    machine_.process(0).private_bytes = 7 * gigabyte;  // the weights were unpacked into its own memory
    use("b", 6);
    EXPECT_FALSE(machine_.process(0).asked_to_end);
    EXPECT_THAT(names(), ElementsAre("a", "b"));
}

TEST_F(KeeperTest, AnotherWindowNeverMakesAnEngineComeAndGo) {
    Wanted large = wanted("a");
    large.options.num_ctx = 16'384;
    auto first = ask(large);
    EXPECT_EQ(machine_.process(0).load.context_tokens, 16'384U);
    machine_.loaded(0);
    for (const std::int64_t window : {2048, 16'384, 32'768, 4096}) {
        Wanted other = wanted("a");
        other.options.num_ctx = window;
        EXPECT_TRUE(ask(other)->lease) << window;
    }
    EXPECT_TRUE(ask(wanted("a"))->lease);
    EXPECT_EQ(machine_.processes.size(), 1U);
    EXPECT_FALSE(machine_.process(0).asked_to_end);
}

TEST_F(KeeperTest, TokensThatDoNotFitHaveTheModelLoadedAnewOnceNothingRuns) {
    auto running = ask(wanted("a"));
    machine_.loaded(0);
    EXPECT_EQ(running->lease->loaded().context_tokens, default_window_tokens);
    Wanted more = wanted("a");
    more.options.num_ctx = 32'768;
    more.needed_tokens = 20'000;
    const auto waiting = ask(more);
    const auto later = ask(wanted("a"));
    EXPECT_FALSE(waiting->lease || later->lease || machine_.process(0).asked_to_end);
    running.reset();
    EXPECT_TRUE(machine_.process(0).asked_to_end);
    machine_.ended(0);
    ASSERT_EQ(machine_.processes.size(), 2U);
    EXPECT_EQ(machine_.process(1).load.context_tokens, 32'768U);
    machine_.loaded(1);
    EXPECT_TRUE(waiting->lease && later->lease);
}

TEST_F(KeeperTest, TokensThatNoWindowHoldsAreRefusedWithoutALoad) {
    use("a");
    Wanted more = wanted("a");
    more.needed_tokens = 40'000;  // trained for 32,768
    EXPECT_THAT(ask(more)->refusal, HasSubstr("40000 tokens do not fit into the window of 32768"));
    more.options.num_ctx = 10'000;
    more.needed_tokens = 12'000;
    EXPECT_THAT(ask(more)->refusal, HasSubstr("window of 10000"));
    machine_.total_bytes = 6 * gigabyte;
    more.options.num_ctx = 32'768;
    EXPECT_THAT(ask(more)->refusal, HasSubstr("does not fit into memory"));
    EXPECT_FALSE(machine_.process(0).asked_to_end);
}

TEST_F(KeeperTest, AModelIsLoadedAnewForARequestOnceAtMost) {
    use("a");
    Wanted more = wanted("a");
    more.needed_tokens = 20'000;
    const auto asker = ask(more);
    machine_.ended(0);
    ASSERT_EQ(machine_.processes.size(), 2U);
    machine_.process(1).tell(wire::Loaded{.context_tokens = 10'000});  // less than it was told
    EXPECT_THAT(asker->refusal, HasSubstr("20000 tokens do not fit into the window of 10000"));
    EXPECT_FALSE(machine_.process(1).asked_to_end);
    more.output = Output::vectors;
    more.needed_tokens = vector_window_tokens + 1;
    const auto vectors = ask(more);
    machine_.loaded(2);
    EXPECT_THAT(vectors->refusal, HasSubstr("do not fit into the window of 8192"));
}

TEST_F(KeeperTest, AFailedLoadIsToldToAllWhoWaitAndTheNextOneTriesAgain) {
    const auto first = ask(wanted("a")), second = ask(wanted("a"));
    machine_.ended(0, "the file is no model");
    EXPECT_EQ(first->refusal, "the file is no model");
    EXPECT_EQ(second->refusal, "the file is no model");
    const auto third = ask(wanted("a"));
    ASSERT_EQ(machine_.processes.size(), 2U);
    machine_.loaded(1);
    EXPECT_TRUE(third->lease);
}

TEST_F(KeeperTest, AnEngineThatEndsIsReplacedAtTheNextRequestAndOthersGoOn) {
    auto a = ask(wanted("a")), b = ask(wanted("b"));
    machine_.loaded(0);
    machine_.loaded(1);
    Engine* const dead = &a->lease->engine();
    machine_.ended(0, "it crashed");
    keeper_.tick();
    EXPECT_FALSE(machine_.process(0).destroyed);  // who leased it may still look
    EXPECT_EQ(&a->lease->engine(), dead);
    const auto again = ask(wanted("a"));
    ASSERT_EQ(machine_.processes.size(), 3U);
    machine_.loaded(2);
    EXPECT_TRUE(again->lease);
    EXPECT_TRUE(ask(wanted("b"))->lease);
    a.reset();
    keeper_.tick();
    EXPECT_TRUE(machine_.process(0).destroyed);
    EXPECT_THAT(names(), ElementsAre("b", "a"));
}

TEST_F(KeeperTest, AnEngineThatKeepsEndingIsLeftAloneForAWhile) {
    std::string refusal;
    for (int i = 0; i < ipc::RestartPolicy::limit_failures; ++i) {
        const auto asker = ask(wanted("a"));
        keeper_.tick();
        if (const auto wake = keeper_.next_wake_us(); wake && *wake > clock_.now) pass(*wake - clock_.now);  // a pause
        ASSERT_EQ(machine_.processes.size(), static_cast<std::size_t>(i) + 1);
        machine_.ended(static_cast<std::size_t>(i), "it crashed (signal 11)");
        EXPECT_EQ(asker->refusal, "it crashed (signal 11)");
    }
    EXPECT_THAT(ask(wanted("a"))->refusal, HasSubstr("keeps stopping (it crashed (signal 11)): it is left alone for "));
    EXPECT_EQ(ask(wanted("b"))->refusal, "");
    pass(ipc::RestartPolicy::window_us);
    EXPECT_EQ(ask(wanted("a"))->refusal, "");
}

TEST_F(KeeperTest, WhoGivesUpIsNotCalledAndTheLoadGoesOn) {
    const auto asker = ask(wanted("a"));
    keeper_.give_up(asker->ticket);
    machine_.loaded(0);
    EXPECT_FALSE(asker->lease);
    EXPECT_THAT(names(), ElementsAre("a"));
    pass(5 * us_per_minute);
    EXPECT_TRUE(machine_.process(0).asked_to_end);
}

TEST_F(KeeperTest, AFileThatChangedIsNotLoaded) {
    Wanted changed = wanted("a");
    changed.model.parts[0].size_bytes += 1;
    EXPECT_THAT(ask(changed)->refusal, HasSubstr("had 2 bytes and has 1"));
    EXPECT_THAT(machine_.processes, IsEmpty());
}

TEST_F(KeeperTest, ThereAreNoMoreEnginesThanTheLimit) {
    machine_.total_bytes = 1000 * gigabyte;
    for (std::size_t i = 0; i < limit_engines; ++i) use(std::string(1, static_cast<char>('a' + i)), 1);
    const auto asker = ask(wanted("z", 1));
    EXPECT_TRUE(machine_.process(0).asked_to_end);
    EXPECT_EQ(machine_.processes.size(), limit_engines);
    machine_.ended(0);
    machine_.loaded(limit_engines);
    EXPECT_TRUE(asker->lease);
}

TEST_F(KeeperTest, MoreThanTheLimitDoNotWait) {
    std::vector<std::unique_ptr<Asker>> askers;
    for (std::size_t i = 0; i < limit_waiting; ++i) askers.push_back(ask(wanted("a")));
    EXPECT_THAT(ask(wanted("a"))->refusal, HasSubstr("512 requests wait"));
    machine_.loaded(0);
    EXPECT_TRUE(askers.back()->lease);
}

TEST_F(KeeperTest, ARequestMayAskAgainFromItsOwnCallback) {
    std::optional<Lease> inner;
    int calls = 0;
    keeper_.acquire(wanted("a"), [&](Result<Lease> lease) {
        ++calls;
        ASSERT_TRUE(lease);
        keeper_.acquire(wanted("a"), [&](Result<Lease> second) {
            ++calls;
            inner.emplace(must(std::move(second)));
        });
    });
    machine_.loaded(0);
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(keeper_.held().at(0).leases, 1U);
}

TEST(KeepAlive, IsADurationOrSecondsOrForEver) {
    EXPECT_EQ(must(parse_keep_alive_us("5m")), 5 * us_per_minute);
    EXPECT_EQ(must(parse_keep_alive_us("1h30m")), 90 * us_per_minute);
    EXPECT_EQ(must(parse_keep_alive_us("1.5s")), 1'500'000);
    EXPECT_EQ(must(parse_keep_alive_us("250ms")), 250'000);
    EXPECT_EQ(must(parse_keep_alive_us("42")), 42 * us_per_second);
    EXPECT_EQ(must(parse_keep_alive_us("42.5")), 42'500'000);
    EXPECT_EQ(must(parse_keep_alive_us("0")), 0);
    EXPECT_EQ(must(parse_keep_alive_us("-0")), 0);
    EXPECT_EQ(must(parse_keep_alive_us("-1")), keep_forever_us);
    EXPECT_EQ(must(parse_keep_alive_us("-1m")), keep_forever_us);
    EXPECT_EQ(must(parse_keep_alive_us("99999999999999")), keep_forever_us);
    for (const std::string_view text : {"", "m", "5x", "5m3", "0s5", "--1", "1e3", "inf", "5 m", "-"})
        EXPECT_FALSE(parse_keep_alive_us(text)) << text;
}

}  // namespace
}  // namespace lar::models
