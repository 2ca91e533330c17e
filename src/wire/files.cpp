#include "wire/files.h"

#include "wire/json.h"

using namespace lar::wire;

template <>
struct glz::meta<BeirDocument> {
    using T = BeirDocument;
    static constexpr auto value = glz::object("_id", &T::id, "title", &T::title, "text", &T::text);
};
template <>
struct glz::meta<BeirQuery> {
    using T = BeirQuery;
    static constexpr auto value = glz::object("_id", &T::id, "text", &T::text);
};

namespace lar::wire {
template <>
inline constexpr Unknown unknown_keys<BeirDocument> = Unknown::is_skipped;
template <>
inline constexpr Unknown unknown_keys<BeirQuery> = Unknown::is_skipped;
}  // namespace lar::wire

LAR_WIRE_TYPE(BeirDocument);
LAR_WIRE_TYPE(BeirQuery);
LAR_WIRE_TYPE(ExportManifest);
