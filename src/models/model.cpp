#include "models/model.h"

#include "base/format.h"
#include "base/text.h"
#include "models/modelfile.h"
#include "models/parameters.h"
#include "models/sizes.h"
#include "wire/codec.h"

namespace lar::models {
namespace {

Result<ModelFile> file_of(const Place& place, const wire::ModelLayer& layer) {
    ModelFile file{.hex = TRY(hex_of(layer.digest)), .size_bytes = layer.size};
    if (const std::optional<Adopted> where = adopted(layer); where && place.own) {
        file.path = where->path;
        file.modified_ns = where->modified_ns;
    } else {
        file.path = blob_path(place.folder, file.hex);
    }
    return file;
}

// What a layer that is a small blob says, taken into the model.
Result<> take_text(Model& model, const wire::ModelLayer& layer, std::string text) {
    if (layer.media_type == media::params) {
        StoredOptions stored = TRY(stored_options_from_json(text));
        model.parameters = merge(std::move(model.parameters), stored.options);
        model.skipped = std::move(stored.skipped);
    } else if (layer.media_type == media::messages) {
        model.messages = TRY(wire::from_json<std::vector<wire::ModelMessage>>(text));
    } else if (!is_utf8(text)) {
        return fail(Code::corrupt, lar::format("{} is not UTF-8", layer.digest));
    } else if (layer.media_type == media::license) {
        model.licenses.push_back(std::move(text));
    } else {
        (layer.media_type == media::system ? model.system : model.tmpl) = std::move(text);
    }
    return {};
}

bool is_text(std::string_view type) {
    return type == media::tmpl || type == media::system || type == media::params || type == media::messages ||
           type == media::license;
}

std::vector<ModelFile>* files_for(Model& model, std::string_view type) {
    if (type == media::model) return &model.parts;
    if (type == media::adapter) return &model.adapters;
    if (type == media::projector) return &model.projectors;
    return nullptr;
}

}  // namespace

Result<Model> assemble(const Place& place, const Reference& reference, const ManifestFile& file) {
    Model model{.reference = reference,
                .digest = file.digest,
                .modified_us = file.modified_us,
                .folder = place.folder,
                .own = place.own};
    model.size_bytes = file.manifest.config.size;
    model.config = TRY(wire::from_json<wire::ModelConfig>(TRY(read_small_blob(place.folder, file.manifest.config))));
    for (const wire::ModelLayer& layer : file.manifest.layers) {
        model.size_bytes += layer.size;
        if (std::vector<ModelFile>* const files = files_for(model, layer.media_type))
            files->push_back(TRY(file_of(place, layer)));
        else if (is_text(layer.media_type))
            TRY_VOID(take_text(model, layer, TRY(read_small_blob(place.folder, layer))));
    }
    const std::string name = short_form(reference);
    if (model.config.remote_host && !model.config.remote_host->empty())
        return fail(Code::denied, lar::format("{} is computed by {} and not on this machine: Lar sends nothing there",
                                              name, printable(*model.config.remote_host)));
    if (model.parts.empty())
        return fail(Code::invalid, lar::format("{} has no GGUF file (its format is {}): Lar runs GGUF files", name,
                                               printable(model.config.model_format.value_or("not said"))));
    if (model.parts.size() > wire::limit_model_parts || model.adapters.size() > wire::limit_adapters)
        return fail(Code::too_large, lar::format("{} has more than {} files or {} adapters", name,
                                                 wire::limit_model_parts, wire::limit_adapters));
    model.details = details_of(model.config);
    return model;
}

void add_facts(Model& model, wire::Facts facts) {
    const Projector projector = model.projectors.empty() ? Projector::none : Projector::there;
    model.details = details_of(facts, projector);
    model.capabilities = capabilities_of(facts, model.tmpl, projector);
    model.facts = std::move(facts);
}

Result<Fd> open_file(const ModelFile& file) {
    Result<Fd> fd = open_read_only(file.path);
    if (!fd && fd.error().code == Code::not_found)
        return fail(Code::not_found, lar::format("the model's file {} is gone: put it back, or create the model again",
                                                 file.path.string()));
    if (!fd) return fd;
    const Stamp stamp = TRY(stamp_of(fd->number()));
    if (stamp.size_bytes != file.size_bytes)
        return fail(Code::conflict,
                    lar::format("the model's file {} had {} bytes and has {}: create the model again",
                                file.path.string(), with_commas(file.size_bytes), with_commas(stamp.size_bytes)));
    if (file.modified_ns && stamp.modified_ns != *file.modified_ns)
        return fail(
            Code::conflict,
            lar::format("the model's file {} was written to since the model was made of it: create the model again",
                        file.path.string()));
    return fd;
}

Result<OpenModel> open_files(const Model& model) {
    OpenModel out{.vocabulary = model.facts.vocabulary};
    for (const ModelFile& file : model.parts) out.parts.push_back(TRY(open_file(file)));
    for (const ModelFile& file : model.adapters) out.adapters.push_back(TRY(open_file(file)));
    return out;
}

Result<std::string> modelfile_of(const Model& model) {
    Modelfile out;
    for (const ModelFile& file : model.parts) out.from.push_back(file.path.string());
    for (const ModelFile& file : model.projectors) out.from.push_back(file.path.string());
    for (const ModelFile& file : model.adapters) out.adapters.push_back(file.path.string());
    if (!model.tmpl.empty()) out.tmpl = model.tmpl;
    if (!model.system.empty()) out.system = model.system;
    out.parameters = model.parameters;
    out.messages = model.messages;
    out.licenses = model.licenses;
    out.renderer = model.config.renderer;
    out.parser = model.config.parser;
    out.requires_version = model.config.requires_version;
    return write_modelfile(out);
}

}  // namespace lar::models
