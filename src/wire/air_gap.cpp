#include "wire/air_gap.h"

#include "base/sha256.h"
#include "wire/json.h"

namespace lar::wire {

std::string document_of(const AirGapReport& report) {
    const std::string text = to_json(report);
    return R"({"report":)" + text + R"(,"sha256":")" + sha256_hex(text) + "\"}";
}

}  // namespace lar::wire

using namespace lar::wire;
LAR_WIRE_TYPE(AirGapReport);
