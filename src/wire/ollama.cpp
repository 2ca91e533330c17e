// The answers' codec. The requests are read in ollama_requests.cpp.
#include "wire/ollama.h"

#include "wire/json.h"

using namespace lar::wire;

template <>
struct glz::meta<OllamaShow> {
    using T = OllamaShow;
    static constexpr auto value = glz::object(
        "license", &T::license, "modelfile", &T::modelfile, "parameters", &T::parameters, "template", &T::tmpl,
        "system", &T::system, "details", &T::details, "messages", &T::messages, "model_info", &T::model_info, "tensors",
        &T::tensors, "capabilities", &T::capabilities, "modified_at", &T::modified_at);
};

LAR_WIRE_TYPE(OllamaName);
LAR_WIRE_TYPE(OllamaCopy);
LAR_WIRE_TYPE(OllamaCreateHere);
LAR_WIRE_TYPE(OllamaStop);
LAR_WIRE_TYPE(std::vector<TemplateMessage>);
LAR_WIRE_TYPE(OllamaError);
LAR_WIRE_TYPE(OllamaVersion);
LAR_WIRE_TYPE(OllamaStatus);
LAR_WIRE_TYPE(OllamaTags);
LAR_WIRE_TYPE(OllamaPs);
LAR_WIRE_TYPE(OllamaShow);
LAR_WIRE_TYPE(OllamaGenerated);
LAR_WIRE_TYPE(OllamaChatted);
LAR_WIRE_TYPE(OllamaEmbedded);
LAR_WIRE_TYPE(OllamaEmbedding);
