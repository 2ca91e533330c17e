#include "wire/handoff.h"

#include "wire/json.h"

using namespace lar::wire;

LAR_WIRE_TYPE(OpenAiHandoff);
LAR_WIRE_TYPE(AnthropicHandoff);
LAR_WIRE_TYPE(KeptTicket);
LAR_WIRE_TYPE(ApiHandoffRequest);
LAR_WIRE_TYPE(ApiHandoffEdit);
LAR_WIRE_TYPE(ApiHandoffRedaction);
LAR_WIRE_TYPE(ApiHandoffApproval);
LAR_WIRE_TYPE(ApiHandoffProviders);
LAR_WIRE_TYPE(ApiHandoff);
LAR_WIRE_TYPE(ApiHandoffs);
