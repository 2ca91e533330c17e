// Forgetting a source so that nothing of it remains, and showing that.
//
// Removal takes the text out of the database; what SQLite leaves behind in free pages and in the WAL is
// overwritten by the store's scrub, and what was made from its passages goes with them (Derived). To prove it, some
// passages are remembered before and searched for in the bytes of the files afterwards, as are the bytes of what was
// made from them; what another source holds by right is no remain.
#pragma once

#include "base/result.h"
#include "ingest/ingest.h"
#include "store/store.h"
#include "wire/api.h"

namespace lar::ingest {

inline constexpr std::size_t limit_samples = 50;

// Overwrites what deletes left behind, and waits for a search that is going on; see Store::scrub.
Result<> scrub(store::Store& store);

// `derived` may be none.
Result<wire::ApiForgotten> forget_source(store::Store& store, store::Reader& reader, const store::Source& source,
                                         Derived* derived, bool prove);

}  // namespace lar::ingest
