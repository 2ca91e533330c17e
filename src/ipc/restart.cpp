#include "ipc/spawner.h"

namespace lar::ipc {

void RestartPolicy::failed(std::int64_t now_us) {
    if (failures_ == 0 || now_us - first_failure_us_ > window_us) {
        failures_ = 0;
        first_failure_us_ = now_us;
    }
    ++failures_;
    if (failures_ >= limit_failures) {
        next_start_us_ = first_failure_us_ + window_us;
        failures_ = 0;
    } else {
        // 0, 0.25 s, 0.5 s, 1 s
        next_start_us_ = failures_ == 1 ? now_us : now_us + (first_pause_us << (failures_ - 2));
    }
}

}  // namespace lar::ipc
