#include "wire/engine.h"

#include "wire/json.h"

using namespace lar::wire;

template <>
struct glz::meta<KvType> {
    using enum KvType;
    static constexpr auto value = enumerate(f16, q8_0, q4_0, f32);
};
template <>
struct glz::meta<Overflow> {
    using enum Overflow;
    static constexpr auto value = enumerate(refuse, drop_oldest);
};
template <>
struct glz::meta<FinishReason> {
    using enum FinishReason;
    static constexpr auto value = enumerate(end, stop, length, window, cancelled);
};
template <>
struct glz::meta<Prompt> {
    static constexpr std::string_view tag = "kind";
    static constexpr auto ids = std::array{"text", "tokens", "chat", "infill"};
};
template <>
struct glz::meta<EngineRequest> {
    static constexpr std::string_view tag = "type";
    static constexpr auto ids = std::array{"read_facts", "load_model", "generate", "embed", "score",
                                           "tokenize",   "detokenize", "render",   "cancel"};
};
template <>
struct glz::meta<EngineEvent> {
    static constexpr std::string_view tag = "type";
    static constexpr auto ids = std::array{"ready",    "facts",    "loading", "loaded", "started",  "piece",
                                           "finished", "embedded", "scored",  "tokens", "rendered", "failed"};
};
template <>
inline constexpr Missing lar::wire::missing_keys<EngineRequest> = Missing::is_error;
template <>
inline constexpr Missing lar::wire::missing_keys<EngineEvent> = Missing::is_error;

LAR_WIRE_TYPE(EngineRequest);
LAR_WIRE_TYPE(EngineEvent);
