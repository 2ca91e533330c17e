// How places, answers and receipts look: pure functions from wire structs to text.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "output.h"
#include "wire/api.h"

namespace lar::cli {

// How times and widths are shown.
struct Look {
    const Output& output;
    std::int64_t now_us = 0;
    const Zone& zone;
};

// "src/a.cpp:10-20", "commit a1b2c3d src/a.cpp", "uncommitted src/a.cpp:3"; plain, for people and for editors.
std::string place_text(const wire::ApiPlace& place);
// The same with what is known about it: "(file in project, changed 2 days ago)", "— subject, Ana, 2026-11-19".
// Behind the place come the lines in it that are `quoted`.
std::string described_place(const wire::ApiPlace& place, const std::string& title, const Look& look,
                            const std::vector<std::uint32_t>& quoted = {});

// Where the text of a place stands besides, and where nearly the same one: that has another hash. Empty for none.
std::string also_text(const wire::ApiPlace& place, const std::vector<wire::ApiPlace>& also);

// A sentence with the numbers of its sources; one without any is marked.
std::string sentence_text(const wire::ApiSentence& sentence, const Look& look);
std::string sentences_text(const wire::ApiAnswer& answer, const Look& look);
// A citation with the lines in it where the answer's sentences begin.
std::string citation_text(const wire::ApiCitation& citation, const Look& look);
std::string receipt_text(const wire::ApiReceipt& receipt, const Look& look);
// What comes below the sentences: citations and receipt, or that nothing was found and what comes nearest.
std::string grounds_text(const wire::ApiAnswer& answer, const Look& look);
// A whole answer, as `lar answers` prints it.
std::string answer_text(const wire::ApiAnswer& answer, const Look& look);
// What to say when nothing was found.
std::string not_found_text(const wire::ApiReceipt& receipt);

std::string hit_text(const wire::ApiHit& hit, const Look& look);

}  // namespace lar::cli
