// lar create, list, show, ps, stop, rm, cp: models, over the endpoints that Ollama's clients use.
#include <cstdlib>
#include <filesystem>

#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"
#include "commands.h"
#include "model_text.h"
#include "progress.h"
#include "wire/ollama.h"

namespace lar::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t limit_modelfile_bytes = 1024 * 1024;
constexpr std::size_t digest_shown = 12;

// An answer that says nothing but whether it went well.
Outcome<> done(Connection& lard, std::string_view method, std::string_view target, std::string_view body) {
    auto reply = lard.request(method, target, body);
    if (!reply) return std::unexpected(std::move(reply).error());
    if (reply->status < 200 || reply->status > 299) return std::unexpected(refusal(*reply));
    return {};
}

// What looks like a path is one, as in a Modelfile; so is what is there.
bool is_path(const std::string& word) {
    for (const std::string_view beginning : {"/", "./", "../", "~/"})
        if (word.starts_with(beginning)) return true;
    std::error_code ignored;
    return word.ends_with(".gguf") || fs::is_regular_file(word, ignored);
}

Outcome<std::string> absolute_path(const std::string& word) {
    std::error_code error;
    const fs::path path = fs::canonical(word, error);
    if (error)
        return failed(Code::not_found, lar::format("{} cannot be read: {}", printable(word), error.message()),
                      "--from names a GGUF file or a model, --file a Modelfile");
    return path.string();
}

Outcome<wire::OllamaCreateHere> creation_of(const Arguments& arguments) {
    wire::OllamaCreateHere request{.model = arguments.positionals[0], .copy = arguments.has("--copy")};
    if (const auto from = arguments.value("--from")) {
        if (arguments.has("--file"))
            return wrong_usage("--from and --file exclude each other: a Modelfile says FROM itself");
        request.from = is_path(*from) ? TRY(absolute_path(*from)) : *from;
        return request;
    }
    const std::string file = TRY(absolute_path(arguments.value("--file").value_or("Modelfile")));
    request.modelfile = TRY(read_file(file, limit_modelfile_bytes));
    request.base = fs::path(file).parent_path().string();
    if (const char* const home = std::getenv("HOME"); home != nullptr) request.home = home;
    return request;
}

// The lines of a creation to their end; what an error line says is the failure.
Outcome<> follow_creation(Session& session, Connection& lard, const wire::OllamaCreateHere& request) {
    Progress progress(session.err);
    std::optional<Failure> failure;
    const auto reply = lard.stream("POST", "/api/create", wire::to_json(request), [&](const Event& event) {
        if (const auto error = wire::from_json<wire::OllamaError>(event.data)) {
            failure = Failure(Exit::error, Code::invalid, error->error);
            return false;
        }
        if (const auto status = wire::from_json<wire::OllamaStatus>(event.data); status && status->total)
            progress.show(request.model, status->completed.value_or(0), *status->total, "bytes", status->status);
        return true;
    });
    progress.clear();
    if (!reply) return std::unexpected(reply.error());
    if (failure) return std::unexpected(std::move(*failure));
    if (reply->status < 200 || reply->status > 299) return std::unexpected(refusal(*reply));
    return {};
}

std::string details_text(const wire::OllamaDetails& details) {
    std::string text = printable(details.family);
    for (const std::string& part : {details.parameter_size, details.quantization_level})
        if (!part.empty()) text += ", " + printable(part);
    return text;
}

std::string until_text(const std::string& expires_at, const Session& session) {
    const auto time = parse_rfc3339(expires_at, session.zone);
    if (!time) return printable(expires_at);
    const std::int64_t left_us = time->us - session.clock.now_us();
    if (left_us > 365 * us_per_day) return "in use, or for ever";
    return left_us <= 0 ? "now" : "for " + duration_text(static_cast<double>(left_us / us_per_second));
}

}  // namespace

Outcome<Exit> run_create(Session& session) {
    const wire::OllamaCreateHere request = TRY(creation_of(session.arguments));
    Connection& lard = *TRY(session.lard());
    TRY_VOID(follow_creation(session, lard, request));
    if (session.json())
        session.out.line(wire::to_json(wire::OllamaStatus{.status = "success"}));
    else
        session.out.line(lar::format("{} {}", session.out.styled(Style::good, "created"), printable(request.model)));
    return Exit::ok;
}

Outcome<Exit> run_list(Session& session) {
    const auto tags = TRY(call<wire::OllamaTags>(*TRY(session.lard()), "GET", "/api/tags"));
    if (session.json()) {
        session.out.line(wire::to_json(tags));
        return Exit::ok;
    }
    if (tags.models.empty()) {
        session.err.line(
            "no models yet: `lar pull MODEL` fetches one, `lar create NAME --from FILE.gguf` makes one of a file; "
            "`lar doctor` says which one fits this machine");
        return Exit::ok;
    }
    Table table({{"NAME"}, {"ID"}, {"SIZE", Table::Align::right}, {"MODIFIED"}, {"DETAILS"}});
    for (const wire::OllamaModel& model : tags.models)
        table.row({printable(model.name), model.digest.substr(0, digest_shown), size_text(model.size),
                   ago_text(model.modified_at, session.clock.now_us(), session.zone),
                   (model.problem ? printable(*model.problem) : details_text(model.details)) +
                       (model.answers.value_or(false) ? "; answers when none is named" : "")});
    session.out.print(table.text(session.out));
    return Exit::ok;
}

Outcome<Exit> run_show(Session& session) {
    const Arguments& arguments = session.arguments;
    const auto model = TRY(call<wire::OllamaShow>(
        *TRY(session.lard()), "POST", "/api/show",
        wire::to_json(wire::OllamaName{.model = arguments.positionals[0], .verbose = arguments.has("--verbose")})));
    if (session.json()) {
        session.out.line(wire::to_json(model));
        return Exit::ok;
    }
    const std::pair<std::string_view, std::string> parts[] = {{"--modelfile", model.modelfile},
                                                              {"--parameters", model.parameters},
                                                              {"--template", model.tmpl},
                                                              {"--system", model.system.value_or("")},
                                                              {"--license", model.license.value_or("")}};
    bool any = false;
    for (const auto& [option, text] : parts) {
        if (!arguments.has(option)) continue;
        // For files and pipes as it is; a terminal is not to be sent escape sequences.
        session.out.line(session.out.interactive() ? printable(text) : text);
        any = true;
    }
    if (!any) print_model(session.out, model);
    return Exit::ok;
}

Outcome<Exit> run_ps(Session& session) {
    const auto ps = TRY(call<wire::OllamaPs>(*TRY(session.lard()), "GET", "/api/ps"));
    if (session.json()) {
        session.out.line(wire::to_json(ps));
        return Exit::ok;
    }
    if (ps.models.empty()) {
        session.err.line("no model is in memory");
        return Exit::ok;
    }
    Table table({{"NAME"}, {"ID"}, {"SIZE", Table::Align::right}, {"CONTEXT", Table::Align::right}, {"KEPT"}});
    for (const wire::OllamaRunning& model : ps.models)
        table.row({printable(model.name), model.digest.substr(0, digest_shown), size_text(model.size),
                   count_text(model.context_length), until_text(model.expires_at, session)});
    session.out.print(table.text(session.out));
    return Exit::ok;
}

Outcome<Exit> run_stop(Session& session) {
    const std::string& model = session.arguments.positionals[0];
    TRY_VOID(done(*TRY(session.lard()), "POST", "/api/generate", wire::to_json(wire::OllamaStop{.model = model})));
    if (session.json()) session.out.line(wire::to_json(wire::OllamaStatus{.status = "success"}));
    return Exit::ok;
}

Outcome<Exit> run_rm(Session& session) {
    Connection& lard = *TRY(session.lard());
    for (const std::string& model : session.arguments.positionals) {
        TRY_VOID(done(lard, "DELETE", "/api/delete", wire::to_json(wire::OllamaName{.model = model})));
        if (!session.json()) session.out.line(lar::format("removed {}", printable(model)));
    }
    if (session.json()) session.out.line(wire::to_json(wire::OllamaStatus{.status = "success"}));
    return Exit::ok;
}

Outcome<Exit> run_cp(Session& session) {
    const auto& words = session.arguments.positionals;
    TRY_VOID(done(*TRY(session.lard()), "POST", "/api/copy", wire::to_json(wire::OllamaCopy{words[0], words[1]})));
    if (session.json())
        session.out.line(wire::to_json(wire::OllamaStatus{.status = "success"}));
    else
        session.out.line(lar::format("{} is {}, too", printable(words[0]), printable(words[1])));
    return Exit::ok;
}

}  // namespace lar::cli
