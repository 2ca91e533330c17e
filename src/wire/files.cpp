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
template <>
struct glz::meta<RetrievalReport> {
    using T = RetrievalReport;
    static constexpr auto value =
        glz::object("collection", &T::collection, "queries", &T::queries, "documents", &T::documents, "ndcg@10",
                    &T::ndcg_10, "recall@5", &T::recall_5, "recall@10", &T::recall_10, "recall@50", &T::recall_50,
                    "recall@100", &T::recall_100, "mrr", &T::mrr, "map", &T::map, "latency_p50_ms", &T::latency_p50_ms,
                    "latency_p95_ms", &T::latency_p95_ms, "push_seconds", &T::push_seconds);
};

namespace lar::wire {
template <>
inline constexpr Unknown unknown_keys<BeirDocument> = Unknown::is_skipped;
template <>
inline constexpr Unknown unknown_keys<BeirQuery> = Unknown::is_skipped;
}  // namespace lar::wire

LAR_WIRE_TYPE(BeirDocument);
LAR_WIRE_TYPE(BeirQuery);
LAR_WIRE_TYPE(RetrievalReport);
LAR_WIRE_TYPE(ExportManifest);
