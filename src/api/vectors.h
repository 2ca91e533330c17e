// One request for embeddings, from an engine's lease to the vectors; on the I/O thread, like generation.h.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "api/generation.h"
#include "api/shape.h"
#include "http/responder.h"
#include "models/keeper.h"
#include "wire/engine.h"

namespace lar::api {

struct VectorsAsked {
    models::Loadable model;
    wire::ModelOptions options;
    std::optional<std::int64_t> keep_alive_us;
    wire::Embed embed;  // without inputs: the model is only loaded
    std::optional<std::uint32_t> dimensions;
};
struct Vectors {
    std::vector<std::vector<float>> values;  // one for each input
    std::vector<std::uint32_t> truncated;    // inputs that were cut
    std::uint32_t tokens = 0;
    Totals totals;
};
// too_large, with the numbers, when the inputs are more than an engine takes at once.
Result<> check_inputs(const wire::Embed& embed);
// How many of a vector's first numbers are wanted: they are cut off and made to length 1 again. invalid when the
// model's vectors have fewer.
Result<std::optional<std::uint32_t>> dimensions_of(std::optional<std::int64_t> asked, const models::Model& model);

// From any thread. `say` makes the answer, with the vectors or with why there are none; it is not called when the
// client is gone.
using SayVectors = std::function<http::Response(const std::expected<Vectors, Failure>&)>;
void make_vectors(const EngineRoom& room, VectorsAsked asked, http::Responder responder, SayVectors say);

}  // namespace lar::api
