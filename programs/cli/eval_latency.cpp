// lar eval latency: how fast search is in a store of a size, with text that anyone can make again.
//
// Passages of 60 words are pushed through the API, then questions of six words, none of them a stop word, go through
// /lar/v1/search one after another; with --while-ingesting once more while further passages are pushed. After that the
// daemon is left alone, and its memory and the first question are looked at.
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <filesystem>
#include <thread>
#include <utility>

#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"
#include "eval.h"
#include "eval_store.h"
#include "metrics.h"
#include "progress.h"
#include "wire/api.h"
#include "wire/eval.h"
#include "zipf.h"

namespace lar::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t passages_usually = 100'000;
constexpr std::uint32_t passages_most = 10'000'000;
constexpr std::uint32_t queries_usually = 1'000;
constexpr std::uint32_t queries_most = 1'000'000;
constexpr std::uint32_t passage_words = 60;
constexpr std::size_t question_words = 6;
constexpr std::size_t warming_queries = 20;
constexpr std::uint32_t idle_seconds_usually = 20, idle_seconds_most = 3600;
constexpr std::size_t limit_rollup_bytes = 64 * 1024;
constexpr std::uint64_t text_seed = 1, question_seed = 2, more_text_seed = 3;
constexpr const char* filled_source = "synthetic";

double seconds_since(const Session& session, std::int64_t begin_us) {
    return static_cast<double>(session.clock.monotonic_us() - begin_us) / 1e6;
}

Outcome<double> search_ms(Session& session, Connection& lard, ZipfText& questions) {
    if (session.cancelled) return failed(Code::unavailable, "interrupted");
    const std::string body = wire::to_json(wire::ApiSearchRequest{.query = questions.question(question_words)});
    const std::int64_t begin_us = session.clock.monotonic_us();
    TRY_VOID(call<wire::ApiSearchResponse>(lard, "POST", "/lar/v1/search", body));
    return seconds_since(session, begin_us) * 1000;
}

Outcome<wire::LatencyFigures> search_many(Session& session, Connection& lard, std::size_t count, Progress& progress) {
    ZipfText questions(question_seed);
    std::vector<double> times;
    for (std::size_t i = 0; i < count; ++i) {
        times.push_back(TRY(search_ms(session, lard, questions)));
        progress.show("searching", times.size(), count, "questions");
    }
    return wire::LatencyFigures{.queries = times.size(),
                                .p50_ms = percentile(times, 0.50),
                                .p95_ms = percentile(times, 0.95),
                                .p99_ms = percentile(times, 0.99),
                                .max_ms = percentile(times, 1)};
}

Outcome<> push_passages(Session& session, Connection& lard, wire::LatencyReport& report, Progress& progress) {
    ZipfText text(text_seed);
    Pusher pusher(session, lard, filled_source, progress, report.passages);
    const std::int64_t begin_us = session.clock.monotonic_us();
    const auto push = [&]() -> Result<> {
        for (std::uint64_t i = 0; i < report.passages; ++i) {
            std::string passage = text.passage(passage_words);
            report.text_bytes += passage.size();
            TRY_VOID(pusher.put({lar::format("p{}", i), {}, std::move(passage), {}}));
        }
        return pusher.finish();
    };
    TRY_VOID(pusher.outcome(push()));
    report.push_seconds = seconds_since(session, begin_us);
    report.push_mb_per_second = static_cast<double>(report.text_bytes) / 1e6 / std::max(report.push_seconds, 1e-6);
    return {};
}

// Pushes passages on a connection of its own until it is told to end.
class Ingesting {
public:
    Ingesting(Session& session, std::unique_ptr<Connection> lard)
        : session_(session), lard_(std::move(lard)), thread_([this] { outcome_ = run(); }) {}
    ~Ingesting() { ending_ = true; }
    // Megabytes of text a second while it ran.
    Outcome<double> end() {
        ending_ = true;
        thread_.join();
        TRY_VOID(outcome_);
        return static_cast<double>(bytes_) / 1e6 / std::max(seconds_, 1e-6);
    }

private:
    Outcome<> run() {
        Output nowhere(-1, {});
        Progress silent(nowhere);
        ZipfText text(more_text_seed);
        Pusher pusher(session_, *lard_, filled_source, silent);
        const std::int64_t begin_us = session_.clock.monotonic_us();
        const auto push = [&]() -> Result<> {
            for (std::uint64_t i = 0; !ending_; ++i) {
                std::string passage = text.passage(passage_words);
                bytes_ += passage.size();
                TRY_VOID(pusher.put({lar::format("more-{}", i), {}, std::move(passage), {}}));
            }
            return pusher.finish();
        };
        auto outcome = pusher.outcome(push());
        seconds_ = seconds_since(session_, begin_us);
        return outcome;
    }

    Session& session_;
    std::unique_ptr<Connection> lard_;
    std::atomic<bool> ending_ = false;
    std::uint64_t bytes_ = 0;
    double seconds_ = 0;
    Outcome<> outcome_;
    std::jthread thread_;  // last: it uses all the others
};

Outcome<> search_while_ingesting(Session& session, EvalStore& store, std::size_t queries, wire::LatencyReport& report,
                                 Progress& progress) {
    Ingesting ingesting(session, TRY(store.connect_again(session)));
    auto figures = search_many(session, store.lard(), queries, progress);
    report.ingesting_mb_per_second = TRY(ingesting.end());
    report.search_while_ingesting = TRY(std::move(figures));
    return {};
}

// What lies on the disk: the database, and what is derived from it.
void measure_files(const EvalStore& store, wire::LatencyReport& report) {
    report.database_bytes = report.index_bytes = 0;
    for (const char* below : {"data", "cache"}) {
        std::error_code error;
        for (fs::recursive_directory_iterator each(store.home() / below, error), end; !error && each != end;
             each.increment(error)) {
            std::error_code gone;
            if (!each->is_regular_file(gone) || each->path().filename() == "token") continue;
            const std::uintmax_t size = each->file_size(gone);
            if (gone) continue;
            (each->path().filename().string().starts_with("lar.db") ? report.database_bytes : report.index_bytes) +=
                size;
        }
    }
    report.stored_per_text = static_cast<double>(report.database_bytes + report.index_bytes) /
                             static_cast<double>(std::max<std::uint64_t>(report.text_bytes, 1));
}

// Of a process of the same user, as the kernel says it: to ask lard itself would wake what has gone to sleep. 0:
// unknown.
std::uint64_t pss_bytes(std::int64_t pid) {
    const auto rollup = read_file(lar::format("/proc/{}/smaps_rollup", pid), limit_rollup_bytes);
    const std::size_t at = rollup ? rollup->find("\nPss:") : std::string::npos;
    if (at == std::string::npos) return 0;
    std::uint64_t kib = 0;
    const std::string_view number = trim(std::string_view(*rollup).substr(at + 5));
    std::from_chars(number.data(), number.data() + number.size(), kib);
    return kib * 1024;
}

// The daemon left alone for a while: its memory, and the first question after that.
Outcome<> measure_idle(Session& session, Connection& lard, wire::LatencyReport& report, Progress& progress) {
    const std::int64_t pid = TRY(call<wire::ApiStatus>(lard, "GET", "/lar/v1/status")).pid;
    const std::int64_t begin_us = session.clock.monotonic_us();
    while (seconds_since(session, begin_us) < report.idle_seconds) {
        if (session.cancelled) return failed(Code::unavailable, "interrupted");
        progress.show("leaving it alone", static_cast<std::uint64_t>(seconds_since(session, begin_us)),
                      report.idle_seconds, "seconds");
        ::poll(nullptr, 0, 200);
    }
    ZipfText questions(more_text_seed);
    report.idle_pss_bytes = pss_bytes(pid);
    report.first_after_idle_ms = TRY(search_ms(session, lard, questions));
    return {};
}

std::string figures_text(const wire::LatencyFigures& figures) {
    return lar::format("p50 {}, p95 {}, p99 {}, slowest {}", milliseconds_text(figures.p50_ms),
                       milliseconds_text(figures.p95_ms), milliseconds_text(figures.p99_ms),
                       milliseconds_text(figures.max_ms));
}

void print_report(Output& out, const wire::LatencyReport& report) {
    out.line(lar::format("{} of {} words, {} of text", counted(report.passages, "passage", "passages"), report.words,
                         size_text(report.text_bytes)));
    const auto line = [&](std::string_view name, const std::string& text) {
        out.line(lar::format("  {:<18}{}", name, text));
    };
    line("ingested", lar::format("{:.2f} MB/s, in {}", report.push_mb_per_second, duration_text(report.push_seconds)));
    line("on disk",
         lar::format("{} database, {} beside it: {:.2f} bytes per byte of text", size_text(report.database_bytes),
                     size_text(report.index_bytes), report.stored_per_text));
    line("search", figures_text(report.search));
    if (report.search_while_ingesting)
        line("while ingesting", lar::format("{} (at {:.2f} MB/s)", figures_text(*report.search_while_ingesting),
                                            report.ingesting_mb_per_second));
    line("idle", report.idle_pss_bytes == 0 ? "the kernel does not say how much memory"
                                            : lar::format("{} of memory", size_text(report.idle_pss_bytes)));
    line("first after idle", milliseconds_text(report.first_after_idle_ms));
}

}  // namespace

Outcome<Exit> run_eval_latency(Session& session) {
    const auto passages = TRY(session.arguments.number("--passages", passages_usually, passages_most));
    const auto queries = TRY(session.arguments.number("--limit", queries_usually, queries_most));
    const auto idle = TRY(session.arguments.number("--idle", idle_seconds_usually, idle_seconds_most));
    wire::LatencyReport report{.passages = passages, .words = passage_words, .idle_seconds = idle};
    Progress progress(session.err);
    EvalStore store = TRY(EvalStore::open(session));
    TRY_VOID(store.add_pushed(filled_source));
    TRY_VOID(push_passages(session, store.lard(), report, progress));
    measure_files(store, report);
    ZipfText warming(more_text_seed);
    for (std::size_t i = 0; i < warming_queries; ++i) TRY_VOID(search_ms(session, store.lard(), warming));
    report.search = TRY(search_many(session, store.lard(), queries, progress));
    if (session.arguments.has("--while-ingesting"))
        TRY_VOID(search_while_ingesting(session, store, queries, report, progress));
    TRY_VOID(measure_idle(session, store.lard(), report, progress));
    progress.clear();
    if (session.json())
        session.out.line(wire::to_json(report));
    else
        print_report(session.out, report);
    return Exit::ok;
}

}  // namespace lar::cli
