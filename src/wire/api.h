// /lar/v1: what lard and its clients (lar, the page, editors) say to each other over HTTP.
//
// Times are RFC 3339 strings, ids strings, counts numbers. A field with a default may be left out of
// a request. Every error of this family is an ApiError with the matching status. docs/api.md lists
// the endpoints; api/lar_routes.cpp is the table that serves them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lar::wire {

inline constexpr std::size_t limit_question_bytes = 8 * 1024;
inline constexpr std::uint32_t limit_results = 1000;
inline constexpr std::size_t limit_pushed_documents = 1000;  // in one request

struct ErrorBody {
    std::string code;     // a name of lar::Code
    std::string message;  // one sentence: what is wrong
    std::string hint;     // one sentence: what to do; may be empty
};
struct ApiError {
    ErrorBody error;
};

// Where a passage stands. For a commit, `commit` is set and `path` is the file its hunk touches
// (empty: the message itself); for the uncommitted diff `commit` is empty and `kind` says so.
struct ApiPlace {
    std::string source;                           // the source's name
    std::string kind;                             // file, commit, working_tree, stash, branch, pushed
    std::string path;                             // relative to the source
    std::string absolute_path;                    // the file on disk, when there is one
    std::uint32_t line_first = 0, line_last = 0;  // 1-based, inclusive; 0: no lines
    std::uint32_t page = 0;                       // 1-based; 0: no pages
    std::string commit;
    std::string author;  // of a commit or stash
    std::string time;
    std::string hash;  // of the passage's text
};

// ---- explanations: how an answer or a search came about, for those who ask for it ----
struct ApiTerm {
    std::string term;  // as the index has it
    std::string sort;  // word, identifier, part (of an identifier), spelling (and what a phrase means), synonym
    double weight = 1;
    double information = 0;      // weight by rarity; of spellings and synonyms none of their own
    std::uint64_t passages = 0;  // of all, that hold it
};
struct ApiScorePart {
    std::string name;
    double factor = 1;
};
struct ApiCandidate {
    ApiPlace place;
    std::string title;
    double score = 0;
    std::vector<ApiScorePart> parts;  // their product is the score
    double coverage = 0;              // 0..1: how much of the question's information the passage holds
    std::string outcome;              // "cited as [1]", "sent to the model as passage 3", or why it was not used
};
struct ApiExplanation {
    std::string intent;              // find, left_off, changes
    std::string searched;            // the question without its hints, which the receipt has
    std::vector<std::string> wants;  // reasons, a place, instructions, what is new
    std::vector<ApiTerm> terms;
    double answerable = 0;                 // 0..1: does what was found answer the question at all?
    double least_answerable = 0;           // below it a question is refused
    std::vector<ApiCandidate> candidates;  // best first; how many others there were is in the receipt
};

// ---- search ----
struct ApiSearchRequest {
    std::string query;
    std::vector<std::string> in;       // source names; empty: all
    std::optional<std::string> since;  // RFC 3339, a date, or a duration such as 2h
    std::optional<std::string> until;
    std::vector<std::string> kinds;  // as in ApiPlace; empty: all
    std::uint32_t limit = 10;        // at most limit_results
    bool by_document = false;        // at most one passage of each document
    bool words_only = false;         // the query is words: no time or source is read out of it
    bool explain = false;
};
struct ApiHit {
    std::uint32_t rank = 0;
    double score = 0;
    ApiPlace place;
    std::string title;
    std::string context;  // heading, symbol or subject line above the passage
    std::string text;
    std::string document;        // id
    std::vector<ApiPlace> also;  // where the same text stands besides
};

struct LeftOut {
    std::string reason;
    std::uint64_t count = 0;
};
// What a model had to do with an answer.
struct ApiModelUse {
    std::string name;
    std::uint32_t window_tokens = 0;
    std::uint32_t prompt_tokens = 0;  // sent; of these, those it still had and those that were dropped
    std::uint32_t reused_tokens = 0, dropped_tokens = 0;
    std::uint32_t generated_tokens = 0;
    double first_text_milliseconds = 0;  // from the question to the first text
    std::string finish;                  // end, stop, length, window, stopped
    std::uint32_t compared_tokens = 0;   // of a second answer, written only to see whether it says the same
    std::uint32_t passages_sent = 0;
    std::vector<std::string> sources;  // whose passages those are
};
// What is said with every answer: where it was computed and from what.
struct ApiReceipt {
    std::string computed;              // "on this machine, without a model", "on this machine, by llama3.2:latest"
    std::optional<ApiModelUse> model;  // none: without one
    std::string no_model;              // why there was none, when one was to be had; may be empty
    std::vector<std::string> remarks;  // what was done to what the model wrote, a sentence each
    std::string air_gap;               // which layers hold: "seccomp, landlock 7"
    std::vector<std::string> sources;  // names searched
    std::optional<std::string> since;  // the window applied, if any
    std::optional<std::string> until;
    std::vector<std::string> hints;       // what was understood from the question: "yesterday", "in project"
    std::vector<std::string> terms;       // what was searched for
    std::uint64_t passages_searched = 0;  // in scope
    std::uint32_t passages_considered = 0;
    std::uint32_t passages_used = 0;
    std::vector<LeftOut> left_out;
    double milliseconds = 0;
    std::uint64_t bytes_out = 0;  // sent off this machine
};
struct ApiSearchResponse {
    std::vector<ApiHit> hits;
    ApiReceipt receipt;
    std::optional<ApiExplanation> explanation;
};

// ---- ask ----
struct ApiAskRequest {
    std::string question;
    std::vector<std::string> in;
    std::optional<std::string> since;
    std::optional<std::string> until;
    std::uint32_t limit = 5;  // sources cited at most
    bool stream = true;       // server-sent events; false: one ApiAnswer
    std::string model;        // that is to write the answer; empty: the one that does by default, if any
    bool no_model = false;    // sentences of the sources, quoted
    bool explain = false;
    bool explain_route = false;  // with `route`, which may take a second answer
};
struct ApiCitation {
    std::uint32_t number = 0;  // as in the text: [1]
    ApiPlace place;
    std::string title;
    std::string quote;                      // the cited text, as it stood
    std::string state;                      // unchanged, changed, missing: checked when the answer was made
    std::vector<ApiPlace> also;             // where the same text stands besides
    std::vector<std::uint32_t> lines = {};  // of the file, where the sentences that cite it begin; known once all are
};
struct ApiSentence {
    std::string text;
    std::vector<std::uint32_t> citations;  // empty: no source supports it
    std::string support;  // quoted, supported, unsupported, unchecked (there were no sources to check against)
    std::string space;    // of what a model wrote: what stands before it, "", " ", a line's end or two
};
// What came closest to a question that nothing answers: for whoever wants to look, and no part of an answer.
struct ApiNearest {
    std::string text;  // of the source, its sentence that has most to do with the question
    ApiCitation citation;
};
// Where the question should be answered: everything that was looked at, also what spoke for nothing.
struct ApiRouteReason {
    std::string what;   // task, model, window, entropy, disagreement
    std::string value;  // "9000 tokens wanted"
    std::string limit;  // "4096 tokens"; empty: it has none
    bool proposes = false;
};
struct ApiRoute {
    std::string decision;  // here; propose: ask the user about handing it to `provider`
    std::string provider;
    std::string task;
    std::vector<ApiRouteReason> reasons;  // in the order they were looked at
    std::string why;                      // one sentence
};
struct ApiAnswer {
    std::string id;
    std::string question;
    std::string outcome;  // answered, not_found, unsupported (a model wrote it and no source holds any of it)
    std::vector<ApiSentence> sentences;
    std::vector<ApiCitation> citations;
    ApiReceipt receipt;
    std::optional<ApiExplanation> explanation;  // not kept with the answer
    std::optional<ApiRoute> route;              // when it was asked for, or another model is proposed
    std::vector<ApiNearest> nearest;            // of one that was not found
};
// The stream of an answer: `sentence` and `citation` as they come, then `answer` (whole) or `error`.
struct AskSentence {
    ApiSentence sentence;
};
struct AskCitation {
    ApiCitation citation;
};
struct AskDone {
    ApiAnswer answer;
};
struct AskFailed {
    ErrorBody error;
};
using AskEvent = std::variant<AskSentence, AskCitation, AskDone, AskFailed>;

// ---- sources ----
struct ApiAddSource {
    std::string location;  // an absolute path, or pushed:NAME
    std::string name;      // empty: the last part of the path
};
struct ApiSource {
    std::string id;
    std::string name;
    std::string kind;  // files, pushed
    std::string location;
    std::string state;   // ready, syncing, paused
    std::string detail;  // why it is paused, or what it has: "git, branch main"
    std::uint64_t documents = 0, passages = 0, bytes = 0, commits = 0;
    std::vector<LeftOut> left_out;
    std::string last_sync;  // empty: never
    bool watched = false;
};
struct ApiSources {
    std::vector<ApiSource> sources;
};
// Why a path is or is not there.
struct ApiWhy {
    std::string path;
    bool included = false;
    std::string reason;  // "indexed", "ignored by .gitignore", "secret", "binary", …
    std::string detail;  // the rule and its place
    std::string source;
    std::uint32_t passages = 0;
};
struct ApiPushedDocument {
    std::string id;  // the caller's own; a second push of the same id replaces the first
    std::string title;
    std::string text;
    std::string time;  // may be empty
};
struct ApiPush {
    std::vector<ApiPushedDocument> documents;
};
struct ApiPushed {
    std::uint64_t documents = 0, passages = 0;
};
// The documents of a pushed source, page by page (GET sources/{name}/documents?after=&limit=), as they
// were pushed: for export. `after` of the next page is the last id of this one; an empty page is the end.
struct ApiDocuments {
    std::vector<ApiPushedDocument> documents;
};
// What of a source was left out, path by path (GET sources/{name}/left-out?limit=).
struct ApiLeftOutPath {
    std::string path;  // relative to the source; a folder stands for all below it
    std::string reason;
    std::string detail;
};
struct ApiLeftOutPaths {
    std::vector<ApiLeftOutPath> paths;
};
struct ApiForgotten {
    std::string name;
    std::uint64_t documents = 0, passages = 0;
    bool proved = false;             // asked to prove, and nothing was found
    std::vector<std::string> proof;  // what was looked at
};

// ---- jobs ----
struct ApiJob {
    std::string id;
    std::string kind;                   // sync, forget, export, import
    std::string source;                 // name
    std::string state;                  // queued, running, done, failed, cancelled
    std::string phase;                  // "files", "history", "working tree"
    std::uint64_t done = 0, total = 0;  // items of the phase; total 0: not known yet
    std::uint64_t bytes = 0;
    std::string unit;  // "files", "commits"
    std::string started, finished;
    std::string error;  // one sentence
    double seconds = 0;
};
struct ApiJobs {
    std::vector<ApiJob> jobs;
};

// ---- daemon ----
struct ApiProcess {
    std::string name;
    std::int32_t pid = 0;
    std::uint64_t rss_bytes = 0, pss_bytes = 0;  // pss 0: the kernel did not say
    std::vector<std::string> layers;             // "seccomp", "landlock 7"
};
// The vectors of passages, made in the background by a model of that kind.
struct ApiEmbedding {
    std::string state = "none";  // "none": no model for it, "off", "waiting", "working", "complete", "failed"
    std::string model;           // that makes them
    std::string serving;         // that answers meanwhile; empty: none, or the same
    std::uint64_t passages = 0, done = 0, bytes = 0;
    std::string detail;  // why it waits, failed or is none: a sentence
};
// The space of the collection's own terms, made in the background without a model.
struct ApiSpace {
    std::string state = "none";   // "none": too few passages, "waiting", "working", "ready", "failed"
    std::uint64_t looked_at = 0;  // how many passages there were when it was looked whether it is still of these
    std::uint64_t passages = 0, terms = 0, bytes = 0;  // of the one that is there
    std::string detail;                                // why it failed: a sentence
};
struct ApiStatus {
    std::string version, build;
    std::int32_t pid = 0;
    double uptime_seconds = 0;
    std::vector<std::string> listening;  // "unix:/…", "http://127.0.0.1:11434"
    std::vector<std::string> problems;   // one sentence each: a taken port, a full disk, a watch limit
    std::uint64_t sources = 0, documents = 0, passages = 0, database_bytes = 0;
    std::uint64_t jobs_running = 0, watches = 0;
    std::uint64_t passages_to_reindex = 0;  // stored, and not found until they are indexed again
    std::string data_directory, log_file;
    std::vector<ApiProcess> processes;
    ApiEmbedding embedding;
    ApiSpace space;
};
struct ApiCheck {
    std::string name;
    std::string outcome;  // ok, weaker, failed
    std::string detail;
};
struct ApiDoctor {
    std::vector<ApiCheck> checks;
};
struct ApiStored {  // an answer kept with its citations
    ApiAnswer answer;
    std::string time;
};
struct ApiAnswers {
    std::vector<ApiStored> answers;
};
struct ApiLogs {  // the newest lines of the daemon's log, oldest first
    std::vector<std::string> lines;
};
struct ApiOk {
    bool ok = true;
};

}  // namespace lar::wire
