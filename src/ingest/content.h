// What one found file holds, on its way to the store: text that is cut here, or a document that a reader takes apart.
//
// load() opens the file and hashes it, which is all that an unchanged one needs; passages() makes its passages. Either
// may find that the file is to be left out and why. What is wrong with a document does not change until the document
// does, so it carries a stamp of the file and is not tried again before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "ingest/documents.h"
#include "sources/files/walk.h"
#include "store/records.h"

namespace lar::ingest {

// To be raised when documents that could not be read before can be: what was found out about them is then forgotten.
inline constexpr int reading_version = 1;
inline constexpr std::size_t limit_left_out_of_one = 200;  // members of an archive, told one by one

struct Loaded {
    std::string hash;
    std::string text;  // decoded
    Fd file;           // of a document
    std::optional<wire::DocumentFormat> format;
    std::string_view reason;  // why it is left out; empty: it is not
    std::string detail;
};

struct Content {
    std::string title;
    std::vector<store::NewPassage> passages;  // none: the file is left out
    std::vector<store::LeftOut> left_out;     // the file, or of it what is not in the passages
};

// not_found: it is gone.
Result<Loaded> load(const sources::FoundFile& found, std::uint64_t limit_bytes);

class Contents {
public:
    Contents(DocumentReader& reader, const std::atomic<bool>& cancelled) : reader_(reader), cancelled_(cancelled) {}
    ~Contents() { reader_.rest(); }
    Contents(const Contents&) = delete;
    Contents& operator=(const Contents&) = delete;

    // unavailable: cancelled.
    Result<Content> of(const sources::FoundFile& found, Loaded&& loaded);

private:
    Result<Content> of_document(const sources::FoundFile& found, const Loaded& loaded);

    DocumentReader& reader_;
    const std::atomic<bool>& cancelled_;
};

// Which file this was when something was found out about it.
std::string stamp_of(const sources::FoundFile& found);

}  // namespace lar::ingest
