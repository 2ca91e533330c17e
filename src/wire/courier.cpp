#include "wire/courier.h"

#include "wire/json.h"

using namespace lar::wire;

template <>
struct glz::meta<Scheme> {
    using enum Scheme;
    static constexpr auto value = enumerate(https, http);
};
template <>
struct glz::meta<Method> {
    using enum Method;
    static constexpr auto value = enumerate(get, head, post);
};
template <>
struct glz::meta<Reach> {
    using enum Reach;
    static constexpr auto value = enumerate(anywhere, loopback, internet);
};
template <>
struct glz::meta<CourierRequest> {
    static constexpr std::string_view tag = "type";
    static constexpr auto ids = std::array{"order"};
};
template <>
struct glz::meta<CourierEvent> {
    static constexpr std::string_view tag = "type";
    static constexpr auto ids = std::array{"ready", "under_way", "progress", "delivered", "failed"};
};
template <>
inline constexpr Missing lar::wire::missing_keys<CourierRequest> = Missing::is_error;
template <>
inline constexpr Missing lar::wire::missing_keys<CourierEvent> = Missing::is_error;

LAR_WIRE_TYPE(CourierRequest);
LAR_WIRE_TYPE(CourierEvent);
