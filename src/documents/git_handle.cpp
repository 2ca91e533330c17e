#include "documents/git_handle.h"

#include "base/format.h"
#include "base/text.h"

namespace lar::documents {
namespace {

Code code_of(int status, int error_class) {
    if (status == GIT_ENOTFOUND || status == GIT_EUNBORNBRANCH) return Code::not_found;
    switch (error_class) {
        case GIT_ERROR_NOMEMORY: return Code::unavailable;
        case GIT_ERROR_OS: return Code::denied;
        case GIT_ERROR_ZLIB:
        case GIT_ERROR_ODB:
        case GIT_ERROR_INDEX:
        case GIT_ERROR_OBJECT:
        case GIT_ERROR_TREE:
        case GIT_ERROR_REFERENCE: return Code::corrupt;
        case GIT_ERROR_REPOSITORY: return Code::invalid;
        default: return Code::internal;
    }
}

}  // namespace

std::unexpected<Error> fail_git(std::string_view what, int status, std::source_location where) {
    const git_error* last = git_error_last();
    const int error_class = last ? last->klass : GIT_ERROR_NONE;
    const std::string message = last && last->message ? to_utf8_lossy(last->message) : "no reason given";
    return fail(code_of(status, error_class), lar::format("{}: {}", what, message), where);
}

std::string hex_of(const git_oid& id) {
    std::string hex(GIT_OID_SHA1_HEXSIZE, '0');
    git_oid_fmt(hex.data(), &id);
    return hex;
}

}  // namespace lar::documents
