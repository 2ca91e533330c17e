// What a model is and can do, from what an engine said of its file and from its template: as Ollama shows it.
//
// A file is read in an engine and nowhere else; this room asks through FactsReader and keeps the answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "wire/engine.h"
#include "wire/models.h"

namespace lar::models {

// Any thread, waits. An error is what is wrong with the file, or why nobody could look.
class FactsReader {
public:
    virtual ~FactsReader() = default;
    virtual Result<wire::Facts> facts(Fd file) = 0;
    // Names each of its tensors, which facts() does not.
    virtual Result<std::vector<wire::TensorFact>> tensors(Fd file) = 0;
};

enum class Capability { completion, embedding, tools, insert, vision, thinking };
std::string_view to_string(Capability capability);

struct Details {
    std::string format;  // "gguf"
    std::string family;  // "llama"
    std::vector<std::string> families;
    std::string parameter_size;      // "1.2B"
    std::string quantization_level;  // "Q4_K_M"
    std::uint32_t context_tokens = 0, embedding_length = 0;
};

// llama.cpp's name of a quantization ("Q4_K - Medium") as Ollama writes it ("Q4_K_M").
std::string quantization_level(std::string_view quantization);

enum class Projector { none, there };
Details details_of(const wire::Facts& facts, Projector projector);
// What a configuration alone says, for a model whose file could not be read.
Details details_of(const wire::ModelConfig& config);

// The language of a template. Ollama's own templates are in Go's; an engine renders Jinja.
enum class TemplateLanguage { jinja, go };
TemplateLanguage language_of(std::string_view tmpl);

// What is rendered: the model's template layer if it is Jinja, else the one in its file. Empty: none.
std::string_view chat_template(std::string_view layer, const wire::Facts& facts);

std::vector<Capability> capabilities_of(const wire::Facts& facts, std::string_view template_layer, Projector projector);

}  // namespace lar::models
