#include "ingest/upkeep.h"

#include <chrono>
#include <utility>

#include "base/format.h"
#include "base/log.h"

namespace lar::ingest {
namespace {

constexpr std::chrono::seconds after_a_failure{60};

}  // namespace

Upkeep::~Upkeep() {
    store_.on_index_change({});
    stopping_ = true;
    {
        const std::lock_guard lock(mutex_);
        wanted_ = true;
    }
    wake_.notify_one();
    thread_.reset();
}

Result<> Upkeep::start() {
    store_.on_index_change([this] {
        {
            const std::lock_guard lock(mutex_);
            wanted_ = true;
        }
        idle_ = false;
        wake_.notify_one();
    });
    thread_ = TRY(Thread::start([this] { run(); }));
    return {};
}

std::string Upkeep::problem() const {
    const std::lock_guard lock(mutex_);
    return problem_;
}

void Upkeep::run() {
    yield_to_others();
    while (!stopping_) {
        wait();
        tend();
    }
}

void Upkeep::wait() {
    std::unique_lock lock(mutex_);
    idle_ = !wanted_;
    const auto wanted = [this] { return wanted_; };
    if (problem_.empty())
        wake_.wait(lock, wanted);
    else
        wake_.wait_for(lock, after_a_failure);
    wanted_ = false;
    idle_ = false;
}

void Upkeep::tend() {
    Result<bool> more = true;
    while (!stopping_ && more && *more) more = store_.tend(stopping_);
    std::string problem;
    if (!more && !stopping_) {
        problem = lar::format("the index cannot be looked after: {}", more.error().message);
        log_warning("the index cannot be looked after: {}", to_string(more.error().code));
    }
    const std::lock_guard lock(mutex_);
    problem_ = std::move(problem);
}

}  // namespace lar::ingest
