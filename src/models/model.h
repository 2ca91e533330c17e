// One model: what it is made of, where its files lie, what it is and can do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "models/details.h"
#include "models/layout.h"
#include "models/reference.h"
#include "wire/models.h"

namespace lar::models {

// One file of a model and how to know that it is still the same.
struct ModelFile {
    std::string hex;
    std::uint64_t size_bytes = 0;
    std::filesystem::path path;
    std::optional<std::int64_t> modified_ns;  // of one that others may write
};

struct Model {
    Reference reference;
    std::string digest;  // of its manifest, 64 hex digits
    std::uint64_t size_bytes = 0;
    std::int64_t modified_us = 0;
    std::filesystem::path folder;  // the store that holds it
    bool own = true;
    std::vector<ModelFile> parts, adapters, projectors;
    std::string tmpl, system;
    wire::ModelOptions parameters;
    std::vector<std::string> skipped;  // what its parameters say that Lar does not take, a sentence each
    std::vector<wire::ModelMessage> messages;
    std::vector<std::string> licenses;
    wire::ModelConfig config;
    wire::Facts facts;
    Details details;
    std::vector<Capability> capabilities;
};

struct OpenModel {
    std::vector<Fd> parts, adapters;
    std::uint32_t vocabulary = 0;  // tokens, as its facts say, which an engine's words are held against; 0: unknown
};
// not_found or conflict, with the file's name, when one of them is not what it was.
Result<OpenModel> open_files(const Model& model);
// FROM is the files' paths; what `lar show --modelfile` prints.
Result<std::string> modelfile_of(const Model& model);

// A folder of models: Lar's own, or one that others write and Lar only reads.
struct Place {
    std::filesystem::path folder;
    bool own = true;
};

// A model from its manifest and its small blobs, without facts and what follows from them. denied for one that
// is computed elsewhere, invalid for one that has no GGUF file.
Result<Model> assemble(const Place& place, const Reference& reference, const ManifestFile& file);

// Opens one file and checks that it is what it was.
Result<Fd> open_file(const ModelFile& file);

// The file as a model's own sentence about it, and what is known of it.
void add_facts(Model& model, wire::Facts facts);

}  // namespace lar::models
