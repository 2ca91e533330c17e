// lar eval retrieval: a collection goes into a store of its own, its queries through the search that everybody
// uses, and what comes back is compared with what is known to be relevant.
#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <format>
#include <optional>
#include <utility>

#include "base/fd.h"
#include "base/text.h"
#include "collection.h"
#include "commands.h"
#include "daemon_start.h"
#include "metrics.h"
#include "progress.h"
#include "wire/api.h"
#include "wire/files.h"

namespace lar::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t ranking_depth = 100;
constexpr std::size_t batch_documents = 200;
constexpr std::size_t batch_bytes = 2 * 1024 * 1024;  // of text; well under the limit of a request
static_assert(batch_documents <= wire::limit_pushed_documents);

// Gone when this goes, also after Ctrl-C: interrupts are flags here, and the stack is unwound.
class TemporaryFolder {
public:
    static Result<TemporaryFolder> make() {
        std::string pattern = (fs::temp_directory_path() / "lar-eval-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) return fail_errno("making a temporary folder", errno);
        return TemporaryFolder(std::move(pattern));
    }
    TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    TemporaryFolder& operator=(TemporaryFolder&&) = delete;
    ~TemporaryFolder() {
        std::error_code error;
        if (!path_.empty()) fs::remove_all(path_, error);
    }
    const fs::path& path() const { return path_; }

private:
    explicit TemporaryFolder(fs::path path) : path_(std::move(path)) {}
    fs::path path_;
};

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

// Pushes the corpus in batches; returns how many documents there were.
Outcome<std::uint64_t> push_corpus(Session& session, Connection& lard, const fs::path& file, Progress& progress) {
    std::uint64_t documents = 0;
    std::size_t bytes = 0;
    wire::ApiPush batch;
    std::optional<Failure> refused;
    const auto send = [&]() -> Result<> {
        if (batch.documents.empty()) return {};
        auto pushed = call<wire::ApiPushed>(lard, "POST", "/lar/v1/sources/eval/documents", wire::to_json(batch));
        if (!pushed) {
            refused = std::move(pushed).error();
            return fail(Code::internal, refused->message);
        }
        documents += batch.documents.size();
        progress.show("indexing", documents, 0, "documents");
        batch.documents.clear();
        bytes = 0;
        return {};
    };
    const auto read = read_corpus(file, [&](wire::BeirDocument&& document) -> Result<> {
        if (session.cancelled) return fail(Code::unavailable, "interrupted");
        if (bytes + document.text.size() > batch_bytes || batch.documents.size() == batch_documents) TRY_VOID(send());
        bytes += document.text.size() + document.title.size();
        batch.documents.push_back({std::move(document.id), std::move(document.title), std::move(document.text), {}});
        return {};
    });
    const auto sent = read ? send() : Result<>();
    if (refused) return std::unexpected(std::move(*refused));
    TRY_VOID(read);
    TRY_VOID(sent);
    return documents;
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

struct Measured {
    std::vector<QueryScores> scores;
    std::vector<double> latencies_ms;
    std::string run;  // TREC-like lines of what was found
};

Outcome<Measured> measure(Session& session, Connection& lard, const Collection& collection, Progress& progress) {
    Measured measured;
    for (const wire::BeirQuery& query : collection.queries) {
        if (session.cancelled) return failed(Code::unavailable, "interrupted");
        const std::int64_t begin_us = session.clock.monotonic_us();
        const auto hits = TRY(search(lard, query.text));
        measured.latencies_ms.push_back(static_cast<double>(session.clock.monotonic_us() - begin_us) / 1000);
        std::vector<std::string> ranking;
        for (const wire::ApiHit& hit : hits) {
            ranking.push_back(hit.place.path);  // a pushed document's path is its id
            measured.run += std::format("{}\t{}\t{}\t{:.6f}\n", query.id, hit.place.path, ranking.size(), hit.score);
        }
        measured.scores.push_back(score_ranking(ranking, collection.judgements.find(query.id)->second));
        progress.show("searching", measured.scores.size(), collection.queries.size(), "queries");
    }
    return measured;
}

void print_report(Output& out, const wire::RetrievalReport& report) {
    out.line(std::format("{}: {}, {}", out.styled(Style::strong, printable(report.collection)),
                         counted(report.documents, "document", "documents"),
                         counted(report.queries, "query", "queries")));
    const std::pair<const char*, double> lines[] = {{"nDCG@10", report.ndcg_10},
                                                    {"recall@5", report.recall_5},
                                                    {"recall@10", report.recall_10},
                                                    {"recall@50", report.recall_50},
                                                    {"recall@100", report.recall_100},
                                                    {"MRR", report.mrr},
                                                    {"MAP", report.map}};
    for (const auto& [name, value] : lines) out.line(std::format("  {:<12}{:.4f}", name, value));
    out.line(std::format("  {:<12}p50 {}, p95 {}", "latency", milliseconds_text(report.latency_p50_ms),
                         milliseconds_text(report.latency_p95_ms)));
    out.line(std::format("  {:<12}{}", "indexed in", duration_text(report.push_seconds)));
}

}  // namespace

Outcome<Exit> run_eval(Session& session) {
    if (session.arguments.positionals[0] != "retrieval")
        return wrong_usage(std::format("lar eval does not know '{}'", printable(session.arguments.positionals[0])),
                           "`lar eval retrieval DIR` is what there is");
    const Collection collection = TRY(read_collection(session));
    Progress progress(session.err);
    // Destroyed last: the daemon writes into it until it has ended.
    const TemporaryFolder home = TRY(TemporaryFolder::make());
    PrivateDaemon daemon = TRY(PrivateDaemon::start(home.path(), session.cancelled));
    Connection& lard = daemon.connection();
    TRY_VOID(call<wire::ApiSource>(lard, "POST", "/lar/v1/sources",
                                   wire::to_json(wire::ApiAddSource{"pushed:eval", "eval"})));
    wire::RetrievalReport report;
    const std::int64_t begin_us = session.clock.monotonic_us();
    report.documents = TRY(push_corpus(session, lard, collection.folder / "corpus.jsonl", progress));
    report.push_seconds = static_cast<double>(session.clock.monotonic_us() - begin_us) / 1e6;
    const Measured measured = TRY(measure(session, lard, collection, progress));
    progress.clear();
    const QueryScores mean = mean_of(measured.scores);
    report.collection = fs::absolute(collection.folder).lexically_normal().filename().string();
    if (report.collection.empty())
        report.collection = fs::absolute(collection.folder).lexically_normal().parent_path().filename().string();
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
