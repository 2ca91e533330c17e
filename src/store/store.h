// Lar's memory on disk: one SQLite database in WAL mode, and the only room that knows SQL.
//
// Store::open makes or migrates the database (forward only, after a backup beside it; a store newer
// than this program is refused in one sentence). Writes go through write(): one short transaction on
// the one writer connection, serialised by a lock, committed whole or not at all; what it committed
// survives kill -9 and a full disk. Reads take a Reader, one connection each, made per thread; a
// reader sees the last committed state and never waits for the writer. (In memory they take turns.)
//
// Passages are searched through segments of src/index beside the database (segments.h): derived from it, committed with
// it, made again when they are damaged. What that needs beyond a transaction is tend(), for a thread that has time.
//
// Everything the caller passes is bound, never pasted into SQL. A full disk is `unavailable` with a
// message that says so; the failed transaction is undone and the store stays usable.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "index/language.h"
#include "index/terms.h"
#include "store/ledger.h"
#include "store/records.h"

namespace lar::store {

inline constexpr std::size_t limit_query_terms = 64;     // of a question
inline constexpr std::size_t limit_search_terms = 1024;  // what it was expanded by included
inline constexpr std::size_t limit_hits = 1000;
inline constexpr std::size_t limit_chat_messages = 10'000;       // of one chat
inline constexpr std::size_t limit_message_bytes = 1024 * 1024;  // of one message's text

// One weighted term of a query, in the form that index/analysis.h gives.
struct QueryTerm {
    std::string term;
    double weight = 1;
    std::vector<std::string> forms = {};  // the same word in the other languages of the collection
};
struct FieldWeights {  // how often a term in that field counts, relative to the body
    double title = 1, path = 1, context = 1, body = 1;
};
// BM25 (Robertson and Zaragoza 2009) with idf = ln(1 + (N - n + 0.5)/(n + 0.5)), as Lucene has it.
struct Ranking {
    double k1 = 1.2, b = 0.75;
    FieldWeights weights;
};
struct Scope {
    std::vector<SourceId> sources;    // empty: all
    std::vector<DocumentKind> kinds;  // empty: all
    TimeWindow window;                // on Document::time
    std::string branch;               // commits on it, and other documents that name it; empty: any
};
// Ids from first to before end. An id never comes back for another passage.
struct PassageRange {
    std::int64_t first = 0, end = 0;
    bool operator==(const PassageRange&) const = default;
};
// Another one whenever passages came or went.
struct PassagesMark {
    std::int64_t next = 0, count = 0;
    bool operator==(const PassagesMark&) const = default;
};
struct Hit {
    PassageId passage;
    DocumentId document;
    double score = 0;
};

// Inside write(): the changes of one transaction. An error returned from the function rolls all of it back.
class Writer {
public:
    Result<SourceId> add_source(const Source& source);  // conflict: the name or location is taken
    Result<> update_source(const Source& source);       // state, detail, last_sync, sync_state, name
    // Removes the source with all its documents, passages, index entries, left-outs and jobs.
    Result<Counts> remove_source(SourceId source);

    // Adds the document, or replaces the one of the same (source, kind, path), keeping its id and uuid.
    Result<DocumentId> put_document(const Document& document, std::span<const NewPassage> passages);
    // New stat facts of a document whose content did not change.
    Result<> touch_document(DocumentId document, std::int64_t modified_ns, std::uint64_t inode, Timestamp time);
    // A rename: same content, same identity, new place. `reindexed` replaces the index entries (the path is searched
    // too).
    Result<> move_document(DocumentId document, const Document& moved, std::span<const NewPassage> reindexed);
    Result<> remove_document(DocumentId document);

    // Replaces what is recorded as left out at or below `below` ("" is the whole source).
    Result<> put_left_out(SourceId source, std::string_view below, std::span<const LeftOut> left_out);
    // Which branches hold which commits, replaced whole: branch → its commits are found through this.
    Result<> put_branch_commits(SourceId source, const std::string& branch, std::span<const std::string> commits);
    Result<> remove_branches_except(SourceId source, std::span<const std::string> keep);

    Result<JobId> add_job(const Job& job);
    Result<> update_job(const Job& job);
    // The newest 1,000 are kept, and those that belong to chats.
    Result<> keep_answer(const KeptAnswer& answer);

    Result<> add_chat(const Chat& chat);
    // Also the chat's time and, of an answer, its model. `terms`: what search is to find it by. An answer that it is
    // must be kept already; it counts as made from all that the chat's answers before it were made from. too_large when
    // the chat is full.
    Result<> add_message(std::string_view chat, const Message& message, std::string_view terms, std::string_view model);
    // With its messages and their answers; not_found.
    Result<> remove_chat(std::string_view chat);

    // tickets.cpp. A ticket is read and changed in one transaction, so that nobody changes it in between.
    Result<> add_ticket(const KeptTicket& ticket);
    Result<std::optional<KeptTicket>> ticket(std::string_view uuid);                               // without sources
    Result<std::vector<KeptTicket>> tickets_in_state(std::string_view state);                      // oldest first
    Result<> change_ticket(std::string_view uuid, std::string_view state, std::string_view json);  // not_found
    Result<> remove_ticket(std::string_view uuid);                                                 // not_found
    // Of those in that state: the ones proposed before, and the oldest when there are too many.
    Result<> remove_old_tickets(std::string_view state, std::int64_t before_us, std::size_t keep);

    // ledger.cpp; `content` is one line. Where the ledger ends now.
    Result<LedgerHead> append_ledger(std::int64_t time_us, std::string_view kind, std::string_view content);

    class Impl;
    explicit Writer(Impl& impl) : impl_(impl) {}

private:
    Impl& impl_;
};

// One connection for reading. Not to be shared between threads at the same time.
class Reader {
public:
    Reader(Reader&&) noexcept;
    Reader& operator=(Reader&&) noexcept;
    ~Reader();

    Result<std::vector<Source>> sources();
    Result<std::optional<Source>> source_named(std::string_view name);
    Result<Counts> counts(std::optional<SourceId> source);
    Result<std::vector<std::pair<std::string, std::uint64_t>>> left_out_counts(SourceId source);
    Result<std::vector<LeftOut>> left_out(SourceId source, std::size_t limit);
    // At or below a path, which is not empty.
    Result<std::vector<LeftOut>> left_out_below(SourceId source, std::string_view path, std::size_t limit);

    Result<std::optional<Document>> document_at(SourceId source, DocumentKind kind, std::string_view path);
    // Documents of a source and kind in path order, in pages: start after `after`, at most `limit`.
    Result<std::vector<Document>> documents(SourceId source, DocumentKind kind, std::string_view after,
                                            std::size_t limit);
    Result<std::vector<Document>> files_with_hash(SourceId source, std::string_view hash);
    // The newest documents by time within a scope: what somebody worked on last.
    Result<std::vector<Document>> latest_documents(const Scope& scope, std::size_t limit);

    // The best passages: those with at least one term, by BM25 over all of them, best first, at most `limit`.
    Result<std::vector<Hit>> search(std::span<const QueryTerm> terms, const Scope& scope, const Ranking& ranking,
                                    std::size_t limit);
    // Passages that are not in the index yet, after an upgrade or a damage.
    Result<std::uint64_t> passages_to_reindex();
    // How many passages hold each term (over the whole store), and how many passages there are.
    Result<std::vector<std::uint64_t>> document_frequencies(std::span<const std::string> terms);
    // The terms that begin with one of these and are wanted, in the order of bytes.
    Result<std::vector<index::HeldTerm>> terms_beginning(std::span<const std::string_view> beginnings,
                                                         const index::TermFilter& wanted);
    // Languages besides English that passages are in, the most frequent first.
    Result<std::vector<index::Language>> languages();
    Result<std::uint64_t> passages_in(const Scope& scope);
    Result<std::vector<PlacedPassage>> passages(std::span<const PassageId> ids);  // in the order asked
    // The ids of the passages in a scope: ascending, joined where they touch.
    Result<std::vector<PassageRange>> passage_ranges(const Scope& scope);
    Result<PassagesMark> passages_mark();
    Result<std::vector<PlacedPassage>> passages_of(DocumentId document, std::size_t limit);
    Result<std::vector<std::string>> branches(SourceId source);

    Result<std::vector<Job>> jobs(std::size_t limit);            // newest first
    Result<std::vector<Job>> unfinished_jobs();                  // oldest first: to be resumed after a restart
    Result<std::vector<KeptAnswer>> answers(std::size_t limit);  // newest first
    Result<std::optional<KeptAnswer>> answer(std::string_view uuid);

    Result<std::vector<Chat>> chats(std::size_t limit);  // the one that went on last first
    Result<std::optional<Chat>> chat(std::string_view uuid);
    Result<std::vector<Message>> messages(std::string_view chat, std::size_t limit);  // the newest, oldest first
    // Messages that hold all the terms, best first.
    Result<std::vector<FoundMessage>> search_messages(std::span<const std::string> terms, std::size_t limit);

    Result<std::vector<KeptTicket>> tickets(std::size_t limit);  // newest first, without sources
    Result<std::optional<KeptTicket>> ticket(std::string_view uuid);
    Result<std::vector<KeptTicket>> tickets_in_state(std::string_view state);

    // Rows after that number, oldest first, at most limit_ledger_page.
    Result<std::vector<LedgerRow>> ledger(std::int64_t after, const TimeWindow& window);
    Result<LedgerHead> ledger_head();
    Result<std::optional<std::string>> ledger_hash_at(std::int64_t number);
    // Every row against the one before it, and the end against a head that was kept elsewhere.
    Result<LedgerCheck> check_ledger(const std::optional<LedgerHead>& known);

    class Impl;
    explicit Reader(std::unique_ptr<Impl> impl);

private:
    std::unique_ptr<Impl> impl_;
};

class Store {
public:
    // `path` empty: in memory, for tests (readers share it).
    static Result<Store> open(const std::filesystem::path& path, const Clock& clock);
    Store(Store&&) noexcept;
    Store& operator=(Store&&) noexcept;
    ~Store();

    // Not to be called from within itself. A change that ignored a failed statement is not committed.
    Result<> write(const std::function<Result<>(Writer&)>& change);
    Result<Reader> reader();

    // Does a piece of what the index needs besides transactions: passages to be indexed again, segments to be merged.
    // False when there is nothing to do. Returns early, with `unavailable`, when `stopping` is set meanwhile.
    Result<bool> tend(const std::atomic<bool>& stopping);
    // Called when the index changed or was found damaged, by the thread that changed or found it, maybe under the
    // writer's lock: there may be something to tend to.
    void on_index_change(std::function<void()> tell);
    // Makes the whole index again from the passages, in the course of tend().
    Result<> reindex();

    // Database, WAL and index together.
    Result<std::uint64_t> size_bytes() const;
    // Gives memory back (page caches) after a burst of work; called by lard when it becomes idle.
    void release_memory();
    // Overwrites what deletes left behind: segments written anew, file rewritten, WAL truncated, backups removed. For
    // forget. Takes seconds for a large store and for that time as much disk again.
    Result<> scrub();
    // Where any of the texts, or a piece of a long one, still occurs in the bytes of the database, its WAL, its index
    // and its backups, although nothing stored holds it any more; for forget --prove.
    Result<std::vector<std::string>> find_remains(std::span<const std::string> texts);
    Result<> check_integrity();

    class Impl;

private:
    explicit Store(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace lar::store
