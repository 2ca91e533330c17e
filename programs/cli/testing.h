// For tests of commands: a lard that answers from a script, and answers for it to give.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/time.h"
#include "commands.h"
#include "wire/api.h"

namespace lar::cli {

class Commands : public testing::Test {
protected:
    class ScriptedLard final : public Connection {
    public:
        struct Exchange {
            std::string call;  // "GET /lar/v1/jobs"
            Reply reply;
            std::vector<Event> events;
        };
        std::deque<Exchange> script;
        std::vector<std::string> bodies;

        Result<Reply> request(std::string_view method, std::string_view target, std::string_view body) override {
            return next(method, target, body).reply;
        }
        Result<Reply> stream(std::string_view method, std::string_view target, std::string_view body,
                             const OnEvent& take) override {
            const Exchange exchange = next(method, target, body);
            for (const Event& event : exchange.events)
                if (!take(event)) break;
            return exchange.reply;
        }

    private:
        Exchange next(std::string_view method, std::string_view target, std::string_view body) {
            bodies.emplace_back(body);
            const std::string call = std::string(method) + " " + std::string(target);
            if (script.empty()) {
                ADD_FAILURE() << "not expected: " << call;
                return {call, {500, ""}, {}};
            }
            Exchange exchange = std::move(script.front());
            script.pop_front();
            EXPECT_EQ(call, exchange.call);
            return exchange;
        }
    };

    class StoppedClock final : public Clock {
    public:
        std::int64_t now_us() const override { return 1'795'269'600 * us_per_second; }  // 2026-11-21T14:00:00Z
        std::int64_t monotonic_us() const override { return 0; }
    };

    struct Ran {
        Outcome<Exit> exit;
        std::string out;
        std::string err;
    };

    Ran run(std::vector<std::string> words) {
        const Fd out(::memfd_create("out", 0)), err(::memfd_create("err", 0));
        Output out_output(out.number(), {}), err_output(err.number(), {});
        const auto arguments = parse_arguments(words);
        if (!arguments) return {std::unexpected(arguments.error()), "", ""};
        const Paths paths;
        const StoppedClock clock;
        const FixedZone zone(0);
        const std::atomic<bool> cancelled = false;
        const auto connected = [&]() -> Outcome<Connection*> { return &lard; };
        const Fd input(::memfd_create("in", 0));
        EXPECT_TRUE(write_all(input.number(), typed));
        ::lseek(input.number(), 0, SEEK_SET);
        Session session{*arguments, out_output, err_output, paths,     clock,
                        zone,       cancelled,  connected,  connected, input.number()};
        auto exit = command_of(arguments->verb->name)(session);
        ::lseek(out.number(), 0, SEEK_SET);
        ::lseek(err.number(), 0, SEEK_SET);
        return {std::move(exit), *read_fd(out.number(), 1 << 20), *read_fd(err.number(), 1 << 20)};
    }
    template <class T>
    static Reply ok(const T& value) {
        return {200, wire::to_json(value)};
    }
    ScriptedLard lard;
    std::string typed;  // into the standard input

    static wire::ApiReceipt receipt() {
        return {.computed = "on this machine, without a model",
                .air_gap = "seccomp, landlock 7",
                .sources = {"project"},
                .since = "2026-11-20T00:00:00Z",
                .until = {},
                .hints = {"yesterday: 2026-11-20"},
                .terms = {"retri"},
                .passages_searched = 1200,
                .passages_considered = 37,
                .passages_used = 1,
                .left_out = {{"lower score", 36}},
                .milliseconds = 14.2,
                .bytes_out = 0};
    }

    static wire::ApiAnswer answer() {
        wire::ApiAnswer answer{.id = "0193", .question = "why?", .outcome = "answered", .receipt = receipt()};
        answer.sentences = {{"Retries wait longer each time.", {1, 2}}, {"A guess.", {}}};
        answer.citations = {{1,
                             {.source = "project",
                              .kind = "file",
                              .path = "src/retry.cpp",
                              .absolute_path = "/p/src/retry.cpp",
                              .line_first = 40,
                              .line_last = 58,
                              .time = "2026-11-19T10:00:00Z"},
                             "retry.cpp",
                             "q",
                             "unchanged"},
                            {2,
                             {.source = "project",
                              .kind = "commit",
                              .path = "src/retry.cpp",
                              .line_first = 3,
                              .line_last = 3,
                              .commit = "a1b2c3d4e5f60718",
                              .author = "Ana",
                              .time = "2026-11-20T10:00:00Z"},
                             "Back off",
                             "q",
                             "unchanged"}};
        return answer;
    }

    // By a model.
    static wire::ApiAnswer written() {
        wire::ApiAnswer answer{.id = "0193", .question = "why?", .outcome = "answered", .receipt = receipt()};
        answer.sentences = {{"Retries wait.", {1}, "supported", ""},
                            {"The moon is green.", {}, "unsupported", " "},
                            {"So it is.", {1}, "unsupported", "\n\n"},
                            {"Hello.", {}, "unchecked", " "}};
        answer.receipt.computed = "on this machine, by tiny:latest";
        answer.receipt.model = wire::ApiModelUse{.name = "tiny:latest",
                                                 .prompt_tokens = 812,
                                                 .reused_tokens = 300,
                                                 .generated_tokens = 60,
                                                 .first_text_milliseconds = 420,
                                                 .finish = "end"};
        answer.receipt.remarks = {"2 sentences are not supported by the passages"};
        return answer;
    }
    static std::vector<Event> events_of(const wire::ApiAnswer& answer) {
        std::vector<Event> events;
        for (const auto& sentence : answer.sentences)
            events.push_back({"sentence", wire::to_json(wire::AskEvent(wire::AskSentence{sentence}))});
        events.push_back({"answer", wire::to_json(wire::AskEvent(wire::AskDone{answer}))});
        return events;
    }
};

}  // namespace lar::cli
