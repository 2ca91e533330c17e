// Making the store's files of one source equal to those on disk.
//
// The walk and the store give their files in the same order, so the two are compared as they go by and
// memory does not grow with the tree. A file whose size, time and inode are those stored is not read. A
// file that is read is compared by hash: equal content is only touched. A new file whose content is that
// of a stored one whose path is gone is that document, moved: it keeps its identity. What vanished is
// removed at the end, and only if the walk came to its end; what lies below a folder that cannot be read
// now is kept.
//
// A time too close to the moment of reading could hide a later change within the same tick of the file
// system's clock, so such a file is stored without its inode and is read once more at the next sync.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "ingest/batch.h"
#include "ingest/content.h"
#include "ingest/pace.h"
#include "sources/files/walk.h"
#include "store/store.h"

namespace lar::ingest {

inline constexpr std::size_t limit_left_out_kept = 50'000;  // paths of one source

struct FoundRepository {
    std::string path;  // below the source, "" for the source itself
    sources::GitPlaces places;
};

struct FileChanges {
    std::uint64_t seen = 0, added = 0, changed = 0, moved = 0, removed = 0, bytes_read = 0;
    bool any() const { return added + changed + moved + removed > 0; }
};

class FileSync final : private sources::WalkVisitor {
public:
    struct Context {
        store::Store& store;
        store::Reader& reader;
        const Clock& clock;
        const Zone& zone;
        Pace& pace;
        DocumentReader& documents;
        std::uint64_t file_size_limit_bytes;
        // Called for every folder before it is listed: where watching begins. May be empty.
        std::function<void(std::string_view path)> on_folder;
    };
    FileSync(Context context, const store::Source& source) : context_(std::move(context)), source_(source) {}

    // Everything at or below `below`; "" is the whole source.
    Result<> run(sources::Walk& walk, std::string_view below);

    const FileChanges& changes() const { return changes_; }
    // Found by the latest run: all of them only if it was on the whole source.
    std::vector<FoundRepository>& repositories() { return repositories_; }

private:
    // The stored documents at or below a path, in order, a page at a time.
    class Stored {
    public:
        Stored(store::Reader& reader, store::SourceId source, std::string_view below);
        Result<const store::Document*> peek();
        void next() { ++at_; }

    private:
        Result<> fill();
        store::Reader& reader_;
        store::SourceId source_;
        std::string below_, after_;
        std::vector<store::Document> page_;
        std::size_t at_ = 0;
        bool begun_ = false, ended_ = false;
    };

    Result<> file(const sources::FoundFile& found) override;
    Result<> left_out(store::LeftOut&& left_out) override;
    Result<> folder(std::string_view path) override;
    Result<> repository(std::string_view path, const sources::GitPlaces& places) override;

    Result<> skip_to(std::string_view path);
    Result<> compare(const sources::FoundFile& found, const store::Document& stored);
    Result<> take_new(const sources::FoundFile& found);
    // What is to be stored of it; what is left out is noted. Nothing: all of it is left out.
    Result<std::optional<Content>> content_of(const sources::FoundFile& found, Loaded&& loaded);
    Result<> put(const sources::FoundFile& found, Content content, std::string hash);
    // An unchanged document: what was found out about it before still holds. Whether it was left out as a whole.
    enum class Same : std::uint8_t { by_stamp, by_hash };
    Result<bool> recall_left_out(const sources::FoundFile& found, Same same);
    std::string stamp_now(const sources::FoundFile& found) const;
    Result<std::optional<store::Document>> moved_from(const sources::FoundFile& found, std::string_view hash);
    store::Document document_of(const sources::FoundFile& found, std::string title, std::string hash) const;
    Result<> remove_vanished();
    bool is_unreadable(std::string_view path) const;
    Timestamp time_of(std::int64_t modified_ns) const;
    bool racy(std::int64_t modified_ns) const;

    Context context_;
    const store::Source& source_;
    std::string top_;
    std::optional<Batch> batch_;
    std::optional<Stored> stored_;
    std::optional<Contents> contents_;
    std::vector<std::pair<store::DocumentId, std::string>> vanished_;
    std::set<std::int64_t> moved_;
    std::vector<store::LeftOut> left_out_;
    std::vector<std::string> unreadable_;
    std::vector<FoundRepository> repositories_;
    FileChanges changes_;
    bool whole_ = false;
    bool any_stored_ = false;  // else nothing can have moved
};

}  // namespace lar::ingest
