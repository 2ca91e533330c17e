#include "bookkeeping.h"

#include <utility>

#include "base/log.h"

namespace lar::lard {

void Bookkeeping::take(const EngineWork& work) {
    consent::Computed computed{.model = work.model,
                               .prompt_tokens = work.prompt_tokens,
                               .reused_tokens = work.reused_tokens,
                               .generated_tokens = work.generated_tokens,
                               .cpu_seconds = work.spent.cpu_us / 1e6};
    if (work.spent.energy_known) computed.joules = work.spent.energy_uj / 1e6;
    bool full = false;
    {
        const std::scoped_lock lock(mutex_);
        queue_.emplace_back(consent::computed_entry(computed, settings_));
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
