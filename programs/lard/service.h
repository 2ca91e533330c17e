// The daemon around the rooms: what status, doctor and the log say, and how it ends.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "api/lar_routes.h"
#include "api/rooms.h"
#include "base/paths.h"
#include "couriers.h"
#include "document_readers.h"
#include "embedding.h"
#include "http/server.h"
#include "ingest/ingest.h"
#include "ipc/spawner.h"
#include "model_keeping.h"
#include "repositories.h"
#include "reranking.h"
#include "sandbox/policy.h"
#include "store/store.h"
#include "term_spaces.h"

namespace lar::lard {

// What main found out while setting up.
struct Facts {
    Paths paths;
    bool logs_to_file = false;
    sandbox::Layers layers;
    std::vector<std::string> listening;
    std::vector<std::string> problems;  // of the listeners
    std::int64_t started_us = 0;        // monotonic
};

class Service final : public api::Daemon {
public:
    Service(Facts facts, store::Store& store, ingest::Ingest& ingest, ipc::Spawner& spawner,
            const SpawnedRepositories& repositories, const SpawnedDocuments& documents, const Couriers& couriers,
            ModelKeeping& models, Embedding& embedding, Reranking& reranking, TermSpaces& spaces, const Clock& clock)
        : facts_(std::move(facts)),
          store_(store),
          ingest_(ingest),
          spawner_(spawner),
          repositories_(repositories),
          documents_(documents),
          couriers_(couriers),
          models_(models),
          embedding_(embedding),
          reranking_(reranking),
          spaces_(spaces),
          clock_(clock) {}

    // Before the server runs: end on SIGTERM and SIGINT (blocked, read from signal_fd), and look now and then whether
    // there is memory to give back.
    Result<> attach(http::Server& server, api::LarRoutes& routes, Fd signal_fd);

    Result<wire::ApiStatus> status() override;
    Result<wire::ApiDoctor> doctor() override;
    Result<std::vector<std::string>> log_lines(std::size_t limit) override;
    void shutdown() override;
    std::string air_gap() const override { return sandbox::to_string(facts_.layers); }

private:
    void look_whether_idle();
    std::vector<wire::ApiProcess> processes();

    Facts facts_;
    store::Store& store_;
    ingest::Ingest& ingest_;
    ipc::Spawner& spawner_;
    const SpawnedRepositories& repositories_;
    const SpawnedDocuments& documents_;
    const Couriers& couriers_;
    ModelKeeping& models_;
    Embedding& embedding_;
    Reranking& reranking_;
    TermSpaces& spaces_;
    const Clock& clock_;
    http::Server* server_ = nullptr;
    api::LarRoutes* routes_ = nullptr;
    Fd signal_fd_;
    std::uint64_t requests_seen_ = 0;
    bool released_ = false;
};

}  // namespace lar::lard
