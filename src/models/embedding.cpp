#include "models/embedding.h"

#include <algorithm>
#include <array>
#include <ranges>

namespace lar::models {
namespace {

constexpr std::string_view rank_pooling = "rank";

constexpr std::string_view retrieve =
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ";
constexpr std::string_view represent = "Represent this sentence for searching relevant passages: ";

// By what the name holds; the first that fits. From each family's own description of its use.
struct Family {
    std::string_view first, second;  // both in the name
    std::string_view query, document;
};
constexpr auto families = std::to_array<Family>({
    {"nomic", "embed", "search_query: ", "search_document: "},
    {"embeddinggemma", "", "task: search result | query: ", "title: none | text: "},
    {"embedding-gemma", "", "task: search result | query: ", "title: none | text: "},
    {"gemma-embedding", "", "task: search result | query: ", "title: none | text: "},
    {"qwen3", "embed", retrieve, ""},
    {"e5", "instruct", retrieve, ""},
    {"e5", "mistral", retrieve, ""},
    {"e5", "", "query: ", "passage: "},
    {"arctic-embed", "v2", "query: ", ""},
    {"arctic-embed", "", represent, ""},
    {"mxbai-embed", "", represent, ""},
    {"bge", "-en", represent, ""},
});

// Lower case, and one sign between words, because files say "E5 Base V2" and models "e5-base-v2".
std::string plain(std::string_view name) {
    std::string out(name);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c == ' ' || c == '_' || c == ':' || c == '/') c = '-';
    }
    return out;
}

// "e5" begins a word: not in "e5f0c2".
bool holds(std::string_view name, std::string_view part) {
    const auto is_letter_or_digit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (part != "e5") return name.contains(part);
    for (std::size_t at = name.find(part); at != std::string_view::npos; at = name.find(part, at + 1))
        if ((at == 0 || !is_letter_or_digit(name[at - 1])) &&
            (at + part.size() == name.size() || !is_letter_or_digit(name[at + part.size()])))
            return true;
    return false;
}

}  // namespace

EmbeddingStyle embedding_style(const wire::Facts& facts, std::string_view name) {
    const std::array names{plain(facts.name), plain(name), plain(facts.architecture) + "-embed"};
    for (const std::string& one : names)
        for (const Family& family : families)
            if (holds(one, family.first) && holds(one, family.second))
                return {.query = std::string(family.query), .document = std::string(family.document)};
    return {};
}

bool gives_scores(const Model& model) { return model.facts.pooling == rank_pooling; }

bool makes_vectors(const Model& model) { return !model.facts.pooling.empty() && model.facts.pooling != rank_pooling; }

}  // namespace lar::models
