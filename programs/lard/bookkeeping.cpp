#include "bookkeeping.h"

#include <utility>

#include "base/format.h"
#include "base/log.h"

namespace lar::lard {

namespace {

// Why it failed may hold what a server said, which is not the ledger's. A redirect or a refusal came whole, and is no
// download that is complete.
std::string outcome_of(const Trip& trip) {
    if (!trip.problem.empty()) return "failed";
    const bool delivered = trip.status >= 200 && trip.status <= 299;
    return delivered ? "complete" : lar::format("answered with status {}", trip.status);
}

}  // namespace

Refused violation_of(wire::Worker worker) {
    std::string process;
    switch (worker) {
        case wire::Worker::reader: process = "lar-reader"; break;
        case wire::Worker::engine: process = "lar-engine"; break;
        case wire::Worker::courier: process = "lar-courier"; break;
    }
    return {.process = std::move(process), .attempt = "a system call that its policy forbids"};
}

void Bookkeeping::take(const EngineWork& work) {
    consent::Computed computed{.model = work.model,
                               .output = work.output,
                               .prompt_tokens = work.prompt_tokens,
                               .reused_tokens = work.reused_tokens,
                               .generated_tokens = work.generated_tokens,
                               .cpu_seconds = work.spent.cpu_us / 1e6};
    if (work.spent.energy_known) computed.joules = work.spent.energy_uj / 1e6;
    enter(consent::computed_entry(computed, settings_));
}

void Bookkeeping::take(const Refused& refused) {
    enter(wire::LedgerDenied{.process = refused.process, .attempt = refused.attempt});
}

void Bookkeeping::take(const Trip& trip) {
    if (!trip.sha256_out.empty()) return;  // a hand-off, of which consent/tickets.h tells the ledger
    const wire::LedgerDownload download{
        .host = trip.host, .bytes = trip.bytes_in, .sha256 = trip.sha256_in, .outcome = outcome_of(trip)};
    if (const Result<> written = ledger_.append(wire::LedgerEntry(download)); !written)
        log_error("a download is missing in the ledger: {}", to_string(written.error().code));
}

void Bookkeeping::enter(wire::LedgerEntry entry) {
    bool full = false;
    {
        const std::scoped_lock lock(mutex_);
        queue_.push_back(std::move(entry));
        full = queue_.size() >= limit_queued;
    }
    // Where there is a job already that has not begun, it takes this one along.
    if (!pool_.run([this] { write_queued(); }) && full) write_queued();
}

void Bookkeeping::write_queued() {
    std::vector<wire::LedgerEntry> entries;
    {
        const std::scoped_lock lock(mutex_);
        entries = std::exchange(queue_, {});
    }
    if (const Result<> written = ledger_.append(entries); !written)
        log_error("{} entries of the ledger are lost: {}", entries.size(), to_string(written.error().code));
}

}  // namespace lar::lard
