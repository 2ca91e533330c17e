// What a Store owns: the writer's connection and its lock, and the list of the readers'.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "store/database.h"
#include "store/reader.h"
#include "store/store.h"

namespace lar::store {

class Store::Impl {
public:
    Impl(std::filesystem::path place, std::string database_name, const Clock& by)
        : path(std::move(place)),
          name(std::move(database_name)),
          clock(by),
          connections(std::make_shared<ConnectionList>()) {}
    ~Impl() {
        if (writer) connections->remove(*writer);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    bool in_memory() const { return path.empty(); }

    const std::filesystem::path path;  // empty: in memory
    const std::string name;            // what connections are opened with
    const Clock& clock;
    std::mutex mutex;  // whoever holds it may use the writer
    std::unique_ptr<Connection> writer;
    // Shared with the readers, any of which may outlive the store.
    std::shared_ptr<ConnectionList> connections;
};

}  // namespace lar::store
