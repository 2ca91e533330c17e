#include "models/create.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <system_error>

#include "base/format.h"
#include "base/text.h"
#include "models/parameters.h"
#include "models/split.h"
#include "wire/codec.h"

namespace lar::models {
namespace {

namespace fs = std::filesystem;

enum class Use { from, adapter };

// The same file as another open file, with a place of its own to read from.
Result<Fd> reopen(const Fd& file) { return open_read_only(lar::format("/proc/self/fd/{}", file.number())); }

template <class T>
Result<T> about(const fs::path& path, Result<T> result) {
    if (!result) result.error().message = lar::format("{}: {}", path.string(), result.error().message);
    return result;
}

class Drafting {
public:
    Drafting(const CreateModel& request, const Workshop& workshop, const Advance& advance)
        : request_(request), workshop_(workshop), advance_(advance) {}

    Result<Draft> run() {
        if (request_.from.empty())
            return fail(Code::invalid, "say what the model is made from: a GGUF file or a model");
        for (const Origin& origin : request_.from) TRY_VOID(take(origin, Use::from));
        for (const Origin& origin : request_.adapters) TRY_VOID(take(origin, Use::adapter));
        TRY_VOID(check_files());
        for (auto* files : {&parts_, &projectors_, &adapters_})
            out_.files.insert(out_.files.end(), std::make_move_iterator(files->begin()),
                              std::make_move_iterator(files->end()));
        TRY_VOID(take_texts());
        out_.config = config();
        return std::move(out_);
    }

private:
    Result<> take(const Origin& origin, Use use) {
        if (const auto* path = std::get_if<fs::path>(&origin)) return take_path(*path, use);
        if (const auto* blob = std::get_if<BlobName>(&origin)) return take_blob(*blob, use);
        const Reference& name = std::get<Reference>(origin);
        if (use == Use::adapter)
            return fail(Code::invalid,
                        lar::format("an adapter is a file, and there is no file '{}'", short_form(name)));
        return take_model(name);
    }

    // --- files ---
    Result<> take_path(const fs::path& given, Use use) {
        std::error_code error;
        const fs::path path = fs::canonical(given, error);
        if (error) return fail_errno(lar::format("cannot open {}", given.string()), error.value());
        if (fs::is_directory(path, error))
            return fail(
                Code::invalid,
                lar::format("{} is a folder: Lar takes GGUF files; convert the model to one first", path.string()));
        if (std::ranges::contains(split_, path)) return {};  // its model is taken already
        wire::Facts facts = TRY(facts_of(path));
        if (facts.parts <= 1) return take_file(path, std::move(facts), use);
        split_ = TRY(split_files(path, facts.parts));
        if (split_.front() != path) facts = TRY(facts_of(split_.front()));
        for (const fs::path& part : split_) TRY_VOID(take_file(part, facts, use));
        return {};
    }

    Result<wire::Facts> facts_of(const fs::path& path) {
        Fd file = TRY(open_read_only(path));
        TRY_VOID(about(path, stamp_of(file.number())));
        return about(path, workshop_.facts.read(std::move(file)));
    }

    Result<> take_file(const fs::path& path, wire::Facts facts, Use use) {
        const Fd file = TRY(open_read_only(path));
        const Stamp before = TRY(about(path, stamp_of(file.number())));
        wire::ModelLayer layer{.size = before.size_bytes};
        if (request_.keeping == Keeping::copy) {
            out_.staged.push_back(
                TRY(about(path, copy_blob(workshop_.folder, file.number(), workshop_.reserve_bytes, advance_))));
            layer.digest = digest_of(out_.staged.back().hex());
        } else {
            const std::string hex = TRY(about(path, hash_file(file.number(), advance_)));
            if (TRY(stamp_of(file.number())) != before)
                return fail(Code::conflict,
                            lar::format("{} changed while it was read: try again when it is complete", path.string()));
            layer.digest = digest_of(hex);
            if (!is_own_blob(hex, before.size_bytes)) set_adopted(layer, {path, before.modified_ns});
        }
        return place(path.string(), std::move(layer), std::move(facts), use);
    }

    bool is_own_blob(const std::string& hex, std::uint64_t size_bytes) const {
        std::error_code none;
        return fs::file_size(blob_path(workshop_.folder, hex), none) == size_bytes && !none;
    }

    Result<> take_blob(const BlobName& blob, Use use) {
        const fs::path path = blob_path(workshop_.folder, blob.hex);
        const Result<Fd> file = open_read_only(path);
        if (!file)
            return fail(Code::not_found, lar::format("there is no blob {}: upload it first", digest_of(blob.hex)));
        wire::ModelLayer layer{.digest = digest_of(blob.hex), .size = TRY(stamp_of(file->number())).size_bytes};
        wire::Facts facts = TRY(about(fs::path(digest_of(blob.hex)), workshop_.facts.read(TRY(reopen(*file)))));
        return place(digest_of(blob.hex), std::move(layer), std::move(facts), use);
    }

    // Where a file belongs is what its facts say, not where it was named.
    Result<> place(const std::string& name, wire::ModelLayer layer, wire::Facts facts, Use use) {
        if (facts.adapter != (use == Use::adapter))
            return fail(
                Code::invalid,
                facts.adapter
                    ? lar::format("{} is an adapter and no model by itself: name it in ADAPTER, and its model in FROM",
                                  name)
                    : lar::format("{} is no adapter: name it in FROM", name));
        if (use == Use::adapter) {
            layer.media_type = media::adapter;
            adapters_.push_back(std::move(layer));
        } else if (facts.architecture == "clip") {
            layer.media_type = media::projector;
            projectors_.push_back(std::move(layer));
        } else {
            layer.media_type = media::model;
            if (parts_.empty()) out_.facts = std::move(facts);
            parts_.push_back(std::move(layer));
        }
        return {};
    }

    // --- from a model ---
    Result<> take_model(const Reference& name) {
        Model model = TRY(workshop_.find(name));
        if (!parts_.empty())
            return fail(Code::invalid, lar::format("{} is a model, and there is one already", short_form(name)));
        for (const ModelFile& file : model.parts) parts_.push_back(TRY(layer_of(model, file, media::model)));
        for (const ModelFile& file : model.projectors)
            projectors_.push_back(TRY(layer_of(model, file, media::projector)));
        for (const ModelFile& file : model.adapters) adapters_.push_back(TRY(layer_of(model, file, media::adapter)));
        out_.facts = std::move(model.facts);
        model.facts = {};
        base_ = std::move(model);
        return {};
    }

    Result<wire::ModelLayer> layer_of(const Model& model, const ModelFile& file, std::string_view type) {
        const Fd fd = TRY(open_file(file));
        wire::ModelLayer layer{.media_type = std::string(type), .digest = digest_of(file.hex), .size = file.size_bytes};
        if (is_own_blob(file.hex, file.size_bytes)) return layer;
        if (request_.keeping == Keeping::copy) {
            Staged staged =
                TRY(about(file.path, copy_blob(workshop_.folder, fd.number(), workshop_.reserve_bytes, advance_)));
            if (staged.hex() != file.hex)
                return fail(Code::corrupt, lar::format("the bytes of {} are not those that {} was made of",
                                                       file.path.string(), short_form(model.reference)));
            out_.staged.push_back(std::move(staged));
            return layer;
        }
        set_adopted(layer, {file.path, TRY(stamp_of(fd.number())).modified_ns});
        return layer;
    }

    Result<> check_files() const {
        if (parts_.empty())
            return fail(Code::invalid, "there is no model among the files, only a projector: name the model too");
        if (parts_.size() != std::max(out_.facts.parts, 1U))
            return fail(Code::invalid, lar::format("the model is {} files, and {} are named",
                                                   std::max(out_.facts.parts, 1U), parts_.size()));
        if (parts_.size() > wire::limit_model_parts)
            return fail(Code::too_large,
                        lar::format("the model is {} files, {} at most", parts_.size(), wire::limit_model_parts));
        if (adapters_.size() > wire::limit_adapters)
            return fail(Code::too_large,
                        lar::format("{} adapters, {} at most", adapters_.size(), wire::limit_adapters));
        return {};
    }

    // --- texts ---
    Result<> take_texts() {
        if (request_.tmpl && language_of(*request_.tmpl) == TemplateLanguage::go)
            return fail(
                Code::invalid,
                "the TEMPLATE is in Go's language, as Ollama's are, and Lar renders Jinja: leave it out and the "
                "model's own chat template is used");
        TRY_VOID(add_text(media::tmpl, request_.tmpl.value_or(base_.tmpl)));
        TRY_VOID(add_text(media::system, request_.system.value_or(base_.system)));
        const std::string parameters = wire::to_json(merge(base_.parameters, request_.parameters));
        if (parameters != "{}") TRY_VOID(add_text(media::params, parameters));
        const auto& messages = request_.messages.empty() ? base_.messages : request_.messages;
        if (!messages.empty()) TRY_VOID(add_text(media::messages, wire::to_json(messages)));
        for (const auto& licenses : {std::cref(base_.licenses), std::cref(request_.licenses)})
            for (const std::string& license : licenses.get()) TRY_VOID(add_text(media::license, license));
        if (out_.texts.size() + out_.files.size() > limit_layers)
            return fail(Code::too_large, "more licenses than anybody reads");
        return {};
    }

    Result<> add_text(std::string_view type, std::string text) {
        if (text.empty()) return {};
        if (!is_utf8(text)) return fail(Code::invalid, "a text of the model is not UTF-8");
        if (text.size() > limit_small_blob_bytes)
            return fail(Code::too_large,
                        lar::format("a text of {} bytes, {} at most", text.size(), limit_small_blob_bytes));
        out_.texts.push_back({type, std::move(text)});
        return {};
    }

    wire::ModelConfig config() const {
        const Details details = details_of(out_.facts, projectors_.empty() ? Projector::none : Projector::there);
        wire::ModelConfig config{
            .model_format = details.format,
            .model_family = details.family,
            .model_families = details.families,
            .model_type = details.parameter_size,
            .file_type = details.quantization_level,
            .renderer = request_.renderer ? request_.renderer : base_.config.renderer,
            .parser = request_.parser ? request_.parser : base_.config.parser,
            .requires_version = request_.requires_version ? request_.requires_version : base_.config.requires_version,
            .architecture = "amd64",
            .os = "linux",
            .rootfs = wire::ModelRootFs{.diff_ids = std::vector<std::string>{}}};
        for (const wire::ModelLayer& layer : out_.files) config.rootfs->diff_ids->push_back(layer.digest);
        return config;
    }

    const CreateModel& request_;
    const Workshop& workshop_;
    const Advance& advance_;
    std::vector<fs::path> split_;  // the files of a model that is several
    std::vector<wire::ModelLayer> parts_, projectors_, adapters_;
    Model base_;  // empty when it is made of files alone
    Draft out_;
};

}  // namespace

Result<Draft> draft_model(const CreateModel& request, const Workshop& workshop, const Advance& advance) {
    return Drafting(request, workshop, advance).run();
}

}  // namespace lar::models
