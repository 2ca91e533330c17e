#include "api/model_rooms.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace lar::api {

const models::Listed* default_of(const ModelRooms& rooms, const std::vector<models::Listed>& all) {
    const Result<models::Reference> named = models::parse_reference(rooms.default_model);
    const auto answers = [&](const models::Listed& one) {
        if (!rooms.default_model.empty()) return named && key_of(one.reference) == key_of(*named);
        return one.problem.empty() && std::ranges::contains(one.capabilities, models::Capability::completion);
    };
    const auto found = std::ranges::find_if(all, answers);
    return found == all.end() ? nullptr : &*found;
}

std::string no_default_text(const ModelRooms& rooms) {
    if (rooms.default_model.empty())
        return "there is no model yet: 'lar pull NAME' fetches one, 'lar doctor' says which fits this machine";
    return lar::format("model '{}' not found, which the settings name ('model' in config.toml, or LAR_MODEL)",
                       printable(rooms.default_model));
}

Result<models::Model> find_model(models::Catalogue& catalogue, std::string_view name) {
    const auto missing = [&] {
        return fail(Code::not_found, lar::format("model '{}' not found", printable(utf8_prefix(name, 200))));
    };
    if (name.empty()) return missing();
    const models::Reference reference = TRY(models::parse_reference(name));
    Result<models::Model> model = catalogue.find(reference);
    if (!model && model.error().code == Code::not_found && !catalogue.exists(reference)) return missing();
    return model;
}

wire::OllamaDetails details_of(const models::Details& details) {
    wire::OllamaDetails out{.format = details.format,
                            .family = details.family,
                            .families = details.families,
                            .parameter_size = details.parameter_size,
                            .quantization_level = details.quantization_level};
    if (details.context_tokens > 0) out.context_length = details.context_tokens;
    if (details.embedding_length > 0) out.embedding_length = details.embedding_length;
    return out;
}

}  // namespace lar::api
