#include "ingest/content.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "base/content_hash.h"
#include "base/format.h"
#include "base/text.h"
#include "sources/documents/format.h"
#include "sources/documents/passages.h"
#include "sources/files/passages.h"
#include "sources/files/text.h"

namespace lar::ingest {
namespace {

std::string_view reason_of(Code code) {
    switch (code) {
        case Code::denied: return sources::reason::encrypted;
        case Code::corrupt:
        case Code::invalid: return sources::reason::damaged;
        case Code::too_large: return sources::reason::too_large;
        case Code::timeout: return sources::reason::too_slow;
        case Code::not_found: return sources::reason::no_text;
        case Code::unavailable:
        case Code::conflict: return sources::reason::unknown_format;
        case Code::internal: return sources::reason::reader_stopped;
    }
    return sources::reason::damaged;
}

Code code_named(std::string_view name) {
    for (const Code code : {Code::invalid, Code::not_found, Code::denied, Code::too_large, Code::timeout,
                            Code::unavailable, Code::corrupt})
        if (to_string(code) == name) return code;
    return Code::internal;
}

Result<Loaded> load_document(const sources::FoundFile& found, wire::DocumentFormat format) {
    Loaded loaded;
    loaded.format = format;
    loaded.file = Fd(::openat(found.folder, found.name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!loaded.file) {
        const std::unexpected<Error> error = fail_errno("open", errno);
        if (error.error().code == Code::not_found) return error;
        loaded.reason = sources::reason::unreadable;
        loaded.detail = error.error().message;
        return loaded;
    }
    Result<std::string> hash = hash_of_file(loaded.file.number(), sources::size_limit_bytes(format));
    if (hash) {
        loaded.hash = std::move(*hash);
    } else {
        const bool large = hash.error().code == Code::too_large;
        loaded.reason = large ? sources::reason::too_large : sources::reason::unreadable;
        loaded.detail = hash.error().message;
    }
    return loaded;
}

}  // namespace

std::string stamp_of(const sources::FoundFile& found) {
    return lar::format("{}:{}:{}:{}", reading_version, found.size_bytes, found.modified_ns, found.inode);
}

Result<Loaded> load(const sources::FoundFile& found, std::uint64_t limit_bytes) {
    if (const auto format = sources::document_format(found.path)) return load_document(found, *format);
    Loaded loaded;
    sources::DecodedText decoded =
        TRY(sources::read_text(found.folder, found.name, found.path, limit_bytes, &loaded.hash));
    loaded.text = std::move(decoded.text);
    loaded.reason = decoded.reason;
    loaded.detail = std::move(decoded.detail);
    return loaded;
}

Result<Content> Contents::of(const sources::FoundFile& found, Loaded&& loaded) {
    if (loaded.format) return of_document(found, loaded);
    const sources::TextShape shape = sources::shape_of(found.path);
    Content content{.title = sources::title_of(loaded.text, found.path, shape)};
    content.passages = sources::new_passages(loaded.text, found.path, content.title, shape);
    return content;
}

Result<Content> Contents::of_document(const sources::FoundFile& found, const Loaded& loaded) {
    const auto size_bytes = static_cast<std::uint64_t>(found.size_bytes);
    const auto leave_out = [&](std::string path, std::string_view reason, std::string detail, std::string stamp) {
        return store::LeftOut{std::move(path), std::string(reason), std::move(detail), std::move(stamp)};
    };
    Content content;
    Result<ReadDocument> reading = reader_.read(loaded.file.number(), *loaded.format,
                                                sources::cpu_limit_ms(*loaded.format, size_bytes), cancelled_);
    if (!reading && cancelled_.load()) return std::unexpected(reading.error());
    if (!reading) {
        content.left_out.push_back(
            leave_out(std::string(found.path), sources::reason::unreadable, reading.error().message, {}));
        return content;
    }
    const std::string stamp = stamp_of(found);
    content.title = sources::document_title(printable(reading->title), reading->parts, found.path);
    sources::DocumentPassages made = sources::document_passages(reading->parts, found.path, content.title);
    content.passages = std::move(made.passages);
    if (reading->problem && !content.passages.empty()) {
        content.left_out.push_back(leave_out(std::string(found.path), sources::reason::read_in_part,
                                             printable(reading->problem->message), stamp));
    } else if (reading->problem) {
        content.left_out.push_back(leave_out(std::string(found.path), reason_of(reading->problem->code),
                                             printable(reading->problem->message), stamp));
    } else if (content.passages.empty()) {
        content.left_out.push_back(leave_out(std::string(found.path), sources::reason::no_text,
                                             "it was read, and there is no text in it", stamp));
    }
    for (const wire::MemberFailed& failed : reading->members_failed)
        made.left_out.push_back(leave_out(lar::format("{}/{}", found.path, failed.member),
                                          reason_of(code_named(failed.code)), printable(failed.message), {}));
    for (store::LeftOut& member : made.left_out) {
        if (content.left_out.size() == limit_left_out_of_one) break;
        member.stamp = stamp;
        content.left_out.push_back(std::move(member));
    }
    return content;
}

}  // namespace lar::ingest
