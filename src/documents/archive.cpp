#include "documents/archive.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "documents/archive_handle.h"
#include "documents/document.h"

namespace lar::documents {
namespace {

constexpr std::size_t sniffed_bytes = 8 * 1024;
constexpr std::size_t ill_formed_one_in = 10;  // more replaced characters than one byte in ten: not text

bool is_zip(std::string_view bytes) { return bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06"); }

bool is_archive_name(std::string_view name) {
    for (const std::string_view ending :
         {".zip", ".tar", ".tgz", ".gz", ".tbz2", ".bz2", ".txz", ".xz", ".zst", ".7z", ".rar", ".jar"})
        if (name.ends_with(ending)) return true;
    return false;
}

std::optional<wire::DocumentFormat> format_of(std::string_view name, std::string_view bytes) {
    using enum wire::DocumentFormat;
    if (bytes.substr(0, sniffed_bytes).contains("%PDF-")) return pdf;
    if (is_zip(bytes)) return package;
    for (const std::string_view ending : {".html", ".htm", ".xhtml"})
        if (name.ends_with(ending)) return html;
    if (name.ends_with(".ipynb")) return notebook;
    return std::nullopt;
}

bool is_text(std::string_view bytes) {
    const std::string_view head = bytes.substr(0, sniffed_bytes);
    if (head.empty() || bytes.contains('\0')) return false;
    const std::string well_formed = to_utf8_lossy(head);
    std::size_t replaced = 0;
    for (std::size_t at = well_formed.find("\xEF\xBF\xBD"); at != std::string::npos;
         at = well_formed.find("\xEF\xBF\xBD", at + 3))
        ++replaced;
    return replaced <= head.size() / ill_formed_one_in;
}

bool leads_out(std::string_view name) {
    return name.starts_with('/') || name.contains('\\') ||
           std::ranges::any_of(split(name, '/'), [](std::string_view step) { return step == ".."; });
}

class ArchiveReader {
public:
    ArchiveReader(archive* reader, Blocks& blocks) : reader_(reader), blocks_(blocks) {}

    Result<> run() {
        for (std::size_t members = 0;; ++members) {
            TRY_VOID(blocks_.check());
            archive_entry* entry = nullptr;
            const int status = ::archive_read_next_header(reader_, &entry);
            if (status == ARCHIVE_EOF) return {};
            if (status < ARCHIVE_WARN) return fail_archive(reader_, "it is damaged, or no archive");
            if (members == limit_members)
                return fail(Code::too_large, lar::format("it has more than {} members", limit_members));
            if (::archive_entry_filetype(entry) != AE_IFREG) continue;
            TRY_VOID(member(entry));
        }
    }

private:
    Result<> member(archive_entry* entry) {
        const std::string name = clean_name(name_of(entry));
        const Result<> read = read_member(entry, name);
        // What this one document did wrong is its own affair; what is used up is used up for all.
        if (read || spent(read.error())) return read;
        if (failed_++ >= limit_members_failed) return {};
        return blocks_.member_failed(name, read.error());
    }

    Result<> read_member(archive_entry* entry, const std::string& name) {
        if (name.empty() || leads_out(name)) return fail(Code::invalid, "its name leads out of the archive");
        if (::archive_entry_is_data_encrypted(entry) != 0) return fail(Code::denied, "it is encrypted");
        const std::string lower = to_lower_ascii(name);
        if (is_archive_name(lower)) return fail(Code::unavailable, "an archive within an archive");
        std::string bytes;
        TRY_VOID(stream_entry(reader_, limit_member_bytes, [&](std::string_view piece) -> Result<> {
            unpacked_ += piece.size();
            if (unpacked_ > limit_unpacked_bytes) {
                all_unpacked_ = true;
                return fail(Code::too_large,
                            lar::format("unpacked it is larger than {} MB", limit_unpacked_bytes / (1024 * 1024)));
            }
            TRY_VOID(blocks_.check());
            bytes += piece;
            return {};
        }));
        TRY_VOID(blocks_.begin_member(name));
        if (const auto format = format_of(lower, bytes)) {
            TRY(read_document(*format, bytes, blocks_));
            return blocks_.any_of_member() ? Result<>() : fail(Code::not_found, "there is no text in it");
        }
        if (!is_text(bytes)) return {};
        if (bytes.size() > wire::limit_block_bytes)
            return fail(Code::too_large,
                        lar::format("a text of more than {} MB", wire::limit_block_bytes / (1024 * 1024)));
        return blocks_.plain(bytes);
    }

    bool spent(const Error& error) const { return all_unpacked_ || error.code == Code::timeout || blocks_.closed(); }

    archive* reader_;
    Blocks& blocks_;
    std::uint64_t unpacked_ = 0;
    std::size_t failed_ = 0;
    bool all_unpacked_ = false;
};

}  // namespace

Result<> read_archive(std::string_view bytes, Blocks& blocks) {
    const ArchiveHandle reader(::archive_read_new());
    ASSERT(reader != nullptr);
    ::archive_read_support_format_zip_seekable(reader.get());
    ::archive_read_support_format_tar(reader.get());
    ::archive_read_support_filter_gzip(reader.get());
    ::archive_read_support_filter_bzip2(reader.get());
    ::archive_read_support_filter_xz(reader.get());
    ::archive_read_support_filter_zstd(reader.get());
    if (::archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
        return fail_archive(reader.get(), "it is no archive");
    return ArchiveReader(reader.get(), blocks).run();
}

}  // namespace lar::documents
