// Documents that programs push, made ready for the store.
//
// A pushed document is prose under the caller's own id; a second push of an id replaces the first. Its
// id is no path and is not searched. Without a time it gets that of the push.
#pragma once

#include "base/time.h"
#include "store/store.h"
#include "wire/api.h"

namespace lar::ingest {

inline constexpr std::size_t limit_pushed_id_bytes = 1024;

Result<wire::ApiPushed> push_documents(store::Store& store, const Clock& clock, const Zone& zone,
                                       store::SourceId source, const wire::ApiPush& request);

}  // namespace lar::ingest
