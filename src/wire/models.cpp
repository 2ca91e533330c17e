#include "wire/models.h"

#include "wire/json.h"

using namespace lar::wire;

template <>
struct glz::meta<ModelLayer> {
    using T = ModelLayer;
    static constexpr auto value = glz::object("mediaType", &T::media_type, "digest", &T::digest, "size", &T::size,
                                              "annotations", &T::annotations);
};
template <>
struct glz::meta<ModelManifest> {
    using T = ModelManifest;
    static constexpr auto value = glz::object("schemaVersion", &T::schema_version, "mediaType", &T::media_type,
                                              "config", &T::config, "layers", &T::layers);
};
template <>
struct glz::meta<ModelConfig> {
    using T = ModelConfig;
    static constexpr auto value = glz::object(
        "model_format", &T::model_format, "model_family", &T::model_family, "model_families", &T::model_families,
        "model_type", &T::model_type, "file_type", &T::file_type, "renderer", &T::renderer, "parser", &T::parser,
        "requires", &T::requires_version, "remote_host", &T::remote_host, "remote_model", &T::remote_model,
        "architecture", &T::architecture, "os", &T::os, "rootfs", &T::rootfs);
};

namespace lar::wire {
template <>
inline constexpr Unknown unknown_keys<ModelManifest> = Unknown::is_skipped;
template <>
inline constexpr Unknown unknown_keys<ModelConfig> = Unknown::is_skipped;
template <>
inline constexpr Unknown unknown_keys<std::vector<ModelMessage>> = Unknown::is_skipped;

Result<std::vector<JsonMember>> json_members(std::string_view json) {
    std::map<std::string, glz::raw_json> members;
    const std::string copy(json);
    if (const auto error = glz::read<ReadOptions{}>(members, copy); error)
        return fail(Code::invalid, "not a JSON object: " + glz::format_error(error, copy));
    std::vector<JsonMember> out;
    out.reserve(members.size());
    for (auto& [name, value] : members) out.push_back({name, std::move(value.str)});
    return out;
}
}  // namespace lar::wire

LAR_WIRE_TYPE(ModelManifest);
LAR_WIRE_TYPE(ModelConfig);
LAR_WIRE_TYPE(ModelOptions);
LAR_WIRE_TYPE(StoredFacts);
LAR_WIRE_TYPE(std::vector<ModelMessage>);
LAR_WIRE_TYPE(std::vector<std::string>);
LAR_WIRE_TYPE(std::string);
