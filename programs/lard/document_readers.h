// Documents for ingest, read by a lar-reader that is started when the first one comes and ends when none follows.
//
// A document on which the reader dies, in whatever way, has that as its problem, and the next one gets a fresh reader.
// So does the one after documents_of_one_reader, so that nothing which one document did to the reader's memory is there
// for long. What the reader says is believed only within the limits of wire/documents.h; a reader that goes beyond them
// is killed. A document on which more time passes than its computing could explain is given up.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "ingest/documents.h"
#include "ipc/spawner.h"

namespace lar::lard {

inline constexpr int documents_of_one_reader = 200;

// What a reader says of a document, before anybody believes it.
Result<> validate(const wire::DocumentEvent& event);

class SpawnedDocuments final : public ingest::DocumentReader {
public:
    explicit SpawnedDocuments(ipc::Spawner& spawner) : spawner_(spawner) {}
    Result<ingest::ReadDocument> read(int file, wire::DocumentFormat format, std::uint32_t cpu_ms,
                                      const std::atomic<bool>& cancelled) override;
    void rest() override;

    // The layers that hold in the reader, as the latest one said; empty before the first.
    std::string layers() const;

private:
    Result<> start(const std::atomic<bool>& cancelled);
    Result<wire::DocumentEvent> hear(std::int64_t timeout_ms, const std::atomic<bool>& cancelled);
    // How the reader ended, after the channel failed with this.
    Error lost(const Error& error);

    ipc::Spawner& spawner_;
    std::optional<ipc::Worker> reader_;
    int documents_read_ = 0;
    std::uint64_t last_id_ = 0;
    mutable std::mutex mutex_;  // for what follows: status asks from another thread
    std::string layers_;
};

}  // namespace lar::lard
