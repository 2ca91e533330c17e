#include "wire/chats.h"

#include "wire/json.h"

using namespace lar::wire;

LAR_WIRE_TYPE(ApiChatSettings);
LAR_WIRE_TYPE(ApiNewChat);
LAR_WIRE_TYPE(ApiChat);
LAR_WIRE_TYPE(ApiChats);
LAR_WIRE_TYPE(ApiChatLog);
LAR_WIRE_TYPE(ApiFoundMessages);
LAR_WIRE_TYPE(ApiDeletedChats);
LAR_WIRE_TYPE(ApiChatModel);
LAR_WIRE_TYPE(ApiSay);
LAR_WIRE_TYPE(ApiTalk);
