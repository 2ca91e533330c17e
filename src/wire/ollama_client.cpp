#include "wire/ollama_client.h"

#include "wire/json.h"

using namespace lar::wire;

LAR_WIRE_TYPE(OllamaAskGenerate);
LAR_WIRE_TYPE(OllamaAskChat);
LAR_WIRE_TYPE(OllamaAskShow);
LAR_WIRE_TYPE(OllamaAskPull);
LAR_WIRE_TYPE(OllamaAskCreate);
