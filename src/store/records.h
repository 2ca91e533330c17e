// What the store holds, as plain values: sources, documents, passages and where they stand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace lar::store {

template <class Tag>
struct Id {
    std::int64_t value = 0;
    auto operator<=>(const Id&) const = default;
};
using SourceId = Id<struct SourceTag>;
using DocumentId = Id<struct DocumentTag>;
using PassageId = Id<struct PassageTag>;
using JobId = Id<struct JobTag>;

enum class SourceKind : std::uint8_t { files, pushed };
enum class SourceState : std::uint8_t { ready, paused };  // paused: its root is not there (unmounted?)

struct Source {
    SourceId id;
    std::string uuid;
    std::string name;  // unique; what --in takes
    SourceKind kind = SourceKind::files;
    std::string location;  // absolute path, or the name for pushed
    SourceState state = SourceState::ready;
    std::string detail;
    Timestamp added;
    std::optional<Timestamp> last_sync;
    std::string sync_state;  // what the source's reader wants back next time (git: known tips); opaque here
};

enum class DocumentKind : std::uint8_t { file, commit, working_tree, stash, branch, pushed };

struct Document {
    DocumentId id;
    std::string uuid;
    SourceId source;
    DocumentKind kind = DocumentKind::file;
    std::string path;  // unique in (source, kind): relative path, commit id, caller's id
    std::string title;
    std::string author;  // of a commit or stash
    std::string branch;  // of a working tree or branch document
    std::string hash;    // of the whole content, hex
    std::int64_t size_bytes = 0;
    std::int64_t modified_ns = 0;  // as stat gave it; 0 where there is none
    std::uint64_t inode = 0;
    Timestamp time;  // file: mtime; commit: author time; pushed: as given
};

// What search matches, already made into terms by index/analysis.h and joined by single spaces.
struct IndexedText {
    std::string title;
    std::string path;
    std::string context;
    std::string body;
};

struct Passage {
    PassageId id;
    DocumentId document;
    std::uint32_t ordinal = 0;
    std::string path;                             // where it stands when that is not the document's path: a hunk's file
    std::uint32_t line_first = 0, line_last = 0;  // 1-based, inclusive; 0: none
    std::uint32_t page = 0;                       // 1-based, of a document that has pages; 0: none
    std::string context;                          // heading, enclosing symbol, subject line
    std::string text;
    std::string hash;  // of text, hex
};
struct NewPassage {
    Passage passage;  // id and document are given by the store
    IndexedText indexed;
};

// A passage with everything needed to show and cite it.
struct PlacedPassage {
    Passage passage;
    Document document;
    std::string source_name;
    std::string source_location;
};

// Why something in a source was not indexed. A folder stands for all below it.
struct LeftOut {
    std::string path;
    std::string reason;  // a short fixed phrase: "ignored", "secret", "binary", "too large", …
    std::string detail;
    std::string stamp;  // what its file was when that was found out; empty: it is found out anew each time
};

struct Counts {
    std::uint64_t documents = 0, passages = 0, bytes = 0, commits = 0;
};

enum class JobState : std::uint8_t { queued, running, done, failed, cancelled };
struct Job {
    JobId id;
    std::string uuid;
    std::string kind;  // "sync", …
    std::optional<SourceId> source;
    JobState state = JobState::queued;
    Timestamp created;
    std::optional<Timestamp> started, finished;
    std::string error;
};

// An answer as it was given, with the cited text, so that it can be shown and opened again.
struct KeptAnswer {
    std::string uuid;
    Timestamp time;
    std::string question;
    std::string json;  // wire::ApiAnswer
    // Names of the sources it quotes or was made from: forgetting one of them forgets the answer. None: not known, so
    // any.
    std::optional<std::vector<std::string>> sources;
};

// A conversation with a model, and what was said in it.
struct Chat {
    std::string uuid;
    std::string title;     // empty: how its first message begins
    std::string model;     // that answered last
    std::string settings;  // what the API wants back to go on; opaque here
    Timestamp created, updated;
    std::uint64_t messages = 0;
};
enum class MessageRole : std::uint8_t { user, assistant };
struct Message {
    std::string uuid;
    MessageRole role = MessageRole::user;
    Timestamp time;
    std::string text;
    std::string answer;        // uuid of the KeptAnswer that it is; empty: none
    std::uint32_t tokens = 0;  // that the model wrote
    bool forgotten = false;    // its text went with a source that it was made from
};
struct FoundMessage {
    Chat chat;
    Message message;
};

// A hand-off, proposed or over (consent/tickets.h); what it holds is opaque here.
struct KeptTicket {
    std::string uuid;
    std::int64_t proposed_us = 0;
    std::string state;                 // a word
    std::string json;                  // wire::KeptTicket
    std::vector<std::string> sources;  // names of those it was made from: forgetting one forgets the ticket
};

}  // namespace lar::store
