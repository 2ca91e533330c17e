#include "ingest/reasons.h"

#include <atomic>
#include <optional>
#include <utility>

#include "base/format.h"
#include "ingest/admission.h"
#include "ingest/content.h"
#include "sources/documents/format.h"

namespace lar::ingest {
namespace {

namespace fs = std::filesystem;

// Stops at the first decision, which is about the path asked for or about a folder above it.
class FirstDecision final : public sources::WalkVisitor {
public:
    FirstDecision(wire::ApiWhy& why, std::uint64_t limit_bytes) : why_(why), limit_bytes_(limit_bytes) {}
    bool decided() const { return decided_; }

    Result<> file(const sources::FoundFile& found) override {
        // Only a reader can tell, and what it said the last time is in the store.
        if (sources::document_format(found.path)) return decide("", "");
        const sources::DecodedText text =
            TRY(sources::read_text(found.folder, found.name, found.path, limit_bytes_, nullptr));
        return decide(text.reason.empty() ? "" : std::string(text.reason), text.detail);
    }
    Result<> left_out(store::LeftOut&& out) override {
        return decide(out.reason, out.detail.empty() ? out.path : lar::format("{}: {}", out.path, out.detail));
    }
    Result<> folder(std::string_view) override {
        return decide("", "a folder: what is in it is looked at file by file");
    }
    Result<> repository(std::string_view path, const sources::GitPlaces& places) override {
        if (!places.work_tree.empty()) return {};
        return decide("", lar::format("{}: a bare repository, of which the history is indexed", path));
    }

private:
    Result<> decide(std::string reason, std::string detail) {
        why_.included = reason.empty();
        why_.reason = std::move(reason);
        why_.detail = std::move(detail);
        decided_ = true;
        return fail(Code::unavailable, "decided");
    }

    wire::ApiWhy& why_;
    std::uint64_t limit_bytes_;
    bool decided_ = false;
};

// Absolute and without links in its folders; its last name is left as it is, because a link is a decision too.
fs::path placed(const fs::path& path) {
    std::error_code error;
    const fs::path folder = fs::weakly_canonical(path.parent_path(), error);
    return error ? path.lexically_normal() : folder / path.filename();
}

std::optional<store::Source> source_around(const std::vector<store::Source>& sources, const std::string& path) {
    for (const store::Source& source : sources)
        if (source.kind == store::SourceKind::files && is_within(path, source.location)) return source;
    return std::nullopt;
}

// A document that was left out, or of which something was.
Result<> add_what_its_reader_said(store::Reader& reader, const store::Source& source, const std::string& path,
                                  wire::ApiWhy& why) {
    const std::vector<store::LeftOut> known = TRY(reader.left_out_below(source.id, path, limit_left_out_of_one));
    for (const store::LeftOut& one : known) {
        if (one.path != path) continue;
        why.included = one.reason == sources::reason::read_in_part;
        if (!why.included) why.reason = one.reason;
        why.detail = why.included ? lar::format("{}: {}", one.reason, one.detail) : one.detail;
        return {};
    }
    if (!known.empty())
        why.detail = lar::format("{} of its members left out, the first is {}: {}", known.size(), known[0].path,
                                 known[0].reason);
    return {};
}

}  // namespace

Result<wire::ApiWhy> why_is(store::Reader& reader, const fs::path& path, sources::WalkOptions options) {
    if (!path.is_absolute()) return fail(Code::invalid, "give an absolute path");
    std::string place = placed(path).string();
    while (place.size() > 1 && place.ends_with('/')) place.pop_back();
    wire::ApiWhy why{.path = place};
    const std::optional<store::Source> source = source_around(TRY(reader.sources()), place);
    if (!source) {
        why.reason = "not in any source";
        why.detail = "add its folder with 'lar add'";
        return why;
    }
    why.source = source->name;
    const std::uint64_t limit_bytes = options.file_size_limit_bytes;
    sources::Walk walk = TRY(sources::Walk::open(source->location, std::move(options)));
    const std::string below = place == walk.top() ? std::string() : place.substr(walk.top().size() + 1);
    FirstDecision decision(why, limit_bytes);
    const std::atomic<bool> never = false;
    const Result<> walked = walk.run(below, decision, never);
    if (!walked && !decision.decided()) return std::unexpected(walked.error());
    if (!decision.decided()) {
        why.reason = "not there";
        return why;
    }
    const std::optional<store::Document> document =
        TRY(reader.document_at(source->id, store::DocumentKind::file, below));
    if (document) why.passages = static_cast<std::uint32_t>(TRY(reader.passages_of(document->id, 100'000)).size());
    if (why.included && sources::document_format(below))
        TRY_VOID(add_what_its_reader_said(reader, *source, below, why));
    if (why.included && why.reason.empty())
        why.reason = document || why.detail.starts_with("a ") ? "indexed" : "not indexed yet";
    return why;
}

}  // namespace lar::ingest
