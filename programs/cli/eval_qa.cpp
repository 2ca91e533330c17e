// lar eval qa: questions about a tree with the places that answer them.
//
// The tree is indexed by a daemon of its own, with its history where it has one. Each question is asked without a
// model, and searched for: the first citations show what a person is given, the passages found what a better answer
// could have been made of.
#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"
#include "eval.h"
#include "eval_store.h"
#include "gold.h"
#include "jobs.h"
#include "metrics.h"
#include "progress.h"
#include "wire/api.h"
#include "wire/eval.h"

namespace lar::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t search_depth = 10;
constexpr std::string_view source_name = "eval";

Outcome<fs::path> tree_of(const Session& session) {
    const auto named = session.arguments.value("--in");
    if (!named)
        return wrong_usage("lar eval qa needs the tree that the questions are about", "name it with --in FOLDER");
    std::error_code error;
    const fs::path tree = fs::canonical(*named, error);
    if (error || !fs::is_directory(tree, error))
        return failed(Code::not_found, lar::format("{} is not a folder", printable(*named)),
                      "`lar eval qa` indexes a folder in a store of its own");
    return tree;
}

// The tree as a source, wholly read.
Outcome<wire::ApiSource> index_tree(Session& session, Connection& lard, const fs::path& tree) {
    const wire::ApiAddSource add{tree.string(), std::string(source_name)};
    TRY_VOID(call<wire::ApiSource>(lard, "POST", "/lar/v1/sources", wire::to_json(add)));
    const auto job = TRY(wait_for_job(session, lard, TRY(latest_job(lard, source_name))));
    if (job.state != "done") return failed(Code::unavailable, lar::format("the tree was not indexed: {}", job.error));
    auto sources = TRY(call<wire::ApiSources>(lard, "GET", "/lar/v1/sources"));
    if (sources.sources.size() != 1) return failed(Code::internal, "a store of its own has more sources than one");
    return std::move(sources.sources.front());
}

template <class Places>
std::uint32_t rank_of_right(const GoldQuestion& question, const Places& places) {
    for (std::size_t i = 0; i < places.size(); ++i)
        if (is_right(question, places[i].place)) return static_cast<std::uint32_t>(i + 1);
    return 0;
}

Outcome<wire::QaTried> try_question(Connection& lard, const GoldQuestion& question) {
    wire::ApiAskRequest asked{.question = question.text};
    asked.stream = false;
    asked.no_model = true;
    wire::ApiSearchRequest searched{.query = question.text};
    searched.limit = search_depth;
    wire::QaTried tried{.id = question.id, .category = question.category, .answerable = !question.places.empty()};
    tried.answer = TRY(call<wire::ApiAnswer>(lard, "POST", "/lar/v1/ask", wire::to_json(asked)));
    tried.cited_rank = rank_of_right(question, tried.answer.citations);
    const auto found = TRY(call<wire::ApiSearchResponse>(lard, "POST", "/lar/v1/search", wire::to_json(searched)));
    tried.hit_rank = rank_of_right(question, found.hits);
    return tried;
}

double share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

template <class Counts>
wire::QaScores scores_of(const std::vector<wire::QaTried>& all, std::string category, Counts&& counts) {
    std::uint64_t cited_1 = 0, cited_3 = 0, hit_1 = 0, hit_3 = 0, hit_10 = 0, refused = 0, wrongly = 0;
    wire::QaScores scores{.category = std::move(category)};
    const auto within = [](std::uint32_t rank, std::uint32_t depth) { return rank > 0 && rank <= depth ? 1U : 0U; };
    for (const wire::QaTried& tried : all) {
        if (!counts(tried)) continue;
        const std::uint64_t not_found = tried.answer.outcome == "not_found" ? 1 : 0;
        if (!tried.answerable) {
            ++scores.unanswerable;
            refused += not_found;
            continue;
        }
        ++scores.answerable;
        wrongly += not_found;
        cited_1 += within(tried.cited_rank, 1);
        cited_3 += within(tried.cited_rank, 3);
        hit_1 += within(tried.hit_rank, 1);
        hit_3 += within(tried.hit_rank, 3);
        hit_10 += within(tried.hit_rank, 10);
    }
    scores.cited_1 = share(cited_1, scores.answerable);
    scores.cited_3 = share(cited_3, scores.answerable);
    scores.hit_1 = share(hit_1, scores.answerable);
    scores.hit_3 = share(hit_3, scores.answerable);
    scores.hit_10 = share(hit_10, scores.answerable);
    scores.refused = share(refused, scores.unanswerable);
    scores.wrongly_refused = share(wrongly, scores.answerable);
    return scores;
}

void fill(wire::QaReport& report, const std::vector<wire::QaTried>& all, const std::vector<double>& ask_ms) {
    report.questions = all.size();
    report.scores.push_back(scores_of(all, "all", [](const auto&) { return true; }));
    std::vector<std::string> categories;
    for (const wire::QaTried& tried : all)
        if (!tried.category.empty() && !std::ranges::contains(categories, tried.category))
            categories.push_back(tried.category);
    std::ranges::sort(categories);
    for (const std::string& category : categories)
        report.scores.push_back(scores_of(all, category, [&](const auto& one) { return one.category == category; }));
    report.ask_p50_ms = percentile(ask_ms, 0.50);
    report.ask_p95_ms = percentile(ask_ms, 0.95);
    report.ask_max_ms = percentile(ask_ms, 1);
}

void print_report(Output& out, const wire::QaReport& report) {
    out.line(lar::format("{}: {} about {} ({}, {}, indexed in {})", out.styled(Style::strong, printable(report.set)),
                         counted(report.questions, "question", "questions"), printable(report.tree),
                         counted(report.documents, "document", "documents"),
                         counted(report.passages, "passage", "passages"), duration_text(report.sync_seconds)));
    using enum Table::Align;
    Table table({{"category", left},
                 {"answerable", right},
                 {"cited@1", right},
                 {"cited@3", right},
                 {"hit@1", right},
                 {"hit@3", right},
                 {"hit@10", right},
                 {"refused", right},
                 {"unanswerable", right},
                 {"rightly refused", right}});
    const auto text = [](double value, std::uint64_t of) {
        return of == 0 ? std::string("-") : lar::format("{:.3f}", value);
    };
    for (const wire::QaScores& one : report.scores)
        table.row({printable(one.category), count_text(one.answerable), text(one.cited_1, one.answerable),
                   text(one.cited_3, one.answerable), text(one.hit_1, one.answerable), text(one.hit_3, one.answerable),
                   text(one.hit_10, one.answerable), text(one.wrongly_refused, one.answerable),
                   count_text(one.unanswerable), text(one.refused, one.unanswerable)});
    out.print(table.text(out));
    if (report.anchors_gone > 0)
        out.line(lar::format("{} no longer in the tree", counted(report.anchors_gone, "place is", "places are")));
    out.line(lar::format("ask p50 {}, p95 {}, slowest {}", milliseconds_text(report.ask_p50_ms),
                         milliseconds_text(report.ask_p95_ms), milliseconds_text(report.ask_max_ms)));
}

}  // namespace

Outcome<Exit> run_eval_qa(Session& session) {
    const fs::path file = session.arguments.positionals[1];
    const fs::path tree = TRY(tree_of(session));
    const auto limit = TRY(session.arguments.number("--limit", 1'000'000'000, 1'000'000'000));
    std::vector<GoldQuestion> questions = TRY(read_gold_questions(file));
    if (questions.size() > limit) questions.resize(limit);
    if (questions.empty())
        return failed(Code::not_found, lar::format("{} holds no question", printable(file.string())));
    wire::QaReport report{.set = place_name(file), .tree = tree.string()};
    report.anchors_gone = TRY(find_anchors(questions, tree));

    EvalStore store = TRY(EvalStore::open(session));
    const std::int64_t begin_us = session.clock.monotonic_us();
    const wire::ApiSource source = TRY(index_tree(session, store.lard(), tree));
    report.sync_seconds = static_cast<double>(session.clock.monotonic_us() - begin_us) / 1e6;
    report.documents = source.documents;
    report.passages = source.passages;
    TRY_VOID(store.settle(session));
    Progress progress(session.err);
    std::vector<wire::QaTried> all;
    std::vector<double> ask_ms;
    std::string run;
    for (const GoldQuestion& question : questions) {
        if (session.cancelled) return failed(Code::unavailable, "interrupted");
        wire::QaTried tried = TRY(try_question(store.lard(), question));
        ask_ms.push_back(tried.answer.receipt.milliseconds);
        run += wire::to_json(tried) + "\n";
        all.push_back(std::move(tried));
        progress.show("asking", all.size(), questions.size(), "questions");
    }
    progress.clear();
    fill(report, all, ask_ms);
    if (const auto out = session.arguments.value("--run")) TRY_VOID(write_file_atomically(*out, run));
    if (session.json())
        session.out.line(wire::to_json(report));
    else
        print_report(session.out, report);
    return Exit::ok;
}

}  // namespace lar::cli
