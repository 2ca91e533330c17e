#include "wire/registries.h"

#include "wire/json.h"

using namespace lar::wire;

template <>
inline constexpr Unknown lar::wire::unknown_keys<RegistryToken> = Unknown::is_skipped;
template <>
inline constexpr Unknown lar::wire::unknown_keys<HubRepository> = Unknown::is_skipped;

LAR_WIRE_TYPE(RegistryToken);
LAR_WIRE_TYPE(HubRepository);
