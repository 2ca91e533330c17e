// The ledger: what left this machine, what was fetched, what was refused, and what each answer took to compute here.
//
// store/ledger.h says how its rows hold together and how an auditor checks them. Here their contents are written and
// summed up, and the head (number and hash of the last entry) is kept in a file of its own, outside the store: from it
// verify() sees that entries went from the end. The head moves forward only from an entry that the store still has;
// where it has not, the head stays what it is, so that the loss is told until the user removes the file. Whoever writes
// both the store and that file can deny what happened; whoever was given a head before can prove it.
//
// Nothing here holds text of the user's (wire/ledger.h). All of it from any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "store/store.h"
#include "wire/ledger.h"

namespace lar::consent {

class Ledger {
public:
    // `head` need not exist.
    static Result<std::unique_ptr<Ledger>> open(store::Store& store, std::filesystem::path head, const Clock& clock,
                                                const Zone& zone);

    // On the disk when it returns: all of them or none.
    Result<> append(std::span<const wire::LedgerEntry> entries);
    Result<> append(const wire::LedgerEntry& entry) { return append(std::span(&entry, 1)); }

    // `month` as 2026-11 in the user's zone, or empty for all; the newest `limit` entries are listed.
    Result<wire::ApiLedger> report(store::Reader& reader, std::string_view month, std::size_t limit) const;
    Result<wire::ApiLedgerCheck> verify(store::Reader& reader) const;

private:
    Ledger(store::Store& store, std::filesystem::path head, const Clock& clock, const Zone& zone)
        : store_(store), head_file_(std::move(head)), clock_(clock), zone_(zone) {}
    Result<std::optional<store::LedgerHead>> kept_head() const;

    store::Store& store_;
    const std::filesystem::path head_file_;
    const Clock& clock_;
    const Zone& zone_;
    mutable std::mutex mutex_;  // whoever holds it may write the head
    bool head_holds_ = false;   // under `mutex_`
};

}  // namespace lar::consent
