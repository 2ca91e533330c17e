#include "api/readers.h"

namespace lar::api {

Result<Readers::Lease> Readers::lease() {
    std::unique_lock lock(mutex_);
    if (!kept_.empty()) {
        store::Reader reader = std::move(kept_.back());
        kept_.pop_back();
        return Lease(*this, std::move(reader));
    }
    lock.unlock();
    return Lease(*this, TRY(store_.reader()));
}

void Readers::give_back(store::Reader reader) {
    const std::scoped_lock lock(mutex_);
    if (kept_.size() < limit_kept) kept_.push_back(std::move(reader));
}

void Readers::clear() {
    std::vector<store::Reader> gone;
    {
        const std::scoped_lock lock(mutex_);
        gone.swap(kept_);
    }
}

}  // namespace lar::api
