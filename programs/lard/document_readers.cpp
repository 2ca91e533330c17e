#include "document_readers.h"

#include <algorithm>
#include <utility>

#include "api/errors.h"
#include "base/build.h"
#include "base/format.h"
#include "base/text.h"
#include "wire/reader.h"
#include "worker_times.h"

namespace lar::lard {
namespace {

// Computing is limited in the reader; this much longer the clock may run on a busy machine or a slow disk.
constexpr std::int64_t patience_ms = 60'000, patience_factor = 20;
constexpr std::size_t limit_members_failed = 1000;

Result<> reader_lie(std::string_view what) {
    return fail(Code::corrupt, lar::format("the reader sent {} and was stopped", what));
}

struct DocumentValidator {
    Result<> operator()(const wire::DocumentsOpened&) const { return {}; }
    Result<> operator()(const wire::DocumentText& text) const {
        if (text.member.size() > wire::limit_document_name_bytes) return reader_lie("a name over its limit");
        if (text.blocks.size() > wire::limit_blocks_in_batch) return reader_lie("too many blocks at once");
        for (const wire::Block& block : text.blocks) {
            if (block.text.size() > wire::limit_block_bytes) return reader_lie("a block over its limit");
            const bool heading = block.kind == wire::BlockKind::heading;
            if (block.level > wire::limit_heading_level || (heading && block.level == 0))
                return reader_lie("a level that is none");
        }
        return {};
    }
    Result<> operator()(const wire::MemberFailed& failed) const {
        return failed.member.size() > wire::limit_document_name_bytes ? reader_lie("a name over its limit")
                                                                      : Result<>();
    }
    Result<> operator()(const wire::DocumentFailed&) const { return {}; }
    Result<> operator()(const wire::DocumentDone& done) const {
        return done.title.size() > wire::limit_document_name_bytes ? reader_lie("a title over its limit") : Result<>();
    }
};

// One document as it comes in.
class Gathering {
public:
    explicit Gathering(std::uint64_t id) : id_(id) {}

    // Whether it is complete; corrupt for what this conversation does not allow.
    Result<bool> take(wire::DocumentEvent&& event) {
        TRY_VOID(validate(event));
        if (auto* text = std::get_if<wire::DocumentText>(&event); text != nullptr && text->id == id_)
            return take_text(std::move(*text));
        if (auto* failed = std::get_if<wire::MemberFailed>(&event); failed != nullptr && failed->id == id_) {
            if (read_.members_failed.size() == limit_members_failed)
                return std::unexpected(reader_lie("too many mistakes").error());
            read_.members_failed.push_back(std::move(*failed));
            return false;
        }
        if (auto* failed = std::get_if<wire::DocumentFailed>(&event); failed != nullptr && failed->id == id_) {
            read_.problem = Error{api::code_named(failed->code), std::move(failed->message)};
            return true;
        }
        if (auto* done = std::get_if<wire::DocumentDone>(&event); done != nullptr && done->id == id_) {
            read_.title = std::move(done->title);
            if (!done->cut.empty()) read_.problem = Error{Code::too_large, std::move(done->cut)};
            return true;
        }
        return fail(Code::corrupt, "the reader answered what it was not asked and was stopped");
    }
    void end_with(Error problem) { read_.problem = std::move(problem); }
    ingest::ReadDocument give() { return std::move(read_); }

private:
    Result<bool> take_text(wire::DocumentText&& text) {
        blocks_ += text.blocks.size();
        for (const wire::Block& block : text.blocks) bytes_ += block.text.size();
        if (blocks_ > wire::limit_document_blocks || bytes_ > wire::limit_document_text_bytes)
            return std::unexpected(reader_lie("more text than a document may have").error());
        if (read_.parts.empty() || read_.parts.back().member != text.member)
            read_.parts.push_back({.member = std::move(text.member), .blocks = {}});
        std::ranges::move(text.blocks, std::back_inserter(read_.parts.back().blocks));
        return false;
    }

    std::uint64_t id_;
    ingest::ReadDocument read_;
    std::size_t blocks_ = 0, bytes_ = 0;
};

}  // namespace

Result<> validate(const wire::DocumentEvent& event) { return std::visit(DocumentValidator{}, event); }

void SpawnedDocuments::rest() {
    reader_.reset();
    documents_read_ = 0;
}

std::string SpawnedDocuments::layers() const {
    const std::lock_guard lock(mutex_);
    return layers_;
}

Result<wire::DocumentEvent> SpawnedDocuments::hear(std::int64_t timeout_ms, const std::atomic<bool>& cancelled) {
    return ipc::receive<wire::DocumentEvent>(reader_->channel(), {.timeout_ms = timeout_ms, .cancelled = &cancelled});
}

Error SpawnedDocuments::lost(const Error& error) {
    if (error.code == Code::corrupt || error.code == Code::timeout) reader_->kill();
    reader_->channel().close();
    const Result<ipc::Ended> ended = reader_->wait_ended(end_ms);
    reader_.reset();
    if (error.code == Code::corrupt) return {Code::internal, error.message};
    if (error.code == Code::timeout) return {Code::timeout, "its reader said nothing for too long and was stopped"};
    if (!ended) return {Code::internal, error.message};
    if (ended->how != wire::Ending::out_of_limit) return {Code::internal, sentence(*ended)};
    const bool time = ended->detail == "CPU time";
    return {time ? Code::timeout : Code::too_large, time ? "reading it takes more computing than a document may"
                                                         : "reading it takes more memory than a document may"};
}

Result<> SpawnedDocuments::start(const std::atomic<bool>& cancelled) {
    if (documents_read_ == documents_of_one_reader) rest();
    if (reader_) return {};
    reader_ = TRY(spawner_.spawn(wire::Worker::reader));
    documents_read_ = 0;
    const auto open = [&]() -> Result<std::string> {
        const wire::ReaderEvent first =
            TRY(ipc::receive<wire::ReaderEvent>(reader_->channel(), {.timeout_ms = ready_ms, .cancelled = &cancelled}));
        const auto* ready = std::get_if<wire::ReaderReady>(&first);
        if (ready == nullptr) return fail(Code::corrupt, "the reader did not say that it is ready");
        if (ready->build != build_id())
            return fail(Code::corrupt, "lar-reader is of another build than lard; install them together");
        TRY_VOID(ipc::send<wire::ReaderRequest>(reader_->channel(), wire::OpenDocuments{}, {.timeout_ms = send_ms}));
        const wire::DocumentEvent event = TRY(hear(ready_ms, cancelled));
        const auto* opened = std::get_if<wire::DocumentsOpened>(&event);
        if (opened == nullptr) return fail(Code::corrupt, "the reader did not lock itself down");
        return opened->layers;
    };
    Result<std::string> layers = open();
    if (!layers) {
        const Error error = lost(layers.error());
        return fail(Code::unavailable, lar::format("documents cannot be read: {}", error.message));
    }
    const std::lock_guard lock(mutex_);
    layers_ = printable(*layers);
    return {};
}

Result<ingest::ReadDocument> SpawnedDocuments::read(int file, wire::DocumentFormat format, std::uint32_t cpu_ms,
                                                    const std::atomic<bool>& cancelled) {
    TRY_VOID(start(cancelled));
    ++documents_read_;
    Gathering document(++last_id_);
    const wire::ReadDocument request{.id = last_id_, .format = format, .cpu_ms = cpu_ms};
    const std::int64_t timeout_ms = patience_ms + patience_factor * static_cast<std::int64_t>(cpu_ms);
    const auto gather = [&]() -> Result<> {
        TRY_VOID(reader_->channel().send(wire::to_json(request), {.timeout_ms = send_ms}, {}, std::span(&file, 1)));
        while (!TRY(document.take(TRY(hear(timeout_ms, cancelled))))) {
        }
        return {};
    };
    if (const Result<> gathered = gather(); !gathered) {
        if (cancelled.load()) {
            reader_.reset();
            return fail(Code::unavailable, "cancelled");
        }
        // What came before it died is not to be trusted to be what the document says.
        Gathering nothing(last_id_);
        nothing.end_with(lost(gathered.error()));
        return nothing.give();
    }
    return document.give();
}

}  // namespace lar::lard
