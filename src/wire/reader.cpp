#include "wire/reader.h"

#include "wire/json.h"

using namespace lar::wire;

template <>
struct glz::meta<ChangeKind> {
    using enum ChangeKind;
    static constexpr auto value = enumerate(added, modified, deleted, renamed, type_changed, untracked);
};
template <>
struct glz::meta<ReaderRequest> {
    static constexpr std::string_view tag = "type";
    static constexpr auto ids = std::array{"open_repository",   "read_commits", "read_reachable",
                                           "read_working_tree", "cancel",       "open_documents"};
};
template <>
struct glz::meta<ReaderEvent> {
    static constexpr std::string_view tag = "type";
    static constexpr auto ids = std::array{"ready", "opened", "commits", "reachable", "working_tree", "done", "failed"};
};
template <>
inline constexpr Missing lar::wire::missing_keys<ReaderRequest> = Missing::is_error;
template <>
inline constexpr Missing lar::wire::missing_keys<ReaderEvent> = Missing::is_error;

LAR_WIRE_TYPE(ReaderRequest);
LAR_WIRE_TYPE(ReaderEvent);
