#include "ingest/admission.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/format.h"
#include "base/text.h"

namespace lar::ingest {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view pushed_prefix = "pushed:";
constexpr std::array<std::string_view, 4> kernel_folders = {"/proc", "/sys", "/dev", "/run/user"};

Result<> check_name(std::string_view name) {
    if (name.empty() || name.size() > limit_source_name_bytes)
        return fail(Code::invalid, lar::format("a source's name has 1 to {} bytes", limit_source_name_bytes));
    const bool strange =
        std::ranges::any_of(name, [](char c) { return c == '/' || c == ':' || static_cast<unsigned char>(c) < 32; });
    if (strange || !is_utf8(name) || trim(name) != name)
        return fail(Code::invalid, "a source's name has no slash, colon or control character and no blanks around it");
    return {};
}

bool is_taken(std::string_view name, std::span<const store::Source> existing) {
    return std::ranges::any_of(existing, [&](const store::Source& source) { return source.name == name; });
}

Result<std::string> name_for(const std::string& asked, std::string_view location,
                             std::span<const store::Source> existing) {
    if (!asked.empty()) {
        TRY_VOID(check_name(asked));
        if (is_taken(asked, existing))
            return fail(Code::conflict,
                        lar::format("there is a source named '{}' already: choose another name", asked));
        return asked;
    }
    std::string base(location.substr(location.rfind('/') + 1));
    std::ranges::replace(base, ':', '-');
    base = trim(utf8_prefix(to_utf8_lossy(printable(base)), limit_source_name_bytes - 8));
    if (base.empty()) base = "source";
    std::string name = base;
    for (int number = 2; is_taken(name, existing); ++number) name = lar::format("{}-{}", base, number);
    return name;
}

Result<> check_overlap(const std::string& location, std::span<const store::Source> existing) {
    for (const store::Source& source : existing) {
        if (source.kind != store::SourceKind::files) continue;
        if (source.location == location)
            return fail(Code::conflict, lar::format("{} is a source already, named '{}'", location, source.name));
        if (is_within(location, source.location))
            return fail(Code::conflict,
                        lar::format("{} is part of the source '{}' ({})", location, source.name, source.location));
        if (is_within(source.location, location))
            return fail(Code::conflict, lar::format("{} holds the source '{}' ({}): forget that one first", location,
                                                    source.name, source.location));
    }
    return {};
}

Result<> check_place(const std::string& location, std::span<const std::string> private_folders) {
    if (location == "/")
        return fail(Code::invalid, "the whole file system is too much for one source: name the folders you work in");
    for (const std::string_view folder : kernel_folders)
        if (is_within(location, folder)) return fail(Code::invalid, lar::format("{} holds no files of yours", folder));
    for (const std::string& folder : private_folders)
        if (is_within(location, folder)) return fail(Code::invalid, lar::format("{} is Lar's own folder", folder));
    std::error_code error;
    const bool folder = fs::is_directory(location, error);
    if (!folder && !fs::is_regular_file(location, error))
        return fail(Code::invalid, lar::format("{} is neither a folder nor a file", location));
    if (::access(location.c_str(), folder ? R_OK | X_OK : R_OK) != 0)
        return fail(Code::denied, lar::format("you may not read {}", location));
    return {};
}

}  // namespace

bool is_within(std::string_view path, std::string_view folder) {
    return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

Result<store::Source> admit(const wire::ApiAddSource& request, std::span<const store::Source> existing,
                            std::span<const std::string> private_folders) {
    store::Source source;
    if (request.location.starts_with(pushed_prefix)) {
        source.kind = store::SourceKind::pushed;
        source.location = request.location.substr(pushed_prefix.size());
        TRY_VOID(check_name(source.location));
        source.name = TRY(name_for(request.name.empty() ? source.location : request.name, source.location, existing));
        return source;
    }
    if (!request.location.starts_with('/'))
        return fail(Code::invalid, lar::format("'{}' is not an absolute path", printable(request.location)));
    std::error_code error;
    const fs::path real = fs::canonical(request.location, error);
    if (error == std::errc::permission_denied)
        return fail(Code::denied, lar::format("you may not read {}", request.location));
    if (error) return fail(Code::not_found, lar::format("{} is not there", request.location));
    if (!is_utf8(real.native())) return fail(Code::invalid, "the path is not UTF-8");
    source.location = real.string();
    TRY_VOID(check_place(source.location, private_folders));
    TRY_VOID(check_overlap(source.location, existing));
    source.name = TRY(name_for(request.name, source.location, existing));
    return source;
}

}  // namespace lar::ingest
