// What `lar` reads from and writes to plain files: collections for measuring retrieval, and an export. One
// JSON value a line, except manifest.json.
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

// manifest.json of an export. Beside it: sources.jsonl (ApiSource), answers.jsonl (ApiStored), chats.jsonl (ApiChatLog,
// from format 2 on), handoffs.jsonl (ApiHandoff, from format 3 on; for reading, an import leaves it) and for each
// pushed source documents/NAME.jsonl (ApiPushedDocument).
struct ExportManifest {
    std::uint32_t format = 1;
    std::string version;   // of the lar that wrote it
    std::string exported;  // RFC 3339
    std::uint64_t sources = 0, documents = 0, answers = 0, chats = 0, handoffs = 0;
};

}  // namespace lar::wire
