// What `lar eval` reports with --json, one struct a subject: figures that others can repeat.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

}  // namespace lar::wire
