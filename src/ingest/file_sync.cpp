#include "ingest/file_sync.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "sources/documents/format.h"
#include "sources/files/text.h"

namespace lar::ingest {
namespace {

constexpr std::size_t page_documents = 500;
constexpr std::int64_t ns_per_us = 1000;
constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t coarse_tick_us = 2 * us_per_second;  // file systems that keep whole seconds, FAT even two
constexpr std::int64_t fine_tick_us = 50'000;               // the kernel's own clock ticks, with room to spare

bool at_or_below(std::string_view path, std::string_view folder) {
    return folder.empty() || path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

bool is_gone(const std::string& path) {
    struct stat status{};
    return ::lstat(path.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

}  // namespace

// ---- what is stored ----

FileSync::Stored::Stored(store::Reader& reader, store::SourceId source, std::string_view below)
    : reader_(reader), source_(source), below_(below) {
    if (!below_.empty()) after_ = below_ + "/";
}

// The path itself comes first, then what is below it: what lies between them in the order ("a-b" between
// "a" and "a/") belongs to neither.
Result<> FileSync::Stored::fill() {
    at_ = 0;
    page_.clear();
    if (!begun_ && !below_.empty()) {
        begun_ = true;
        if (auto itself = TRY(reader_.document_at(source_, store::DocumentKind::file, below_))) {
            page_.push_back(std::move(*itself));
            return {};
        }
    }
    page_ = TRY(reader_.documents(source_, store::DocumentKind::file, after_, page_documents));
    if (!page_.empty()) after_ = page_.back().path;
    if (page_.size() < page_documents) ended_ = true;
    if (below_.empty()) return {};
    const auto outside = std::ranges::find_if(
        page_, [&](const store::Document& document) { return !at_or_below(document.path, below_); });
    if (outside != page_.end()) ended_ = true;
    page_.erase(outside, page_.end());
    return {};
}

Result<const store::Document*> FileSync::Stored::peek() {
    while (at_ == page_.size()) {
        if (ended_) return nullptr;
        TRY_VOID(fill());
    }
    return &page_[at_];
}

// ---- the sync ----

Result<> FileSync::run(sources::Walk& walk, std::string_view below) {
    top_ = walk.top();
    whole_ = below.empty();
    any_stored_ = TRY(context_.reader.counts(source_.id)).documents > 0;
    batch_.emplace(context_.store, context_.clock);
    stored_.emplace(context_.reader, source_.id, below);
    contents_.emplace(context_.documents, context_.pace.cancelled());
    vanished_.clear();
    moved_.clear();
    left_out_.clear();
    unreadable_.clear();
    repositories_.clear();
    TRY_VOID(walk.run(below, *this, context_.pace.cancelled()));
    while (const store::Document* stored = TRY(stored_->peek())) {
        vanished_.emplace_back(stored->id, stored->path);
        stored_->next();
    }
    TRY_VOID(remove_vanished());
    TRY_VOID(batch_->flush());
    contents_.reset();
    return context_.store.write(
        [&](store::Writer& writer) { return writer.put_left_out(source_.id, below, left_out_); });
}

Result<> FileSync::folder(std::string_view path) {
    if (context_.on_folder) context_.on_folder(path);
    return {};
}

Result<> FileSync::repository(std::string_view path, const sources::GitPlaces& places) {
    repositories_.push_back({std::string(path), places});
    return {};
}

Result<> FileSync::left_out(store::LeftOut&& left_out) {
    if (left_out.reason == sources::reason::unreadable) unreadable_.push_back(left_out.path);
    if (left_out_.size() < limit_left_out_kept) left_out_.push_back(std::move(left_out));
    return {};
}

// What the store has before `path` is no longer there.
Result<> FileSync::skip_to(std::string_view path) {
    for (;;) {
        const store::Document* stored = TRY(stored_->peek());
        if (stored == nullptr || stored->path >= path) return {};
        vanished_.emplace_back(stored->id, stored->path);
        stored_->next();
    }
}

Result<> FileSync::file(const sources::FoundFile& found) {
    ++changes_.seen;
    TRY_VOID(skip_to(found.path));
    const store::Document* stored = TRY(stored_->peek());
    if (stored != nullptr && stored->path == found.path) {
        TRY_VOID(compare(found, *stored));
        stored_->next();
    } else {
        TRY_VOID(take_new(found));
    }
    return context_.pace.step(
        {.phase = "files", .unit = "files", .done = changes_.seen, .total = 0, .bytes = changes_.bytes_read});
}

Result<> FileSync::compare(const sources::FoundFile& found, const store::Document& stored) {
    const bool same_facts = stored.modified_ns == found.modified_ns && stored.size_bytes == found.size_bytes;
    if (same_facts && stored.inode == found.inode) {
        TRY(recall_left_out(found, Same::by_stamp));
        return {};
    }
    Result<Loaded> loading = load(found, context_.file_size_limit_bytes);
    if (!loading && loading.error().code == Code::not_found) {
        vanished_.emplace_back(stored.id, stored.path);
        return {};
    }
    Loaded loaded = TRY(std::move(loading));
    changes_.bytes_read += static_cast<std::uint64_t>(found.size_bytes);
    if (!loaded.reason.empty()) {
        if (loaded.reason != sources::reason::unreadable) vanished_.emplace_back(stored.id, stored.path);
        return left_out({std::string(found.path), std::string(loaded.reason), std::move(loaded.detail)});
    }
    if (loaded.hash != stored.hash) {
        std::string hash = std::move(loaded.hash);
        std::optional<Content> content = TRY(content_of(found, std::move(loaded)));
        if (!content) {
            vanished_.emplace_back(stored.id, stored.path);
            return {};
        }
        ++changes_.changed;
        return put(found, std::move(*content), std::move(hash));
    }
    TRY(recall_left_out(found, Same::by_hash));
    if (racy(found.modified_ns) && same_facts) return {};
    return batch_->touch(stored.id, found.modified_ns, racy(found.modified_ns) ? 0 : found.inode,
                         time_of(found.modified_ns));
}

Result<> FileSync::take_new(const sources::FoundFile& found) {
    if (TRY(recall_left_out(found, Same::by_stamp))) return {};
    Result<Loaded> loading = load(found, context_.file_size_limit_bytes);
    if (!loading && loading.error().code == Code::not_found) return {};
    Loaded loaded = TRY(std::move(loading));
    changes_.bytes_read += static_cast<std::uint64_t>(found.size_bytes);
    if (!loaded.reason.empty())
        return left_out({std::string(found.path), std::string(loaded.reason), std::move(loaded.detail)});
    std::string hash = std::move(loaded.hash);
    std::optional<Content> content = TRY(content_of(found, std::move(loaded)));
    if (!content) return {};
    if (const std::optional<store::Document> from = TRY(moved_from(found, hash))) {
        ++changes_.moved;
        moved_.insert(from->id.value);
        return batch_->move(from->id, document_of(found, std::move(content->title), std::move(hash)),
                            std::move(content->passages));
    }
    ++changes_.added;
    return put(found, std::move(*content), std::move(hash));
}

Result<std::optional<Content>> FileSync::content_of(const sources::FoundFile& found, Loaded&& loaded) {
    const bool document = loaded.format.has_value();
    Content content = TRY(contents_->of(found, std::move(loaded)));
    for (store::LeftOut& one : content.left_out) {
        if (racy(found.modified_ns)) one.stamp.clear();
        TRY_VOID(left_out(std::move(one)));
    }
    // A text of which nothing can be found is stored all the same; a document is named among what is left out.
    if (document && content.passages.empty()) return std::nullopt;
    return content;
}

Result<> FileSync::put(const sources::FoundFile& found, Content content, std::string hash) {
    return batch_->put(document_of(found, std::move(content.title), std::move(hash)), std::move(content.passages));
}

Result<bool> FileSync::recall_left_out(const sources::FoundFile& found, Same same) {
    if (!sources::document_format(found.path)) return false;
    const std::string stamp = stamp_now(found);
    bool whole = false;
    for (store::LeftOut& known : TRY(context_.reader.left_out_below(source_.id, found.path, limit_left_out_of_one))) {
        if (same == Same::by_stamp && (stamp.empty() || known.stamp != stamp)) continue;
        if (known.path == found.path) {
            if (known.reason == sources::reason::unreadable) continue;  // it is readable again
            whole = whole || known.reason != sources::reason::read_in_part;
        }
        known.stamp = stamp;
        TRY_VOID(left_out(std::move(known)));
    }
    return whole;
}

// Empty while a change could hide behind the time that the file has now.
std::string FileSync::stamp_now(const sources::FoundFile& found) const {
    return racy(found.modified_ns) ? std::string() : stamp_of(found);
}

// A stored document of the same content whose own path is gone.
Result<std::optional<store::Document>> FileSync::moved_from(const sources::FoundFile& found, std::string_view hash) {
    if (!any_stored_) return std::nullopt;
    for (store::Document& candidate : TRY(context_.reader.files_with_hash(source_.id, hash))) {
        if (candidate.path == found.path) continue;
        if (!moved_.contains(candidate.id.value) && is_gone(top_ + "/" + candidate.path)) return std::move(candidate);
    }
    return std::nullopt;
}

store::Document FileSync::document_of(const sources::FoundFile& found, std::string title, std::string hash) const {
    return {.source = source_.id,
            .kind = store::DocumentKind::file,
            .path = std::string(found.path),
            .title = std::move(title),
            .hash = std::move(hash),
            .size_bytes = found.size_bytes,
            .modified_ns = found.modified_ns,
            .inode = racy(found.modified_ns) ? 0 : found.inode,
            .time = time_of(found.modified_ns)};
}

Result<> FileSync::remove_vanished() {
    for (const auto& [id, path] : vanished_) {
        if (moved_.contains(id.value) || is_unreadable(path)) continue;
        // A saved file may have been synced between two steps of this one, and the document moved with it.
        const std::optional<store::Document> now =
            TRY(context_.reader.document_at(source_.id, store::DocumentKind::file, path));
        if (!now || now->id != id) continue;
        ++changes_.removed;
        TRY_VOID(batch_->remove(id));
    }
    return {};
}

bool FileSync::is_unreadable(std::string_view path) const {
    return std::ranges::any_of(unreadable_, [&](const std::string& folder) { return at_or_below(path, folder); });
}

Timestamp FileSync::time_of(std::int64_t modified_ns) const {
    const std::int64_t us = modified_ns / ns_per_us;
    return {us, context_.zone.offset_min_at(us)};
}

bool FileSync::racy(std::int64_t modified_ns) const {
    const std::int64_t tick_us = modified_ns % ns_per_second == 0 ? coarse_tick_us : fine_tick_us;
    return context_.clock.now_us() - modified_ns / ns_per_us < tick_us;
}

}  // namespace lar::ingest
