// lar eval memory: conversations with questions and the turns that answer them (LoCoMo).
//
// Every turn is a document of its conversation's source, with who said it when as its title. A question searches its
// own conversation and is then asked of it without a model; what is scored is where the answer was found, not how it
// is worded. Adversarial questions ask one speaker for what the other one said: right is to refuse, or to show the
// turn that says so, under the name of who said it.
#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"
#include "conversations.h"
#include "eval.h"
#include "eval_store.h"
#include "metrics.h"
#include "progress.h"
#include "wire/api.h"
#include "wire/eval.h"

namespace lar::cli {
namespace {

constexpr std::uint32_t turns_ranked = 50;
constexpr std::string_view adversarial = "adversarial";

// What came of one question.
struct Tried {
    std::string category;
    double recall_5 = 0, recall_10 = 0, recall_20 = 0, recall_50 = 0;
    bool answered = false;
    bool cited = false;      // an evidence turn, anywhere in the answer
    bool corrected = false;  // by an evidence turn first, of a speaker that the question does not name
};

struct Measured {
    std::vector<Tried> tried;
    std::vector<double> search_ms, ask_ms;
    std::string run;  // TREC-like lines of what was found
};

std::string source_of(std::size_t conversation) { return lar::format("conversation-{}", conversation + 1); }

wire::ApiPushedDocument document_of(const RecordedTurn& turn) {
    wire::ApiPushedDocument document{turn.id, turn.speaker, turn.text, turn.time};
    if (!turn.said.empty()) document.title += ", " + turn.said;
    if (!turn.caption.empty())
        document.text += lar::format("{}[shares {}]", turn.text.empty() ? "" : "\n", turn.caption);
    return document;
}

// Only the first `limit` questions that name evidence; returns how many do not.
std::uint64_t keep_questions(std::vector<RecordedConversation>& conversations, std::size_t limit) {
    std::uint64_t without = 0;
    std::size_t kept = 0;
    for (RecordedConversation& conversation : conversations) {
        without += std::erase_if(conversation.questions, [](const auto& one) { return one.evidence.empty(); });
        conversation.questions.resize(std::min(conversation.questions.size(), limit - kept));
        kept += conversation.questions.size();
    }
    return without;
}

Outcome<std::uint64_t> push_turns(Session& session, EvalStore& store,
                                  const std::vector<RecordedConversation>& conversations, Progress& progress) {
    std::uint64_t turns = 0;
    for (std::size_t i = 0; i < conversations.size(); ++i) {
        TRY_VOID(store.add_pushed(source_of(i)));
        Pusher pusher(session, store.lard(), source_of(i), progress);
        const auto push = [&]() -> Result<> {
            for (const RecordedTurn& turn : conversations[i].turns) TRY_VOID(pusher.put(document_of(turn)));
            return pusher.finish();
        };
        TRY_VOID(pusher.outcome(push()));
        turns += pusher.documents();
    }
    return turns;
}

// The turns found, best first.
Outcome<std::vector<wire::ApiHit>> search(Connection& lard, const std::string& source, const std::string& text) {
    wire::ApiSearchRequest request;
    request.query = text;
    request.in = {source};
    request.limit = turns_ranked;
    request.by_document = true;
    return TRY(call<wire::ApiSearchResponse>(lard, "POST", "/lar/v1/search", wire::to_json(request))).hits;
}

Outcome<wire::ApiAnswer> ask(Connection& lard, const std::string& source, const std::string& text) {
    wire::ApiAskRequest request;
    request.question = text;
    request.in = {source};
    request.stream = false;
    request.no_model = true;
    return call<wire::ApiAnswer>(lard, "POST", "/lar/v1/ask", wire::to_json(request));
}

void score_recall(Tried& tried, const std::vector<wire::ApiHit>& hits, const std::vector<std::string>& evidence) {
    for (std::size_t rank = 0; rank < hits.size(); ++rank) {
        if (!std::ranges::contains(evidence, hits[rank].place.path)) continue;
        for (auto [depth, recall] : {std::pair{5U, &tried.recall_5}, std::pair{10U, &tried.recall_10},
                                     std::pair{20U, &tried.recall_20}, std::pair{50U, &tried.recall_50}})
            if (rank < depth) *recall += 1 / static_cast<double>(evidence.size());
    }
}

void score_answer(Tried& tried, const wire::ApiAnswer& answer, const MemoryQuestion& question,
                  const std::map<std::string, std::string, std::less<>>& speakers) {
    tried.answered = answer.outcome != "not_found";
    for (const wire::ApiCitation& citation : answer.citations) {
        if (!std::ranges::contains(question.evidence, citation.place.path)) continue;
        tried.cited = true;
        const auto speaker = speakers.find(citation.place.path);
        if (citation.number == 1 && speaker != speakers.end())
            tried.corrected = !question.text.contains(speaker->second);
    }
}

Outcome<Measured> measure(Session& session, Connection& lard, const std::vector<RecordedConversation>& conversations,
                          std::size_t questions, Progress& progress) {
    Measured measured;
    const auto timed = [&](std::vector<double>& times, auto&& work) {
        const std::int64_t begin_us = session.clock.monotonic_us();
        auto outcome = work();
        times.push_back(static_cast<double>(session.clock.monotonic_us() - begin_us) / 1000);
        return outcome;
    };
    for (std::size_t i = 0; i < conversations.size(); ++i) {
        const std::string source = source_of(i);
        std::map<std::string, std::string, std::less<>> speakers;
        for (const RecordedTurn& turn : conversations[i].turns) speakers.emplace(turn.id, turn.speaker);
        for (const MemoryQuestion& question : conversations[i].questions) {
            if (session.cancelled) return failed(Code::unavailable, "interrupted");
            const std::string text(utf8_prefix(question.text, wire::limit_question_bytes));
            const auto hits = TRY(timed(measured.search_ms, [&] { return search(lard, source, text); }));
            const auto answer = TRY(timed(measured.ask_ms, [&] { return ask(lard, source, text); }));
            Tried tried{.category = question.category};
            score_recall(tried, hits, question.evidence);
            score_answer(tried, answer, question, speakers);
            for (const wire::ApiHit& hit : hits)
                measured.run += lar::format("{}\t{}\t{}\t{:.6f}\n", question.id, hit.place.path, hit.rank, hit.score);
            measured.tried.push_back(std::move(tried));
            progress.show("asking", measured.tried.size(), questions, "questions");
        }
    }
    return measured;
}

// Means over the questions that `counts` takes.
template <class Counts>
wire::MemoryScores scores_of(const std::vector<Tried>& all, std::string category, Counts&& counts) {
    wire::MemoryScores scores{.category = std::move(category)};
    for (const Tried& tried : all) {
        if (!counts(tried)) continue;
        ++scores.questions;
        scores.recall_5 += tried.recall_5;
        scores.recall_10 += tried.recall_10;
        scores.recall_20 += tried.recall_20;
        scores.recall_50 += tried.recall_50;
        scores.answered += tried.answered ? 1 : 0;
        scores.cited += tried.cited ? 1 : 0;
    }
    if (scores.questions == 0) return scores;
    for (double* sum :
         {&scores.recall_5, &scores.recall_10, &scores.recall_20, &scores.recall_50, &scores.answered, &scores.cited})
        *sum /= static_cast<double>(scores.questions);
    return scores;
}

wire::MemoryAdversarial adversarial_of(const std::vector<Tried>& all) {
    wire::MemoryAdversarial report;
    for (const Tried& tried : all) {
        if (tried.category != adversarial) continue;
        ++report.questions;
        double& outcome = !tried.answered ? report.refused : tried.corrected ? report.corrected : report.misled;
        outcome += 1;
    }
    for (double* sum : {&report.refused, &report.corrected, &report.misled})
        *sum /= static_cast<double>(std::max<std::uint64_t>(report.questions, 1));
    return report;
}

void fill(wire::MemoryReport& report, const Measured& measured) {
    const std::vector<Tried>& all = measured.tried;
    report.questions = all.size();
    report.scores.push_back(scores_of(all, "all", [](const Tried&) { return true; }));
    report.scores.push_back(scores_of(all, "answerable", [](const Tried& one) { return one.category != adversarial; }));
    std::vector<std::string> categories;
    for (const Tried& tried : all)
        if (!std::ranges::contains(categories, tried.category)) categories.push_back(tried.category);
    std::ranges::sort(categories);
    for (const std::string& category : categories)
        report.scores.push_back(scores_of(all, category, [&](const Tried& one) { return one.category == category; }));
    report.adversarial = adversarial_of(all);
    report.search_p50_ms = percentile(measured.search_ms, 0.50);
    report.search_p95_ms = percentile(measured.search_ms, 0.95);
    report.ask_p50_ms = percentile(measured.ask_ms, 0.50);
    report.ask_p95_ms = percentile(measured.ask_ms, 0.95);
}

void print_report(Output& out, const wire::MemoryReport& report) {
    out.line(lar::format("{}: {}, {}, {}", out.styled(Style::strong, printable(report.set)),
                         counted(report.conversations, "conversation", "conversations"),
                         counted(report.turns, "turn", "turns"), counted(report.questions, "question", "questions")));
    using enum Table::Align;
    Table table({{"category", left},
                 {"questions", right},
                 {"R@5", right},
                 {"R@10", right},
                 {"R@20", right},
                 {"R@50", right},
                 {"answered", right},
                 {"cited", right}});
    const auto share = [](double value) { return lar::format("{:.3f}", value); };
    for (const wire::MemoryScores& one : report.scores)
        table.row({printable(one.category), count_text(one.questions), share(one.recall_5), share(one.recall_10),
                   share(one.recall_20), share(one.recall_50), share(one.answered), share(one.cited)});
    out.print(table.text(out));
    if (const wire::MemoryAdversarial& one = report.adversarial; one.questions > 0)
        out.line(lar::format("adversarial: {:.3f} refused, {:.3f} corrected, {:.3f} misled", one.refused, one.corrected,
                             one.misled));
    if (report.without_evidence > 0)
        out.line(lar::format("left out: {} without a turn as evidence",
                             counted(report.without_evidence, "question", "questions")));
    out.line(lar::format("search p50 {}, p95 {}; ask p50 {}, p95 {}; indexed in {}",
                         milliseconds_text(report.search_p50_ms), milliseconds_text(report.search_p95_ms),
                         milliseconds_text(report.ask_p50_ms), milliseconds_text(report.ask_p95_ms),
                         duration_text(report.push_seconds)));
}

}  // namespace

Outcome<Exit> run_eval_memory(Session& session) {
    const std::filesystem::path place = session.arguments.positionals[1];
    const auto limit = TRY(session.arguments.number("--limit", 1'000'000'000, 1'000'000'000));
    std::vector<RecordedConversation> conversations = TRY(read_conversations(place));
    wire::MemoryReport report{.set = place_name(place), .conversations = conversations.size()};
    report.without_evidence = keep_questions(conversations, limit);
    std::size_t questions = 0;
    for (const RecordedConversation& conversation : conversations) questions += conversation.questions.size();
    if (questions == 0) return failed(Code::not_found, "no question of these conversations names a turn as evidence");

    Progress progress(session.err);
    EvalStore store = TRY(EvalStore::open(session));
    const std::int64_t begin_us = session.clock.monotonic_us();
    report.turns = TRY(push_turns(session, store, conversations, progress));
    report.push_seconds = static_cast<double>(session.clock.monotonic_us() - begin_us) / 1e6;
    TRY_VOID(store.settle(session));
    const Measured measured = TRY(measure(session, store.lard(), conversations, questions, progress));
    progress.clear();
    fill(report, measured);
    if (const auto file = session.arguments.value("--run")) TRY_VOID(write_file_atomically(*file, measured.run));
    if (session.json())
        session.out.line(wire::to_json(report));
    else
        print_report(session.out, report);
    return Exit::ok;
}

}  // namespace lar::cli
