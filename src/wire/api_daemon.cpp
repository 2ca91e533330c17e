#include "wire/api.h"
#include "wire/json.h"

using namespace lar::wire;

LAR_WIRE_TYPE(ApiAddSource);
LAR_WIRE_TYPE(ApiSource);
LAR_WIRE_TYPE(ApiSources);
LAR_WIRE_TYPE(ApiWhy);
LAR_WIRE_TYPE(ApiPushedDocument);
LAR_WIRE_TYPE(ApiPush);
LAR_WIRE_TYPE(ApiPushed);
LAR_WIRE_TYPE(ApiDocuments);
LAR_WIRE_TYPE(ApiLeftOutPaths);
LAR_WIRE_TYPE(ApiForgotten);
LAR_WIRE_TYPE(ApiJob);
LAR_WIRE_TYPE(ApiJobs);
LAR_WIRE_TYPE(ApiStatus);
LAR_WIRE_TYPE(ApiDoctor);
LAR_WIRE_TYPE(ApiStored);
LAR_WIRE_TYPE(ApiLogs);
LAR_WIRE_TYPE(ApiOk);
