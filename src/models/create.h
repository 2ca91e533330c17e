// What a new model is made of, gathered before anything of it is visible: files looked at by an engine, hashed or
// copied, texts put together. Takes as long as that takes and holds no lock; Catalogue then puts it in place.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "models/blobs.h"
#include "models/catalogue.h"
#include "models/kept_facts.h"
#include "wire/models.h"

namespace lar::models {

struct Draft {
    std::vector<wire::ModelLayer> files;  // parts, projectors, adapters
    std::vector<Staged> staged;           // those of them that are copies
    struct Text {
        std::string_view media_type;
        std::string bytes;
    };
    std::vector<Text> texts;
    wire::ModelConfig config;
    wire::Facts facts;
};

// `find` gives the model of a name; its facts are there.
using FindModel = std::function<Result<Model>(const Reference&)>;
struct Workshop {
    std::filesystem::path folder;  // Lar's own
    std::uint64_t reserve_bytes = 0;
    KeptFacts& facts;
    FindModel find;
};
Result<Draft> draft_model(const CreateModel& request, const Workshop& workshop, const Advance& advance);

}  // namespace lar::models
