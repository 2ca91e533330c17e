// What a model writes, in pieces of any size: the sentences do not depend on the pieces, and none is longer than it may
// be. What a source holds, quoted: nothing in it is a citation.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "answer/marks.h"
#include "answer/quoting.h"
#include "answer/sentence_stream.h"

namespace {

using lar::answer::SentenceStream;
using lar::answer::WrittenSentence;

std::vector<WrittenSentence> sentences_of(std::string_view text, std::size_t step) {
    SentenceStream stream;
    std::vector<WrittenSentence> all;
    for (std::size_t at = 0; at < text.size(); at += step)
        for (WrittenSentence& one : stream.take(text.substr(at, step))) all.push_back(std::move(one));
    for (WrittenSentence& one : stream.end()) all.push_back(std::move(one));
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = sentences_of(text, text.size());
    const auto pieces = sentences_of(text, 1 + data[0] % 16);
    if (whole.size() != pieces.size()) std::abort();
    for (std::size_t i = 0; i < whole.size(); ++i) {
        if (whole[i].text != pieces[i].text || whole[i].numbers != pieces[i].numbers) std::abort();
        // A byte that is no character becomes three.
        if (whole[i].text.size() > 3 * lar::answer::limit_code_bytes) std::abort();
    }
    const std::string quoted = lar::answer::quote(text);
    for (std::size_t at = 0; at < quoted.size(); ++at)
        if (lar::answer::mark_at(quoted, at)) std::abort();
    return 0;
}
