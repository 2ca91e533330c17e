// The models of this machine: Lar's own, and what an Ollama store holds, by name.
//
//     auto catalogue = TRY(Catalogue::open(options));                  // sweeps what a crash left
//     TRY(catalogue->create({.name = name, .from = {path}}, advance))  // a model of a GGUF file
//     const Model model = TRY(catalogue->find(name));                  // what it is made of
//     OpenModel files = TRY(open_files(model));                        // checked, for an engine (models/model.h)
//
// Lar's own models lie in its data folder, laid out as Ollama's (models/layout.h). A GGUF that the user keeps somewhere
// is used where it is unless a copy is asked for: it is large, it is the user's, and its hash, size and time are kept,
// so that one which changed or is gone is reported when it is used and never served. Ollama's folders are read, never
// written; a model made from one of theirs refers to the file there.
//
// Any thread. Long work (hashing, copying, an engine reading facts) is done outside the lock; a manifest appears last
// and whole. A manifest or a folder that cannot be read is a problem with a name, and the others are there all the
// same; while one of Lar's own cannot be read no blob is removed, because it may be that one's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "models/blobs.h"
#include "models/details.h"
#include "models/model.h"
#include "models/modelfile.h"
#include "models/partial.h"
#include "models/reference.h"

namespace lar::models {

struct Listed {
    Reference reference;
    std::string digest;
    std::uint64_t size_bytes = 0;
    std::int64_t modified_us = 0;
    std::filesystem::path folder;
    bool own = true;
    Details details;
    std::vector<Capability> capabilities;
    std::string problem;  // why it cannot be used; empty: it can
};

struct BlobName {
    std::string hex;  // of one that was uploaded
};
using Origin = std::variant<std::filesystem::path, Reference, BlobName>;

enum class Keeping { in_place, copy };

// What is not given is as in the model it is made from; an empty template or system text unsets it.
struct CreateModel {
    Reference name;
    std::vector<Origin> from, adapters;
    Keeping keeping = Keeping::in_place;
    std::optional<std::string> tmpl, system;
    wire::ModelOptions parameters;             // over those it is made from
    std::vector<wire::ModelMessage> messages;  // instead of those it is made from
    std::vector<std::string> licenses;         // besides those it is made from
    std::optional<std::string> renderer, parser, requires_version;
};
// A path is what looks like one ('/', './', '../', '~/', ".gguf") or names a file beneath `base`; anything else is a
// model.
Result<CreateModel> from_modelfile(const Modelfile& modelfile, const Reference& name, const std::filesystem::path& base,
                                   const std::filesystem::path& home);

struct Removed {
    std::uint64_t freed_bytes = 0;
};

class Catalogue {
public:
    struct Options {
        std::filesystem::path folder;                     // Lar's own, written
        std::vector<std::filesystem::path> others;        // Ollama's, read; they need not exist
        std::uint64_t reserve_bytes = 256 * 1024 * 1024;  // of the disk, left alone
        // One of Lar's own models came, changed or went. Called under the catalogue's lock: quick, and asks it nothing.
        std::function<void()> changed = {};
    };
    // An uploaded blob that no model took is kept so long.
    static constexpr std::int64_t unused_blob_us = us_per_hour;

    static Result<std::unique_ptr<Catalogue>> open(Options options, FactsReader& facts, const Clock& clock);
    virtual ~Catalogue() = default;

    // Sorted by time, the latest first. Files that no engine has looked at yet are looked at.
    virtual std::vector<Listed> list() = 0;
    // Lar's own before others'. not_found with the name that was meant.
    virtual Result<Model> find(const Reference& name) = 0;
    virtual bool exists(const Reference& name) = 0;
    // Of all its parts, as an engine reads them now.
    virtual Result<std::vector<wire::TensorFact>> tensors(const Model& model) = 0;
    // Folders that are there and cannot be read, a sentence each.
    virtual std::vector<std::string> problems() = 0;

    // Takes the place of a model of that name.
    virtual Result<Model> create(const CreateModel& request, const Advance& advance) = 0;
    virtual Result<> copy(const Reference& from, const Reference& to) = 0;
    // denied for a model in a folder of others.
    virtual Result<Removed> remove(const Reference& name) = 0;

    // Uploads: whether there is one, one begun, and one complete put where create finds it.
    virtual bool has_blob(std::string_view hex) = 0;
    virtual Result<BlobWriter> begin_blob(std::optional<std::uint64_t> size_bytes) = 0;
    virtual Result<> keep_blob(Staged blob) = 0;

    // A model that was pulled: its blobs, verified, to their places, then its manifest, which takes the place of a
    // model of that name. conflict when one that was there already is gone meanwhile.
    virtual Result<> install(const Reference& name, const std::string& manifest, std::vector<PartialBlob> blobs) = 0;
};

}  // namespace lar::models
