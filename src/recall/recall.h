// From a question to the passages that may answer it.
//
// understand() reads time and source hints out of the question ("yesterday", "since Monday", "in
// project", "on the auth branch") and turns the rest into weighted terms; explicit limits given by
// the caller win over hints. recall() searches the store, re-orders by evidence that plain BM25 does
// not see (how much of the question a passage covers, words close together, title and path, recency
// when the question is about time) and says what it left out. Search, ask and eval all come through here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/store.h"

namespace lar::recall {

inline constexpr double least_answerable = 0.45;  // below it, what was found does not answer the question

// What the caller fixed. `in` names sources; an unknown one is not_found with a suggestion.
struct Limits {
    std::vector<std::string> in;
    std::optional<std::int64_t> since_us, until_us;
    std::vector<store::DocumentKind> kinds;
};

enum class Intent : std::uint8_t {
    find,      // an ordinary question or a search
    left_off,  // "where did I leave off": the uncommitted diff, latest commits, most recently edited files
    changes,   // "what changed …": commits, hunks and the uncommitted diff weigh more than files
};

struct Understood {
    Intent intent = Intent::find;
    std::vector<store::QueryTerm> terms;  // analysed, weighted
    std::string rest;                     // the question without its hints
    store::Scope scope;
    std::vector<std::string> hints;  // each hint as understood, for the receipt: "yesterday: 2026-11-20"
    bool question = false;           // asks, rather than names a thing or says what is to be done
    bool why = false;                // asks for reasons, moments or persons: history answers that
    bool where = false;              // asks for a place in the code
    bool how_to = false;             // asks for instructions: documents give them
    bool newest = false;             // asks for what is recent
    bool calendar = false;  // the window comes from a named month, year or date, which may be the subject as well
};

// What a score was made of, when asked for: their product is the score.
struct ScorePart {
    std::string name;
    double factor = 1;
};

struct Candidate {
    store::PlacedPassage placed;
    double score = 0;
    double lexical = 0;   // BM25 part of the score
    double coverage = 0;  // 0..1: how much of the question's information the passage holds
    std::vector<ScorePart> parts = {};
    std::vector<store::PlacedPassage> also = {};  // where the same text stands besides
};

struct LeftOut {
    std::string reason;  // "lower score", "same document", …
    std::uint64_t count = 0;
};

// How the words of a text are taken.
enum class Wording : std::uint8_t {
    asked,  // as people ask: words that only ask count little, code abbreviates, and a thesaurus knows what is meant
    named,  // as people name things, and say what is to be done: without what the thesaurus leads to from afar
    plain,  // as they stand
};

struct Recalled {
    Understood understood;
    Wording wording = Wording::plain;   // of the search
    std::vector<Candidate> candidates;  // best first
    std::uint64_t passages_in_scope = 0;
    std::uint64_t passages_matched = 0;  // considered before the cut
    std::vector<LeftOut> left_out;
    std::vector<std::string> source_names;  // searched
    bool conversation = false;              // the candidates are turns of conversations
    bool listing = false;                   // the candidates are what was worked on last, not what holds the words best
    bool by_files = false;                  // in the order of the files that the text may be about (recall/files.h)
    double answerable = 0;                  // 0..1: is what the question asks for there at all? See least_answerable
};

class Dense;
class Spaces;
class Reranker;

struct Options {
    std::size_t limit = 10;
    bool by_document = false;        // at most one passage of each document
    bool use_hints = true;           // false: the text is words only (eval, literal search)
    Dense* dense = nullptr;          // nearness in meaning (recall/dense.h); none: words alone
    const Spaces* spaces = nullptr;  // of the collection's own terms (recall/direction.h); none: words alone
    Reranker* reranker = nullptr;    // reads the first candidates (recall/rerank.h); none: they stay as they are
    bool files = false;  // for what is no question: in the order of the files that it may be about (recall/files.h)
    bool neighbours = false;  // also the passages next to the best ones, beyond `limit`
    bool explain = false;     // with the parts of each score
};

Result<Understood> understand(std::string_view question, const Limits& limits, store::Reader& reader,
                              const Clock& clock, const Zone& zone, bool use_hints);
Result<Recalled> recall(std::string_view question, const Limits& limits, const Options& options, store::Reader& reader,
                        const Clock& clock, const Zone& zone);

}  // namespace lar::recall
