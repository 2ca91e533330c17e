// Vectors and scores by an engine, for a thread that waits for them: api/text_models.h is the same for text.
//
//     auto session = TRY(open_vectors(room, wanted, gone));              // loaded
//     const auto vectors = TRY(session->embed(texts, 2, gone));          // one for each
//
// The session keeps its engine; keeper and engines are on the I/O thread, so each step is posted there. Whoever waits
// looks again and again whether the answer is still wanted (`gone`); one that comes too late finds nobody. Must end
// before lard's I/O thread does. Not the I/O thread's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/generation.h"
#include "base/result.h"
#include "models/keeper.h"

namespace lar::api {

using NobodyWaits = std::function<bool()>;

class VectorSession {
public:
    virtual ~VectorSession() = default;
    virtual std::size_t dimensions() const = 0;
    // Texts that are too long are cut. `priority` as in wire::Embed.
    virtual Result<std::vector<std::vector<float>>> embed(std::vector<std::string> texts, std::uint8_t priority,
                                                          const NobodyWaits& gone) = 0;
    // Of a reranking model: how well each text answers the query. Texts that are too long are cut.
    virtual Result<std::vector<float>> score(std::string query, std::vector<std::string> texts, std::uint8_t priority,
                                             const NobodyWaits& gone) = 0;
};

// unavailable when it cannot be had before nobody waits; a load that is under way then goes on.
Result<std::unique_ptr<VectorSession>> open_vectors(const EngineRoom& room, models::Wanted wanted,
                                                    const NobodyWaits& gone);
// Whether an engine other than that of the model `key` has something to do.
Result<bool> engines_busy(const EngineRoom& room, std::string key, const NobodyWaits& gone);

}  // namespace lar::api
