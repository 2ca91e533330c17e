// What `lar eval` reports with --json, one struct a subject: figures that others can repeat.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/api.h"

namespace lar::wire {

// Means over the queries that have a relevant document; keys in JSON are "ndcg@10", "recall@5", …
struct RetrievalReport {
    double ndcg_10 = 0;
    double recall_5 = 0, recall_10 = 0, recall_50 = 0, recall_100 = 0;
    double mrr = 0;
    double map = 0;
    double latency_p50_ms = 0, latency_p95_ms = 0;
    std::uint64_t queries = 0, documents = 0;
    double push_seconds = 0;  // from the first document sent to the last one searchable
    std::string collection;
};

// Of one category of questions about conversations, or of several together.
struct MemoryScores {
    std::string category;  // "all": every question; "answerable": all but the adversarial ones
    std::uint64_t questions = 0;
    double recall_5 = 0, recall_10 = 0, recall_20 = 0, recall_50 = 0;  // of the evidence turns, by search
    double answered = 0;                                               // share of questions that `ask` did not refuse
    double cited = 0;                                                  // share whose answer cites an evidence turn
};
// Adversarial questions ask one speaker for what another one said.
struct MemoryAdversarial {
    std::uint64_t questions = 0;
    double refused = 0;    // "not found"
    double corrected = 0;  // the first citation is evidence, and names a speaker that the question does not name
    double misled = 0;     // anything else
};
struct MemoryReport {
    std::string set;
    std::uint64_t conversations = 0, turns = 0;
    std::uint64_t questions = 0;
    std::uint64_t without_evidence = 0;  // left out: they name no turn of their conversation
    std::vector<MemoryScores> scores;
    MemoryAdversarial adversarial;
    double search_p50_ms = 0, search_p95_ms = 0;
    double ask_p50_ms = 0, ask_p95_ms = 0;
    double push_seconds = 0;
};

// Of questions about a tree with known places.
struct QaScores {
    std::string category;  // "all", or the set's own
    std::uint64_t answerable = 0, unanswerable = 0;
    double cited_1 = 0, cited_3 = 0;          // share with a right place among the answer's first citations
    double hit_1 = 0, hit_3 = 0, hit_10 = 0;  // and among the first passages that search finds
    double refused = 0;                       // of the unanswerable: "not found"
    double wrongly_refused = 0;               // of the answerable
};
struct QaReport {
    std::string set, tree;
    std::uint64_t documents = 0, passages = 0, questions = 0;
    std::uint64_t anchors_gone = 0;  // places that the tree no longer has
    std::vector<QaScores> scores;
    double ask_p50_ms = 0, ask_p95_ms = 0, ask_max_ms = 0;
    double sync_seconds = 0;
};
// A line of what `lar eval qa --run` writes: one question and what came of it.
struct QaTried {
    std::string id, category;
    bool answerable = true;
    std::uint32_t cited_rank = 0;  // of the first right citation; 0: none
    std::uint32_t hit_rank = 0;    // of the first right passage found; 0: none of them
    ApiAnswer answer;
};

// Of a store filled with text that has no sense.
struct LatencyFigures {
    std::uint64_t queries = 0;
    double p50_ms = 0, p95_ms = 0, p99_ms = 0, max_ms = 0;
};
struct LatencyReport {
    std::uint64_t passages = 0;
    std::uint32_t words = 0;  // of a passage
    std::uint64_t text_bytes = 0;
    double push_seconds = 0, push_mb_per_second = 0;
    std::uint64_t database_bytes = 0;  // lar.db with all that belongs to it
    std::uint64_t index_bytes = 0;     // derived files beside it
    double stored_per_text = 0;        // both, per byte of text: the text itself is in it
    LatencyFigures search;
    std::optional<LatencyFigures> search_while_ingesting;
    double ingesting_mb_per_second = 0;  // meanwhile
    std::uint32_t idle_seconds = 0;      // waited before what follows
    std::uint64_t idle_pss_bytes = 0;    // of lard; 0: the kernel did not say
    double first_after_idle_ms = 0;
};

}  // namespace lar::wire
