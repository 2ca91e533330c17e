#include "documents/package.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "documents/archive_handle.h"
#include "documents/xml.h"

namespace lar::documents {
namespace {

Result<ArchiveHandle> open_zip(std::string_view bytes) {
    ArchiveHandle reader(::archive_read_new());
    ASSERT(reader != nullptr);
    ::archive_read_support_format_zip_seekable(reader.get());
    if (::archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
        return fail_archive(reader.get(), "it is not a zip");
    return reader;
}

// The next entry; null at the end.
Result<archive_entry*> next_entry(archive* reader) {
    archive_entry* entry = nullptr;
    const int status = ::archive_read_next_header(reader, &entry);
    if (status == ARCHIVE_EOF) return nullptr;
    if (status < ARCHIVE_WARN) return fail_archive(reader, "its table of contents is damaged");
    return entry;
}

std::string_view without_slash(std::string_view name) {
    while (name.starts_with('/')) name.remove_prefix(1);
    return name;
}

}  // namespace

std::unexpected<Error> fail_archive(archive* reader, std::string_view what) {
    const char* said = ::archive_error_string(reader);
    const std::string_view why = said == nullptr ? std::string_view() : std::string_view(said);
    if (to_lower_ascii(why).contains("passphrase") || to_lower_ascii(why).contains("encrypt"))
        return fail(Code::denied, "it is encrypted");
    return fail(Code::corrupt, why.empty() ? std::string(what) : lar::format("{} ({})", what, to_utf8_lossy(why)));
}

std::string_view name_of(archive_entry* entry) {
    const char* name = ::archive_entry_pathname_utf8(entry);
    if (name == nullptr) name = ::archive_entry_pathname(entry);
    return name == nullptr ? std::string_view() : std::string_view(name);
}

Result<> stream_entry(archive* reader, std::uint64_t limit_bytes,
                      const std::function<Result<>(std::string_view)>& take) {
    std::uint64_t bytes = 0;
    for (;;) {
        const void* data = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        const int status = ::archive_read_data_block(reader, &data, &size, &offset);
        if (status == ARCHIVE_EOF) return {};
        if (status < ARCHIVE_WARN) return fail_archive(reader, "what it holds cannot be unpacked");
        bytes += size;
        // A hole in a sparse file is not written out, but counts.
        if (bytes > limit_bytes || static_cast<std::uint64_t>(offset) > limit_bytes)
            return fail(Code::too_large, lar::format("unpacked it is larger than {} MB", limit_bytes / (1024 * 1024)));
        TRY_VOID(take({static_cast<const char*>(data), size}));
    }
}

Result<Package> Package::open(std::string_view bytes) {
    const ArchiveHandle reader = TRY(open_zip(bytes));
    Package package(bytes);
    while (archive_entry* entry = TRY(next_entry(reader.get()))) {
        if (package.names_.size() == limit_package_parts)
            return fail(Code::too_large, lar::format("it has more than {} parts", limit_package_parts));
        if (::archive_entry_is_data_encrypted(entry) != 0) return fail(Code::denied, "it is encrypted");
        package.names_.emplace_back(without_slash(name_of(entry)));
    }
    if (package.names_.empty()) return fail(Code::corrupt, "it is not a zip");
    return package;
}

bool Package::has(std::string_view name) const { return std::ranges::contains(names_, without_slash(name)); }

Result<> Package::stream(std::string_view name, const std::function<Result<>(std::string_view)>& take,
                         std::uint64_t limit_bytes) const {
    const ArchiveHandle reader = TRY(open_zip(bytes_));
    while (archive_entry* entry = TRY(next_entry(reader.get()))) {
        if (without_slash(name_of(entry)) != without_slash(name)) continue;
        return stream_entry(reader.get(), limit_bytes, take);
    }
    return fail(Code::not_found, lar::format("it has no part {}", printable(name)));
}

Result<std::string> Package::read(std::string_view name, std::size_t limit_bytes) const {
    std::string part;
    TRY_VOID(stream(
        name,
        [&](std::string_view piece) -> Result<> {
            part += piece;
            return {};
        },
        limit_bytes));
    return part;
}

std::string resolve(std::string_view base, std::string_view target) {
    if (target.starts_with('/')) return std::string(without_slash(target));
    std::vector<std::string_view> steps = split(base, '/');
    steps.pop_back();
    for (const std::string_view step : split(target.substr(0, target.find('#')), '/')) {
        if (step == "..") {
            if (!steps.empty()) steps.pop_back();
        } else if (step != "." && !step.empty()) {
            steps.push_back(step);
        }
    }
    std::string path;
    for (const std::string_view step : steps) path += (path.empty() ? "" : "/") + std::string(step);
    return path;
}

Result<> read_xml(const Package& package, std::string_view name, XmlHandler& handler) {
    Xml xml(handler);
    TRY_VOID(package.stream(name, [&](std::string_view piece) { return xml.feed(piece); }));
    return xml.finish();
}

}  // namespace lar::documents
