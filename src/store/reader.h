// What a Reader works with: its connection, entered in the store's list so that release_memory() finds it.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "store/database.h"
#include "store/segments.h"
#include "store/store.h"

namespace lar::store {

// The connections of one store. Shared by the store and its readers, because either may end first.
class ConnectionList {
public:
    void add(Connection& connection);
    void remove(Connection& connection);
    void release_memory();

private:
    std::mutex mutex_;
    std::vector<Connection*> connections_;
};

class Reader::Impl {
public:
    Impl(std::unique_ptr<Connection> on, std::shared_ptr<ConnectionList> list, std::shared_ptr<SegmentShelf> shelf);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Connection& connection() { return *connection_; }
    SegmentShelf& shelf() { return *shelf_; }

private:
    std::unique_ptr<Connection> connection_;
    std::shared_ptr<ConnectionList> list_;
    std::shared_ptr<SegmentShelf> shelf_;
};

}  // namespace lar::store
