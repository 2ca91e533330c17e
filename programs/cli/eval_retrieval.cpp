// lar eval retrieval: a collection goes into a store of its own, its queries through the search that everybody
// uses, and what comes back is compared with what is known to be relevant.
#include <filesystem>
#include <utility>

#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"
#include "collection.h"
#include "eval.h"
#include "eval_store.h"
#include "metrics.h"
#include "progress.h"
#include "wire/api.h"
#include "wire/eval.h"
#include "wire/files.h"

namespace lar::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t ranking_depth = 100;

struct Collection {
    fs::path folder;
    std::vector<wire::BeirQuery> queries;  // those with a relevant document
    AllJudgements judgements;
};

Outcome<Collection> read_collection(Session& session) {
    Collection collection;
    collection.folder = session.arguments.positionals[1];
    const fs::path named = session.arguments.value("--queries").value_or("queries.jsonl");
    const fs::path queries = named.has_parent_path() ? named : collection.folder / named;
    collection.judgements = TRY(read_judgements(collection.folder));
    const auto limit = TRY(session.arguments.number("--limit", 1'000'000'000, 1'000'000'000));
    for (wire::BeirQuery& query : TRY(read_queries(queries))) {
        const auto judged = collection.judgements.find(query.id);
        if (judged == collection.judgements.end() || !has_relevant(judged->second)) continue;
        collection.queries.push_back(std::move(query));
        if (collection.queries.size() == limit) break;
    }
    if (collection.queries.empty())
        return failed(Code::not_found, "no query of this collection has a relevant document");
    return collection;
}

// Pushes the corpus; returns how many documents there were.
Outcome<std::uint64_t> push_corpus(Session& session, Connection& lard, const fs::path& file, Progress& progress) {
    Pusher pusher(session, lard, "eval", progress);
    const auto push = [&]() -> Result<> {
        TRY_VOID(read_corpus(file, [&](wire::BeirDocument&& document) {
            return pusher.put({std::move(document.id), std::move(document.title), std::move(document.text), {}});
        }));
        return pusher.finish();
    };
    TRY_VOID(pusher.outcome(push()));
    return pusher.documents();
}

// The documents found, best first.
Outcome<std::vector<wire::ApiHit>> search(Connection& lard, const std::string& text) {
    wire::ApiSearchRequest request;
    request.query = utf8_prefix(text, wire::limit_question_bytes);
    request.in = {"eval"};
    request.limit = ranking_depth;
    request.by_document = true;
    request.words_only = true;
    return TRY(call<wire::ApiSearchResponse>(lard, "POST", "/lar/v1/search", wire::to_json(request))).hits;
}

struct MeasuredQueries {
    std::vector<QueryScores> scores;
    std::vector<double> latencies_ms;
    std::string run;  // TREC-like lines of what was found
};

Outcome<MeasuredQueries> measure(Session& session, Connection& lard, const Collection& collection, Progress& progress) {
    MeasuredQueries measured;
    for (const wire::BeirQuery& query : collection.queries) {
        if (session.cancelled) return failed(Code::unavailable, "interrupted");
        const std::int64_t begin_us = session.clock.monotonic_us();
        const auto hits = TRY(search(lard, query.text));
        measured.latencies_ms.push_back(static_cast<double>(session.clock.monotonic_us() - begin_us) / 1000);
        std::vector<std::string> ranking;
        for (const wire::ApiHit& hit : hits) {
            ranking.push_back(hit.place.path);  // a pushed document's path is its id
            measured.run += lar::format("{}\t{}\t{}\t{:.6f}\n", query.id, hit.place.path, ranking.size(), hit.score);
        }
        measured.scores.push_back(score_ranking(ranking, collection.judgements.find(query.id)->second));
        progress.show("searching", measured.scores.size(), collection.queries.size(), "queries");
    }
    return measured;
}

void print_report(Output& out, const wire::RetrievalReport& report) {
    out.line(lar::format("{}: {}, {}", out.styled(Style::strong, printable(report.collection)),
                         counted(report.documents, "document", "documents"),
                         counted(report.queries, "query", "queries")));
    const std::pair<const char*, double> lines[] = {{"nDCG@10", report.ndcg_10},
                                                    {"recall@5", report.recall_5},
                                                    {"recall@10", report.recall_10},
                                                    {"recall@50", report.recall_50},
                                                    {"recall@100", report.recall_100},
                                                    {"MRR", report.mrr},
                                                    {"MAP", report.map}};
    for (const auto& [name, value] : lines) out.line(lar::format("  {:<12}{:.4f}", name, value));
    out.line(lar::format("  {:<12}p50 {}, p95 {}", "latency", milliseconds_text(report.latency_p50_ms),
                         milliseconds_text(report.latency_p95_ms)));
    out.line(lar::format("  {:<12}{}", "indexed in", duration_text(report.push_seconds)));
}

}  // namespace

Outcome<Exit> run_eval_retrieval(Session& session) {
    const Collection collection = TRY(read_collection(session));
    Progress progress(session.err);
    EvalStore store = TRY(EvalStore::open(session));
    Connection& lard = store.lard();
    TRY_VOID(store.add_pushed("eval"));
    wire::RetrievalReport report;
    const std::int64_t begin_us = session.clock.monotonic_us();
    report.documents = TRY(push_corpus(session, lard, collection.folder / "corpus.jsonl", progress));
    report.push_seconds = static_cast<double>(session.clock.monotonic_us() - begin_us) / 1e6;
    TRY_VOID(store.settle(session));
    const MeasuredQueries measured = TRY(measure(session, lard, collection, progress));
    progress.clear();
    const QueryScores mean = mean_of(measured.scores);
    report.collection = place_name(collection.folder);
    report.queries = measured.scores.size();
    report.ndcg_10 = mean.ndcg_10;
    report.recall_5 = mean.recall_5;
    report.recall_10 = mean.recall_10;
    report.recall_50 = mean.recall_50;
    report.recall_100 = mean.recall_100;
    report.mrr = mean.reciprocal_rank;
    report.map = mean.average_precision;
    report.latency_p50_ms = percentile(measured.latencies_ms, 0.50);
    report.latency_p95_ms = percentile(measured.latencies_ms, 0.95);
    if (const auto file = session.arguments.value("--run")) TRY_VOID(write_file_atomically(*file, measured.run));
    if (session.json())
        session.out.line(wire::to_json(report));
    else
        print_report(session.out, report);
    return Exit::ok;
}

}  // namespace lar::cli
