// What a Store owns: the writer's connection and its lock, the segments of the index, and the list of the readers'
// connections.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "store/database.h"
#include "store/reader.h"
#include "store/segments.h"
#include "store/store.h"
#include "store/writer.h"

namespace lar::store {

class Store::Impl {
public:
    Impl(std::filesystem::path place, std::string database_name, const Clock& by)
        : path(std::move(place)),
          name(std::move(database_name)),
          clock(by),
          connections(std::make_shared<ConnectionList>()),
          shelf(std::make_shared<SegmentShelf>(path.empty() ? path : folder_beside(path))) {}
    ~Impl() {
        if (writer) connections->remove(*writer);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    bool in_memory() const { return path.empty(); }
    // lar.db has its segments in lar.index/.
    static std::filesystem::path folder_beside(std::filesystem::path path) { return path.replace_extension(".index"); }

    // One transaction, committed whole or not at all; the caller holds `mutex`.
    Result<> change(const std::function<Result<>(Writer::Impl&)>& body);
    // Forgets all segments and begins to index every passage again.
    Result<> begin_reindexing();
    // upkeep.cpp; whether there was something to do.
    Result<bool> reindex_some();
    Result<bool> merge_some(const std::atomic<bool>& stopping);

    const std::filesystem::path path;  // empty: in memory
    const std::string name;            // what connections are opened with
    const Clock& clock;
    std::mutex mutex;  // whoever holds it may use the writer
    std::unique_ptr<Connection> writer;
    // Shared with the readers, any of which may outlive the store.
    std::shared_ptr<ConnectionList> connections;
    std::shared_ptr<SegmentShelf> shelf;
    std::set<std::string> busy;  // segments that upkeep is merging; under `mutex`
    std::mutex upkeep;           // whoever holds it may look after the index; taken before `mutex`
};

}  // namespace lar::store
