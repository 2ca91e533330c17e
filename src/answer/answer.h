// ask: from a question to an answer whose citations hold.
//
// Without a model the answer is extracted: the sentences (or lines of code, or commit subjects) of the
// best passages that answer the question, each with the number of the source it stands in, or outcome
// "not_found" when nothing in the sources supports an answer. Every citation is checked against the
// source as it is now: unchanged, changed or missing. Nothing is ever made up.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "consent/provider.h"
#include "recall/recall.h"
#include "store/store.h"
#include "wire/api.h"

namespace lar::answer {

struct Question {
    std::string text;
    recall::Limits limits;
    std::uint32_t sources_limit = 5;  // citations at most
    bool explain = false;             // with an explanation
    bool explain_route = false;       // with where it should be answered (route.h)
};

// The machine's side that the receipt reports.
struct Facts {
    std::string air_gap;  // "seccomp, landlock 7"
    recall::Dense* dense = nullptr;
    recall::Reranker* reranker = nullptr;
    const consent::Settings* consent = nullptr;  // none: nobody is ever proposed
    const recall::Spaces* spaces = nullptr;
};

// Called in order as the answer takes shape; returning false cancels (the result is then unavailable).
using Sink = std::function<bool(const wire::AskEvent&)>;

Result<wire::ApiAnswer> ask(const Question& question, store::Reader& reader, const Clock& clock, const Zone& zone,
                            const Facts& facts, const Sink& sink);

// search: the same recall, passages as they are.
Result<wire::ApiSearchResponse> search(const wire::ApiSearchRequest& request, const recall::Limits& limits,
                                       store::Reader& reader, const Clock& clock, const Zone& zone, const Facts& facts);

// Where a passage stands, as the API says it.
wire::ApiPlace place_of(const store::PlacedPassage& placed);

}  // namespace lar::answer
