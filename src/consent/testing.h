// What the tests of this room share: a clock that is set by hand, and a folder that goes away.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <utility>

#include "base/testing.h"
#include "base/time.h"

namespace lar::consent {

inline const FixedZone greenwich(0);

class SetClock final : public Clock {
public:
    std::int64_t now_us() const override { return us; }
    std::int64_t monotonic_us() const override { return us; }
    void set(std::string_view time) { us = parse_rfc3339(time, greenwich)->us; }
    std::int64_t us = 0;
};

template <class T>
T must(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().message;
        std::abort();
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace lar::consent
