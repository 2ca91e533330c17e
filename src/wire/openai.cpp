// The answers' codec. The requests are read in openai_requests.cpp.
#include "wire/openai.h"

#include "wire/json.h"

using namespace lar::wire;

LAR_WIRE_TYPE(std::vector<float>);
LAR_WIRE_TYPE(OpenAiError);
LAR_WIRE_TYPE(OpenAiModel);
LAR_WIRE_TYPE(OpenAiModels);
LAR_WIRE_TYPE(OpenAiChatted);
LAR_WIRE_TYPE(OpenAiChatChunk);
LAR_WIRE_TYPE(OpenAiCompleted);
LAR_WIRE_TYPE(OpenAiEmbedded);
