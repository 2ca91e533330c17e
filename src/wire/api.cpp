#include "wire/api.h"

#include "wire/json.h"

using namespace lar::wire;

template <>
struct glz::meta<AskEvent> {
    static constexpr std::string_view tag = "type";
    static constexpr auto ids = std::array{"sentence", "citation", "answer", "error"};
};

LAR_WIRE_TYPE(ApiError);
LAR_WIRE_TYPE(ApiSearchRequest);
LAR_WIRE_TYPE(ApiHit);
LAR_WIRE_TYPE(ApiSearchResponse);
LAR_WIRE_TYPE(ApiAskRequest);
LAR_WIRE_TYPE(ApiCitation);
LAR_WIRE_TYPE(ApiAnswer);
LAR_WIRE_TYPE(AskEvent);
LAR_WIRE_TYPE(ApiAnswers);
