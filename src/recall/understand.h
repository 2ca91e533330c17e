// understand() with a say in which hints are believed.
#pragma once

#include "recall/recall.h"

namespace lar::recall {

enum class Hints : std::uint8_t {
    none,
    all,
    calendar_is_subject,  // "in October" is what the question is about, not when to look
};

Result<Understood> understand_as(std::string_view question, const Limits& limits, store::Reader& reader,
                                 const Clock& clock, const Zone& zone, Hints hints);

}  // namespace lar::recall
