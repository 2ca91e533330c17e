#include "wire/handoff.h"

#include "wire/json.h"

using namespace lar::wire;

LAR_WIRE_TYPE(OpenAiHandoff);
LAR_WIRE_TYPE(AnthropicHandoff);
