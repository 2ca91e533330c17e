#include "models/embedding.h"

#include <gtest/gtest.h>

namespace lar::models {
namespace {

EmbeddingStyle style(std::string name_in_file, std::string_view name_here, std::string architecture = "bert") {
    wire::Facts facts;
    facts.name = std::move(name_in_file);
    facts.architecture = std::move(architecture);
    return embedding_style(facts, name_here);
}

TEST(embedding, families_are_known_by_the_name_in_the_file) {
    EXPECT_EQ(style("nomic-embed-text-v1.5", "mine").query, "search_query: ");
    EXPECT_EQ(style("nomic-embed-text-v1.5", "mine").document, "search_document: ");
    EXPECT_EQ(style("Multilingual E5 Large", "mine").query, "query: ");
    EXPECT_EQ(style("Multilingual E5 Large", "mine").document, "passage: ");
    EXPECT_TRUE(style("multilingual-e5-large-instruct", "mine").query.starts_with("Instruct: "));
    EXPECT_EQ(style("multilingual-e5-large-instruct", "mine").document, "");
    EXPECT_EQ(style("Snowflake Arctic Embed L v2.0", "mine").query, "query: ");
    EXPECT_TRUE(style("bge-small-en-v1.5", "mine").query.starts_with("Represent this sentence"));
}

TEST(embedding, a_file_without_a_name_is_known_by_its_name_here_or_its_architecture) {
    EXPECT_EQ(style("", "intfloat/e5-base-v2:latest").query, "query: ");
    EXPECT_EQ(style("", "vectors", "nomic-bert").query, "search_query: ");
    EXPECT_TRUE(style("", "vectors", "gemma-embedding").document.starts_with("title: none"));
}

TEST(embedding, others_get_their_text_alone) {
    for (const char* name : {"all-MiniLM-L6-v2", "bge-m3", "gte-small", "granite-embedding-30m", "model-2e5f"})
        EXPECT_EQ(style(name, "mine").query + style(name, "mine").document, "") << name;
}

TEST(embedding, a_reranker_makes_no_vectors) {
    Model model;
    EXPECT_FALSE(makes_vectors(model));
    model.facts.pooling = "mean";
    EXPECT_TRUE(makes_vectors(model));
    model.facts.pooling = "rank";
    EXPECT_FALSE(makes_vectors(model));
}

}  // namespace
}  // namespace lar::models
