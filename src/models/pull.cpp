#include "models/pull.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "models/downloads.h"
#include "models/errand.h"
#include "models/layout.h"
#include "wire/codec.h"

namespace lar::models {
namespace {

// A manifest of others: what it says of this machine's files would be believed once it lies in Lar's own folder.
Result<wire::ModelManifest> checked_manifest(std::string_view json) {
    wire::ModelManifest manifest = TRY(parse_manifest(json));
    const auto claims = [](const wire::ModelLayer& layer) { return layer.annotations && !layer.annotations->empty(); };
    if (claims(manifest.config) || std::ranges::any_of(manifest.layers, claims))
        return fail(Code::corrupt, "the manifest says where files of this machine lie, which it cannot know");
    if (!std::ranges::contains(manifest.layers, media::model, &wire::ModelLayer::media_type))
        return fail(Code::invalid, "the model has no GGUF file, which is all that Lar runs");
    return manifest;
}

// Each blob once, the large ones first so that the last to come is a small one.
std::vector<WantedBlob> wanted_of(const wire::ModelManifest& manifest, const Reference& reference) {
    std::vector<const wire::ModelLayer*> layers{&manifest.config};
    for (const wire::ModelLayer& layer : manifest.layers) layers.push_back(&layer);
    std::ranges::stable_sort(layers, std::ranges::greater(), [](const wire::ModelLayer* layer) { return layer->size; });
    std::vector<WantedBlob> out;
    std::set<std::string> seen;
    for (const wire::ModelLayer* layer : layers)
        if (const auto hex = hex_of(layer->digest); hex && seen.insert(*hex).second)
            out.push_back({*hex, layer->size, blob_target(reference, *hex)});
    return out;
}

wire::ModelLayer layer_named(std::string_view media_type, std::string_view hex, std::uint64_t size_bytes) {
    return {.media_type = std::string(media_type), .digest = digest_of(hex), .size = size_bytes};
}

class Pulling {
public:
    Pulling(Courier& courier, Catalogue& catalogue, const Puller::Options& options, const Source& source,
            const std::atomic<bool>& cancelled, const TellPull& tell)
        : catalogue_(catalogue), options_(options), source_(source), errand_(courier, source, cancelled), tell_(tell) {}

    Result<> run() {
        TRY_VOID(tell_({.status = "pulling manifest"}));
        return source_.kind == RegistryKind::hub ? from_hub() : from_registry();
    }

private:
    Result<> from_registry() {
        const std::string accept = lar::format("{}, application/vnd.oci.image.manifest.v1+json", media::manifest);
        const std::string json = TRY(errand_.text(manifest_target(source_.reference), accept, "pull model manifest"));
        const wire::ModelManifest manifest = TRY(checked_manifest(json));
        std::vector<PartialBlob> blobs =
            TRY(download(wanted_of(manifest, source_.reference), errand_, catalogue_, options_, tell_));
        return put_in_place(json, std::move(blobs));
    }

    Result<> from_hub() {
        const Reference& reference = source_.reference;
        const std::string json =
            TRY(errand_.text(listing_target(reference), "application/json", "pull model manifest"));
        Result<wire::HubRepository> repository = wire::from_json<wire::HubRepository>(json);
        if (!repository) return fail(Code::corrupt, "the list of the repository's files does not read");
        const HubModel model = TRY(choose_model(*repository, reference));
        std::vector<WantedBlob> wanted;
        wire::ModelManifest manifest{.media_type = std::string(media::manifest)};
        for (const HubPart& part : model.parts) {
            wanted.push_back({part.hex, part.size_bytes, file_target(reference, model.commit, part.file)});
            manifest.layers.push_back(layer_named(media::model, part.hex, part.size_bytes));
        }
        std::vector<PartialBlob> blobs = TRY(download(wanted, errand_, catalogue_, options_, tell_));
        // What a registry would have said of it; the rest its file says.
        const std::string config = wire::to_json(wire::ModelConfig{
            .model_format = "gguf",
            .file_type = model.quantization.empty() ? std::nullopt : std::optional(model.quantization)});
        manifest.config = layer_named(media::config, TRY(write_small_blob(options_.folder, config)), config.size());
        return put_in_place(wire::to_json(manifest), std::move(blobs));
    }

    Result<> put_in_place(const std::string& manifest, std::vector<PartialBlob> blobs) {
        TRY_VOID(tell_({.status = "writing manifest"}));
        return catalogue_.install(source_.reference, manifest, std::move(blobs));
    }

    Catalogue& catalogue_;
    const Puller::Options& options_;
    const Source& source_;
    Errand errand_;
    const TellPull& tell_;
};

}  // namespace

Result<> Puller::pull(const Request& request, const std::atomic<bool>& cancelled, const TellPull& tell) {
    const Source source = TRY(source_of(request.name, options_.servers,
                                        request.insecure ? Transport::plain_on_this_machine : Transport::secure));
    if (!source.usual && !request.trusted)
        return fail(
            Code::denied,
            lar::format("only a program on Lar's socket, or with its token, may have Lar connect to {}: use 'lar "
                        "pull {}'",
                        source.server.host, printable(request.name)));
    return Pulling(courier_, catalogue_, options_, source, cancelled, tell).run();
}

}  // namespace lar::models
