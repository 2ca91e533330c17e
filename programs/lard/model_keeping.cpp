#include "model_keeping.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace lar::lard {

Result<std::unique_ptr<ModelKeeping>> ModelKeeping::open(Options options, ipc::Spawner& spawner, const Clock& clock,
                                                         const Zone& zone) {
    std::unique_ptr<ModelKeeping> keeping(new ModelKeeping(options, spawner, clock, zone));
    keeping->catalogue_ = TRY(models::Catalogue::open({.folder = std::move(options.folder),
                                                       .others = std::move(options.others),
                                                       .changed =
                                                           [keeper = keeping.get()] {
                                                               if (keeper->changed_) keeper->changed_();
                                                           }},
                                                      keeping->engines_, clock));
    return keeping;
}

void ModelKeeping::attach(http::Server& server) {
    server_ = &server;
    engines_.attach(server, [this] { look(); });
}

api::ModelRooms ModelKeeping::rooms() {
    return {*catalogue_,
            {keeper_, clock_,
             [this](std::function<void()> call) {
                 server_->post([this, call = std::move(call)] {
                     call();
                     look();
                 });
             }},
            default_model_};
}

void ModelKeeping::look() {
    const std::optional<std::int64_t> wake_us = keeper_.next_wake_us();
    if (!wake_us || (alarm_us_ && *alarm_us_ <= *wake_us)) return;
    alarm_us_ = wake_us;
    const std::int64_t wait_ms = std::max<std::int64_t>(0, (*wake_us - clock_.monotonic_us() + 999) / 1000);
    server_->after(std::chrono::milliseconds(wait_ms), [this, mine = *wake_us] {
        // An earlier alarm was set meanwhile and has done this one's work.
        if (alarm_us_ != mine) return;
        alarm_us_.reset();
        keeper_.tick();
        look();
    });
}

}  // namespace lar::lard
