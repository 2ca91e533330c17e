// What `lar` reads from and writes to plain files: collections for measuring retrieval, the report about
// one, and an export. One JSON value a line, except manifest.json and the report.
//
// Collections are in the layout of BEIR (corpus.jsonl, queries.jsonl), which others write: keys that are
// not named here are skipped. An export is ours, and strict.
#pragma once

#include <cstdint>
#include <string>

namespace lar::wire {

struct BeirDocument {
    std::string id;  // "_id"
    std::string title;
    std::string text;
};
struct BeirQuery {
    std::string id;  // "_id"
    std::string text;
};

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

// manifest.json of an export. Beside it: sources.jsonl (ApiSource), answers.jsonl (ApiStored), chats.jsonl (ApiChatLog,
// from format 2 on) and for each pushed source documents/NAME.jsonl (ApiPushedDocument).
struct ExportManifest {
    std::uint32_t format = 1;
    std::string version;   // of the lar that wrote it
    std::string exported;  // RFC 3339
    std::uint64_t sources = 0, documents = 0, answers = 0, chats = 0;
};

}  // namespace lar::wire
