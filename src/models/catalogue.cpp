#include "models/catalogue.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <system_error>

#include "base/format.h"
#include "base/log.h"
#include "base/nearest.h"
#include "base/text.h"
#include "models/create.h"
#include "models/kept_facts.h"
#include "wire/codec.h"

namespace lar::models {
namespace {

namespace fs = std::filesystem;

struct Located {
    Place place;
    Reference reference;  // in the case in which it is filed
    fs::path path() const { return manifest_path(place.folder, reference); }
};

std::vector<const wire::ModelLayer*> layers_of(const wire::ModelManifest& manifest) {
    std::vector<const wire::ModelLayer*> out{&manifest.config};
    for (const wire::ModelLayer& layer : manifest.layers) out.push_back(&layer);
    return out;
}

class Folders final : public Catalogue {
public:
    Folders(Options options, FactsReader& reader, const Clock& clock)
        : options_(std::move(options)), clock_(clock), reader_(reader), facts_(options_.folder, reader) {}

    Result<> start() {
        TRY_VOID(make_private_directory(options_.folder));
        for (const char* name : {"blobs", "manifests", "facts", "tmp", "partial"})
            TRY_VOID(make_private_directory(options_.folder / name));
        return sweep();
    }

    std::vector<Listed> list() override {
        std::vector<Listed> out;
        std::set<std::string> seen;
        for (const Place& place : places()) {
            const auto references = references_in(place.folder);
            if (!references) continue;  // problems() says so
            for (const Reference& reference : *references)
                if (seen.insert(key_of(reference)).second) out.push_back(listed({place, reference}));
        }
        std::ranges::stable_sort(out, std::ranges::greater(), &Listed::modified_us);
        return out;
    }

    Result<Model> find(const Reference& name) override {
        Model model = TRY(assembled(name));
        wire::Facts facts = TRY(facts_.of(model.parts.front()));
        add_facts(model, std::move(facts));
        return model;
    }

    Result<std::vector<wire::TensorFact>> tensors(const Model& model) override {
        std::vector<wire::TensorFact> out;
        for (const ModelFile& part : model.parts) {
            std::vector<wire::TensorFact> more = TRY(reader_.tensors(TRY(open_file(part))));
            out.insert(out.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
        }
        return out;
    }

    bool exists(const Reference& name) override { return locate(name).has_value(); }

    std::vector<std::string> problems() override {
        std::vector<std::string> out;
        for (const Place& place : places())
            if (const auto references = references_in(place.folder); !references)
                out.push_back(lar::format("the models in {} cannot be used: {}", place.folder.string(),
                                          references.error().message));
        return out;
    }

    Result<Model> create(const CreateModel& request, const Advance& advance) override {
        const Workshop workshop{.folder = options_.folder,
                                .reserve_bytes = options_.reserve_bytes,
                                .facts = facts_,
                                .find = [this](const Reference& name) { return find(name); }};
        TRY_VOID(put_in_place(request.name, TRY(draft_model(request, workshop, advance))));
        return find(request.name);
    }

    Result<> copy(const Reference& from, const Reference& to) override {
        const std::optional<Located> source = locate(from);
        if (!source) return no_such_model(from);
        if (key_of(from) == key_of(to)) return {};
        if (!source->place.own) {
            // Their small blobs are copied and their large ones used where they are.
            return create({.name = to, .from = {source->reference}}, {}).transform([](const Model&) {});
        }
        const std::lock_guard lock(mutex_);
        const std::string bytes = TRY(read_file(source->path(), limit_manifest_bytes));
        TRY_VOID(parse_manifest(bytes));
        return write_manifest(to, bytes);
    }

    Result<Removed> remove(const Reference& name) override {
        const std::lock_guard lock(mutex_);
        const std::optional<Located> found = locate(name);
        if (!found) return no_such_model(name);
        if (!found->place.own)
            return fail(Code::denied,
                        lar::format("{} is in Ollama's store at {}, which Lar only reads: remove it with Ollama",
                                    short_form(found->reference), found->place.folder.string()));
        const Result<ManifestFile> manifest = read_manifest(found->path());  // one that does not read goes too
        if (::unlink(found->path().c_str()) != 0)
            return fail_errno(lar::format("cannot remove {}", found->path().string()), errno);
        remove_empty_folders(found->path().parent_path());
        tell_change();
        return manifest ? release(manifest->manifest) : Removed{};
    }

    bool has_blob(std::string_view hex) override {
        std::error_code none;
        return fs::is_regular_file(blob_path(options_.folder, hex), none);
    }
    Result<BlobWriter> begin_blob(std::optional<std::uint64_t> size_bytes) override {
        return BlobWriter::start(options_.folder, size_bytes, options_.reserve_bytes);
    }
    Result<> keep_blob(Staged blob) override {
        const std::lock_guard lock(mutex_);
        return blob.move_to(blob_path(options_.folder, blob.hex()));
    }

    Result<> install(const Reference& name, const std::string& manifest, std::vector<PartialBlob> blobs) override {
        const wire::ModelManifest read = TRY(parse_manifest(manifest));
        const std::lock_guard lock(mutex_);
        for (PartialBlob& blob : blobs) TRY_VOID(blob.move_to(blob_path(options_.folder, blob.hex())));
        for (const wire::ModelLayer* layer : layers_of(read))
            if (!has_blob(TRY(hex_of(layer->digest))))
                return fail(Code::conflict, "a part of the model was removed meanwhile: pull it again");
        return write_manifest(name, manifest);
    }

private:
    // Lar's own folder and those of others that are there, each once however it is named.
    std::vector<Place> places() const {
        std::vector<Place> out{{options_.folder, true}};
        std::set<std::pair<dev_t, ino_t>> seen;
        struct stat status{};
        if (::stat(options_.folder.c_str(), &status) == 0) seen.emplace(status.st_dev, status.st_ino);
        for (const fs::path& folder : options_.others)
            if (::stat(folder.c_str(), &status) == 0 && seen.emplace(status.st_dev, status.st_ino).second)
                out.push_back({folder, false});
        return out;
    }

    std::optional<Located> locate(const Reference& name) const {
        const std::string key = key_of(name);
        for (const Place& place : places()) {
            std::error_code none;
            if (Located exact{place, name}; fs::is_regular_file(exact.path(), none)) return exact;
            const auto references = references_in(place.folder);
            if (!references) continue;  // problems() says so
            const auto found = std::ranges::find(*references, key, key_of);
            if (found != references->end()) return Located{place, *found};
        }
        return std::nullopt;
    }

    std::unexpected<Error> no_such_model(const Reference& name) const {
        std::vector<std::string> names;
        for (const Place& place : places())
            if (const auto references = references_in(place.folder))
                for (const Reference& reference : *references) names.push_back(short_form(reference));
        const std::vector<std::string_view> known(names.begin(), names.end());
        const std::string_view meant = nearest(short_form(name), known);
        const std::string hint = meant.empty() ? "" : lar::format("; did you mean '{}'?", meant);
        return fail(Code::not_found, lar::format("model '{}' not found{}", short_form(name), hint));
    }

    Result<Model> assembled(const Reference& name) {
        const std::lock_guard lock(mutex_);
        const std::optional<Located> found = locate(name);
        if (!found) return no_such_model(name);
        return assembled(*found);
    }
    static Result<Model> assembled(const Located& found) {
        const auto about = [&](Error error) {
            error.message = lar::format("model '{}': {}", short_form(found.reference), error.message);
            return error;
        };
        const ManifestFile manifest = TRY(read_manifest(found.path()).transform_error(about));
        return assemble(found.place, found.reference, manifest).transform_error(about);
    }

    Listed listed(const Located& found) {
        Listed out{.reference = found.reference, .folder = found.place.folder, .own = found.place.own};
        Result<Model> model = [&] {
            const std::lock_guard lock(mutex_);
            return assembled(found);
        }();
        if (!model) {
            out.problem = model.error().message;
            return out;
        }
        if (Result<wire::Facts> facts = facts_.of(model->parts.front()))
            add_facts(*model, std::move(*facts));
        else
            out.problem = facts.error().message;
        if (const auto files = open_files(*model); !files) out.problem = files.error().message;
        out.digest = std::move(model->digest);
        out.size_bytes = model->size_bytes;
        out.modified_us = model->modified_us;
        out.details = std::move(model->details);
        out.capabilities = std::move(model->capabilities);
        return out;
    }

    // Blobs first, the manifest last: before it nothing of the model is to be seen.
    Result<> put_in_place(const Reference& name, Draft draft) {
        const std::lock_guard lock(mutex_);
        for (Staged& staged : draft.staged) TRY_VOID(staged.move_to(blob_path(options_.folder, staged.hex())));
        wire::ModelManifest manifest{.media_type = std::string(media::manifest), .layers = std::move(draft.files)};
        for (const wire::ModelLayer& layer : manifest.layers)
            if (!adopted(layer) && !has_blob(TRY(hex_of(layer.digest))))
                return fail(Code::conflict, "the model it is made from was removed meanwhile");
        for (const Draft::Text& text : draft.texts)
            manifest.layers.push_back(TRY(text_layer(text.media_type, text.bytes)));
        manifest.config = TRY(text_layer(media::config, wire::to_json(draft.config)));
        TRY_VOID(facts_.keep(TRY(hex_of(manifest.layers.front().digest)), draft.facts));
        return write_manifest(name, wire::to_json(manifest));
    }

    Result<wire::ModelLayer> text_layer(std::string_view type, const std::string& bytes) const {
        return wire::ModelLayer{.media_type = std::string(type),
                                .digest = digest_of(TRY(write_small_blob(options_.folder, bytes))),
                                .size = bytes.size()};
    }

    void tell_change() const {
        if (options_.changed) options_.changed();
    }

    // The lock is held. What was there under that name, in whatever case, is gone with the blobs that only it had.
    Result<> write_manifest(const Reference& name, const std::string& bytes) {
        const std::optional<Located> before = locate(name);
        const bool replaces = before && before->place.own;
        const Reference& filed = replaces ? before->reference : name;
        const Result<ManifestFile> replaced =
            replaces ? read_manifest(before->path()) : fail(Code::not_found, "there was none");
        TRY_VOID(write_place(options_.folder, manifest_path(options_.folder, filed), bytes));
        tell_change();
        if (replaced) static_cast<void>(release(replaced->manifest));
        return {};
    }

    // The blobs that Lar's own models have; nothing while one of them does not read.
    std::optional<std::set<std::string>> used_blobs() const {
        std::set<std::string> out;
        const auto references = references_in(options_.folder);
        if (!references) return std::nullopt;
        for (const Reference& reference : *references) {
            const Result<ManifestFile> file = read_manifest(manifest_path(options_.folder, reference));
            if (!file) {
                log_warning("a manifest does not read ({}), so no blob is removed", to_string(file.error().code));
                return std::nullopt;
            }
            for (const wire::ModelLayer* layer : layers_of(file->manifest))
                if (const auto hex = hex_of(layer->digest)) out.insert(*hex);
        }
        return out;
    }

    Removed release(const wire::ModelManifest& manifest) const {
        Removed out;
        const std::optional<std::set<std::string>> used = used_blobs();
        if (!used) return out;
        for (const wire::ModelLayer* layer : layers_of(manifest)) {
            const auto hex = hex_of(layer->digest);
            if (hex && !used->contains(*hex)) out.freed_bytes += remove_file(blob_path(options_.folder, *hex));
        }
        return out;
    }

    static std::uint64_t remove_file(const fs::path& path) {
        std::error_code error;
        const std::uint64_t size = fs::file_size(path, error);
        if (error || !fs::remove(path, error)) return 0;
        return size;
    }

    void remove_empty_folders(fs::path folder) const {
        while (folder != options_.folder / "manifests" && ::rmdir(folder.c_str()) == 0) folder = folder.parent_path();
    }

    Result<bool> is_old(const fs::path& blob, std::int64_t kept_us) const {
        const Fd file = TRY(open_read_only(blob));
        return TRY(stamp_of(file.number())).modified_ns < (clock_.now_us() - kept_us) * 1000;
    }

    // What a crash left: everything in tmp/, and blobs that no model has and no upload just brought.
    Result<> sweep() {
        std::error_code error;
        std::size_t swept = 0;
        for (fs::directory_iterator at(options_.folder / "tmp", error), end; !error && at != end; at.increment(error))
            if (fs::remove(at->path(), error)) ++swept;
        if (const auto used = used_blobs(); used && !error) {
            for (fs::directory_iterator at(options_.folder / "blobs", error), end; !error && at != end;
                 at.increment(error)) {
                const auto hex = hex_of(at->path().filename().string());
                if (hex && !used->contains(*hex) && TRY(is_old(at->path(), unused_blob_us)) &&
                    fs::remove(at->path(), error))
                    ++swept;
            }
        }
        if (!error)
            for (fs::directory_iterator at(PartialBlob::folder_in(options_.folder), error), end; !error && at != end;
                 at.increment(error))
                if (TRY(is_old(at->path(), PartialBlob::kept_us)) && fs::remove(at->path(), error)) ++swept;
        if (error) return fail_errno("cannot sweep what was left of a model", error.value());
        if (swept != 0) log_info("swept {} files that an interrupted creation of a model left", swept);
        return facts_.sweep(hashed_files());
    }

    // The layers of every model in every folder; facts of others are of no use.
    std::set<std::string> hashed_files() const {
        std::set<std::string> out;
        for (const Place& place : places()) {
            const auto references = references_in(place.folder);
            if (!references) continue;
            for (const Reference& reference : *references)
                if (const auto file = read_manifest(manifest_path(place.folder, reference)))
                    for (const wire::ModelLayer& layer : file->manifest.layers)
                        if (const auto hex = hex_of(layer.digest)) out.insert(*hex);
        }
        return out;
    }

    const Options options_;
    const Clock& clock_;
    FactsReader& reader_;
    KeptFacts facts_;
    std::mutex mutex_;  // over the manifests and blobs of Lar's own folder
};

}  // namespace

Result<std::unique_ptr<Catalogue>> Catalogue::open(Options options, FactsReader& facts, const Clock& clock) {
    auto folders = std::make_unique<Folders>(std::move(options), facts, clock);
    TRY_VOID(folders->start());
    return folders;
}

Result<CreateModel> from_modelfile(const Modelfile& modelfile, const Reference& name, const fs::path& base,
                                   const fs::path& home) {
    const auto origin = [&](const std::string& value) -> Result<Origin> {
        if (value.starts_with("~/")) return Origin(home / value.substr(2));
        const fs::path path = base / value;
        std::error_code none;
        const bool looks_so = value.starts_with('/') || value.starts_with("./") || value.starts_with("../") ||
                              to_lower_ascii(value).ends_with(".gguf");
        if (looks_so || fs::exists(path, none)) return Origin(path.lexically_normal());
        return TRY(parse_reference(value));
    };
    CreateModel out{.name = name,
                    .tmpl = modelfile.tmpl,
                    .system = modelfile.system,
                    .parameters = modelfile.parameters,
                    .messages = modelfile.messages,
                    .licenses = modelfile.licenses,
                    .renderer = modelfile.renderer,
                    .parser = modelfile.parser,
                    .requires_version = modelfile.requires_version};
    for (const std::string& value : modelfile.from) out.from.push_back(TRY(origin(value)));
    for (const std::string& value : modelfile.adapters) out.adapters.push_back(TRY(origin(value)));
    return out;
}

}  // namespace lar::models
