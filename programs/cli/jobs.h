// Waiting for lard's work, with a bar on the terminal.
#pragma once

#include <string_view>

#include "commands.h"
#include "wire/api.h"

namespace lar::cli {

// Follows a job to its end; an interrupt ends the waiting, not the job.
Outcome<wire::ApiJob> wait_for_job(Session& session, Connection& lard, wire::ApiJob job);
// The latest job of a source, if there is one that is listed.
Outcome<wire::ApiJob> latest_job(Connection& lard, std::string_view source);

}  // namespace lar::cli
