// Readers of the store for handlers: one at a time each, kept for the next one.
#pragma once

#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace lar::api {

class Readers {
public:
    static constexpr std::size_t limit_kept = 2;  // as many as there are threads that work

    explicit Readers(store::Store& store) : store_(store) {}

    // Gives its reader back when it goes.
    class Lease {
    public:
        Lease(Readers& home, store::Reader reader) : home_(&home), reader_(std::move(reader)) {}
        Lease(Lease&& other) noexcept : home_(std::exchange(other.home_, nullptr)), reader_(std::move(other.reader_)) {}
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (home_ != nullptr) home_->give_back(std::move(reader_));
        }
        store::Reader& operator*() { return reader_; }
        store::Reader* operator->() { return &reader_; }

    private:
        Readers* home_;
        store::Reader reader_;
    };
    Result<Lease> lease();
    void clear();  // lets go of those kept, with their caches

private:
    void give_back(store::Reader reader);

    store::Store& store_;
    std::mutex mutex_;
    std::vector<store::Reader> kept_;
};

}  // namespace lar::api
