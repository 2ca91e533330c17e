#include "api/model_rooms.h"

#include <format>

#include "base/text.h"

namespace lar::api {
Result<models::Model> find_model(models::Catalogue& catalogue, std::string_view name) {
    const auto missing = [&] {
        return fail(Code::not_found, std::format("model '{}' not found", printable(utf8_prefix(name, 200))));
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
