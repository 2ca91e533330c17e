// What the endpoints reach: the rooms behind them, and the daemon around them, which programs/lard implements.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "answer/text_model.h"
#include "api/job_hub.h"
#include "api/tokens.h"
#include "base/result.h"
#include "base/time.h"
#include "consent/ledger.h"
#include "consent/provider.h"
#include "consent/tickets.h"
#include "ingest/ingest.h"
#include "store/store.h"
#include "wire/api.h"

namespace lar::api {

class Daemon {
public:
    virtual ~Daemon() = default;
    // Any thread. status() is polled and has to be quick.
    virtual Result<wire::ApiStatus> status() = 0;
    virtual Result<wire::ApiDoctor> doctor() = 0;
    virtual Result<std::vector<std::string>> log_lines(std::size_t limit) = 0;  // the newest, oldest first
    virtual void shutdown() = 0;                                                // begins; returns at once
    virtual std::string air_gap() const = 0;  // the layers that hold: "seccomp, landlock 7"
};

struct Rooms {
    store::Store& store;
    ingest::Ingest& ingest;
    JobHub& jobs;
    Daemon& daemon;
    Tokens& tokens;
    consent::Ledger& ledger;
    consent::Tickets& tickets;
    const Clock& clock;
    const Zone& zone;
    answer::TextModels* models = nullptr;        // none: answers are quoted, and there are no chats
    recall::Dense* dense = nullptr;              // none: recall is by words alone
    recall::Reranker* reranker = nullptr;        // none: candidates stay in the order of recall
    const consent::Settings* consent = nullptr;  // none: no other model is ever proposed
    const recall::Spaces* spaces = nullptr;      // none: what words found is not looked at in the space of all terms
};

}  // namespace lar::api
