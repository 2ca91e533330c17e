// Making models: from another one, from uploaded blobs, and for whoever may read the user's files from a path or a
// Modelfile.
#include <filesystem>
#include <utility>

#include "api/ollama_plans.h"
#include "api/ollama_routes.h"
#include "api/ollama_shapes.h"
#include "api/replies.h"
#include "api/status_lines.h"
#include "base/format.h"
#include "models/layout.h"
#include "models/parameters.h"
#include "wire/codec.h"

namespace lar::api {
namespace {

constexpr std::uint64_t told_every_bytes = 64ULL * 1024 * 1024;

std::unexpected<Error> not_for_strangers() {
    return fail(Code::denied,
                "only a program on Lar's socket, or with its token, may name files of yours; upload the file as a blob "
                "instead");
}

Result<std::vector<models::Origin>> blobs_of(const std::map<std::string, std::string>& files) {
    std::vector<models::Origin> out;
    for (const auto& [name, digest] : files) {
        Result<std::string> hex = models::hex_of(digest);
        if (!hex) return fail(Code::invalid, "invalid digest format");
        out.emplace_back(models::BlobName{std::move(*hex)});
    }
    return out;
}

Result<models::CreateModel> creation_of(const wire::OllamaCreate& asked, bool trusted) {
    const models::Reference name = TRY(models::parse_reference(asked.model));
    if (!asked.quantize.empty()) return not_yet("quantize");
    if (!asked.unsupported.empty()) return not_yet(asked.unsupported.front());
    models::CreateModel out{.name = name};
    if (!asked.modelfile.empty()) {
        if (!trusted) return not_for_strangers();
        out = TRY(models::from_modelfile(TRY(models::parse_modelfile(asked.modelfile)), name, asked.base, asked.home));
    }
    if (asked.from.starts_with('/')) {
        if (!trusted) return not_for_strangers();
        out.from.emplace_back(std::filesystem::path(asked.from));
    } else if (!asked.from.empty()) {
        out.from.emplace_back(TRY(models::parse_reference(asked.from)));
    }
    for (models::Origin& origin : TRY(blobs_of(asked.files))) out.from.push_back(std::move(origin));
    for (models::Origin& origin : TRY(blobs_of(asked.adapters))) out.adapters.push_back(std::move(origin));
    if (out.from.empty()) return fail(Code::invalid, "neither 'from' or 'files' was specified");
    out.keeping = asked.copy ? models::Keeping::copy : models::Keeping::in_place;
    if (asked.tmpl) out.tmpl = asked.tmpl;
    if (asked.system) out.system = asked.system;
    if (asked.parameters.present())
        out.parameters =
            models::merge(std::move(out.parameters), TRY(models::options_from_json(asked.parameters.text)));
    for (const wire::OllamaMessage& message : asked.messages) out.messages.push_back({message.role, message.content});
    out.licenses.insert(out.licenses.end(), asked.license.begin(), asked.license.end());
    return out;
}

http::Problem problem_of(const Error& error) { return {status_of(error.code), error.message, ""}; }

// A blob on its way to Lar's folder of models.
class BlobUpload final : public http::BodySink {
public:
    BlobUpload(models::Catalogue& catalogue, models::BlobWriter writer, std::string hex)
        : catalogue_(catalogue), writer_(std::move(writer)), hex_(std::move(hex)) {}

    std::optional<http::Problem> take(std::string_view bytes) override {
        if (const Result<> added = writer_.add(bytes); !added) return problem_of(added.error());
        return std::nullopt;
    }
    void finish(http::Responder responder) override {
        const auto kept = [&]() -> Result<> {
            Result<models::Staged> staged = writer_.finish(hex_);
            // The client's bytes are not what it said: its mistake, as Ollama has it.
            if (!staged && staged.error().code == Code::conflict)
                return fail(Code::invalid, lar::format("digest mismatch: {}", staged.error().message));
            return catalogue_.keep_blob(TRY(std::move(staged)));
        }();
        if (!kept) return answer_ollama_error(responder, kept.error());
        responder.send({201, "", "", {}});
    }

private:
    models::Catalogue& catalogue_;
    models::BlobWriter writer_;
    std::string hex_;
};

}  // namespace

void OllamaRoutes::create(http::Request&& request, http::Responder responder) {
    const Result<wire::OllamaCreate> asked = wire::read_ollama_create(request.body);
    if (!asked) return answer_ollama_error(responder, asked.error());
    const Result<models::CreateModel> creation = creation_of(*asked, request.peer.trusted);
    if (!creation) return answer_ollama_error(responder, creation.error());

    StatusLines lines(responder, asked->stream);
    std::uint64_t told_bytes = 0;
    const auto advance = [&](std::uint64_t done_bytes, std::uint64_t of_bytes) -> Result<> {
        const bool tell =
            done_bytes == of_bytes || done_bytes < told_bytes || done_bytes - told_bytes >= told_every_bytes;
        if (tell) told_bytes = done_bytes;
        const bool alive =
            tell ? lines.say({.status = "reading model files", .total = of_bytes, .completed = done_bytes})
                 : !responder.cancelled();
        return alive ? Result<>() : fail(Code::unavailable, "cancelled");
    };
    const auto created = rooms_.catalogue.create(*creation, advance);
    if (!created) {
        Error error = created.error();
        // A file that is damaged is the client's, and no fault of this server's.
        if (error.code == Code::corrupt) error.code = Code::invalid;
        return lines.fail_with(error);
    }
    lines.say({.status = "writing manifest"});
    lines.succeed();
}

void OllamaRoutes::has_blob(http::Request&& request, http::Responder responder) {
    const Result<std::string> hex = models::hex_of(path_parameter(request, "digest"));
    const int status = !hex ? 400 : rooms_.catalogue.has_blob(*hex) ? 200 : 404;
    responder.send({status, "", "", {}});
}

http::Upload OllamaRoutes::receive_blob(const http::Request& request, std::optional<std::uint64_t> size_bytes) {
    Result<std::string> hex = models::hex_of(path_parameter(request, "digest"));
    if (!hex) return {.problem = http::Problem{400, "invalid digest format", ""}};
    if (rooms_.catalogue.has_blob(*hex)) return {.response = http::Response{200, "", "", {}}};
    Result<models::BlobWriter> writer = rooms_.catalogue.begin_blob(size_bytes);
    if (!writer) return {.problem = problem_of(writer.error())};
    return {.sink = std::make_unique<BlobUpload>(rooms_.catalogue, std::move(*writer), std::move(*hex))};
}

}  // namespace lar::api
