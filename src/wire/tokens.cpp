#include "wire/tokens.h"

#include "wire/json.h"

using namespace lar::wire;
LAR_WIRE_TYPE(ApiTokenRequest);
LAR_WIRE_TYPE(ApiToken);
LAR_WIRE_TYPE(ApiTokens);
LAR_WIRE_TYPE(ApiNewToken);
LAR_WIRE_TYPE(KeptTokens);
