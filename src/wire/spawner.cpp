#include "wire/spawner.h"

#include "wire/json.h"

using namespace lar::wire;

template <>
struct glz::meta<Worker> {
    using enum Worker;
    static constexpr auto value = enumerate(reader, engine, courier);
};
template <>
struct glz::meta<Ending> {
    using enum Ending;
    static constexpr auto value = enumerate(finished, failed, killed, crashed, violation, out_of_limit, not_started);
};
template <>
struct glz::meta<SpawnerRequest> {
    static constexpr std::string_view tag = "type";
    static constexpr auto ids = std::array{"spawn", "kill"};
};
template <>
struct glz::meta<SpawnerEvent> {
    static constexpr std::string_view tag = "type";
    static constexpr auto ids = std::array{"ready", "spawned", "ended"};
};
template <>
inline constexpr Missing lar::wire::missing_keys<SpawnerRequest> = Missing::is_error;
template <>
inline constexpr Missing lar::wire::missing_keys<SpawnerEvent> = Missing::is_error;

LAR_WIRE_TYPE(SpawnerRequest);
LAR_WIRE_TYPE(SpawnerEvent);
