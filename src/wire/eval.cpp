#include "wire/eval.h"

#include "wire/json.h"

using namespace lar::wire;

template <>
struct glz::meta<RetrievalReport> {
    using T = RetrievalReport;
    static constexpr auto value =
        glz::object("collection", &T::collection, "queries", &T::queries, "documents", &T::documents, "ndcg@10",
                    &T::ndcg_10, "recall@5", &T::recall_5, "recall@10", &T::recall_10, "recall@50", &T::recall_50,
                    "recall@100", &T::recall_100, "mrr", &T::mrr, "map", &T::map, "latency_p50_ms", &T::latency_p50_ms,
                    "latency_p95_ms", &T::latency_p95_ms, "push_seconds", &T::push_seconds);
};
template <>
struct glz::meta<MemoryScores> {
    using T = MemoryScores;
    static constexpr auto value = glz::object("category", &T::category, "questions", &T::questions, "recall@5",
                                              &T::recall_5, "recall@10", &T::recall_10, "recall@20", &T::recall_20,
                                              "recall@50", &T::recall_50, "answered", &T::answered, "cited", &T::cited);
};
template <>
struct glz::meta<QaScores> {
    using T = QaScores;
    static constexpr auto value =
        glz::object("category", &T::category, "answerable", &T::answerable, "unanswerable", &T::unanswerable, "cited@1",
                    &T::cited_1, "cited@3", &T::cited_3, "hit@1", &T::hit_1, "hit@3", &T::hit_3, "hit@10", &T::hit_10,
                    "refused", &T::refused, "wrongly_refused", &T::wrongly_refused);
};

LAR_WIRE_TYPE(RetrievalReport);
LAR_WIRE_TYPE(MemoryReport);
LAR_WIRE_TYPE(QaReport);
LAR_WIRE_TYPE(QaTried);
LAR_WIRE_TYPE(LatencyReport);
