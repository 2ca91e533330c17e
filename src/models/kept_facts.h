// What engines said of model files, kept by the files' hashes in Lar's own folder of models: facts/HEX.json.
// Derived: any of them may be deleted, and an engine is asked again.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "base/result.h"
#include "models/details.h"
#include "models/model.h"
#include "wire/engine.h"

namespace lar::models {

class KeptFacts {
public:
    KeptFacts(std::filesystem::path folder, FactsReader& reader) : folder_(std::move(folder)), reader_(reader) {}

    // Of a file of a model: kept, or read now and kept.
    Result<wire::Facts> of(const ModelFile& file);
    // Of an open file that nobody has hashed yet; not kept.
    Result<wire::Facts> read(Fd file);
    Result<> keep(const std::string& hex, const wire::Facts& facts);
    // Removes those of files that no model has.
    Result<> sweep(const std::set<std::string>& used);

private:
    std::filesystem::path place(const std::string& hex) const { return folder_ / "facts" / (hex + ".json"); }

    std::filesystem::path folder_;
    FactsReader& reader_;
};

}  // namespace lar::models
