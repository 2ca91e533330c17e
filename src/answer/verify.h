// Does a passage say what a sentence says? Judged for every sentence that a model wrote, against the passages it was
// sent.
//
// A sentence is supported by the passages it cites when they hold most of its words by their information (a rare word
// tells more than a common one), and all of its numbers, names and quotations. One that cites nothing, or cites what
// does not hold it, is looked for in the other passages. What no passage holds is marked, never dropped. Numbers of
// passages that do not exist are dropped and counted.
//
// This is a check of words and not of logic: "A before B" and "B before A" have the same ones, and a "not" too many is
// not seen. It fails on the safe side for free paraphrase, whose sentences come out unsupported.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "answer/sentence_stream.h"
#include "base/result.h"
#include "index/language.h"
#include "store/store.h"

namespace lar::answer {

enum class Support : std::uint8_t {
    quoted,  // the sentence stands in the passage word for word
    supported,
    unsupported,
    unchecked,  // there were no sources to check against
};
std::string_view to_string(Support support);

struct VerifiedSentence {
    std::string space, text;
    std::vector<std::uint32_t> citations;  // numbers of passages
    Support support = Support::unsupported;
};

struct VerifyCounts {
    std::uint32_t invented = 0;     // citations of passages that do not exist
    std::uint32_t moved = 0;        // sentences that stand in another passage than the one cited
    std::uint32_t found = 0;        // sentences without a citation that a passage holds
    std::uint32_t unsupported = 0;  // sentences
};

class Verifier {
public:
    // `passages`: the text of number n at n - 1, with what it stands under. `reader`: for how much a word tells.
    Verifier(const std::vector<std::string>& passages, store::Reader& reader);

    Result<VerifiedSentence> verify(WrittenSentence written);
    const VerifyCounts& counts() const { return counts_; }

private:
    struct Passage {
        std::set<std::string, std::less<>> terms;
        std::set<std::string, std::less<>> numbers;
        std::string text;  // folded: lower case, blanks joined
    };
    struct Word {
        std::string term;
        std::vector<std::string> forms;   // in the languages of the passages
        std::vector<std::string> others;  // that stand for it
    };
    // What a sentence says, as far as it can be looked for.
    struct Claim {
        std::vector<Word> words;
        std::vector<std::string> numbers;
        std::vector<std::string> literals;  // names, code and quotations, folded
        std::string text;                   // folded
    };
    Claim claim_of(std::string_view sentence) const;
    Result<double> information(const Word& word);
    // The share of the claim's words that any of the passages holds; 0 unless its numbers and literals are there too.
    Result<double> held(const Claim& claim, const std::vector<std::uint32_t>& passages);
    Result<std::uint32_t> best_of(const Claim& claim, double least);
    Result<> judge(const Claim& claim, VerifiedSentence& sentence);

    std::vector<Passage> passages_;
    std::vector<index::Language> languages_;  // of the passages, besides English
    store::Reader& reader_;
    std::uint64_t passages_stored_ = 0;
    std::unordered_map<std::string, double> information_;
    VerifyCounts counts_;
};

}  // namespace lar::answer
