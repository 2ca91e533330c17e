// How a model of vectors wants its texts, and which of those that are here makes the vectors of passages.
//
// Such models were trained on pairs with words before them ("query: ", "search_document: ") and place texts without
// them elsewhere. A GGUF does not name the words, so they are known by family: the name in the file's metadata,
// else what the model is called here. Pooling the engine reads from the file by itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "models/model.h"

namespace lar::models {

struct EmbeddingStyle {
    std::string query, document;  // what stands before each; empty: nothing
};
// `name`: of the model here, for a file that does not say.
EmbeddingStyle embedding_style(const wire::Facts& facts, std::string_view name);

// Whether it gives vectors and nothing else; a reranker gives scores.
bool makes_vectors(const Model& model);
bool gives_scores(const Model& model);

}  // namespace lar::models
