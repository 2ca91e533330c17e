// The models there are, one of them in full, those in memory; copying and deleting.
#include <algorithm>
#include <utility>

#include "api/ollama_routes.h"
#include "api/ollama_shapes.h"
#include "base/format.h"
#include "base/text.h"
#include "models/parameters.h"
#include "wire/codec.h"

namespace lar::api {
namespace {

template <class T>
void reply_as_ollama(http::Responder& responder, const Result<T>& result) {
    if (!result) return answer_ollama_error(responder, result.error());
    responder.json(200, wire::to_json(*result));
}

std::vector<std::string> names_of(const std::vector<models::Capability>& capabilities) {
    std::vector<std::string> names;
    for (const models::Capability capability : capabilities) names.emplace_back(models::to_string(capability));
    return names;
}

wire::OllamaModel listed(const models::Listed& model) {
    const std::string name = models::short_form(model.reference);
    wire::OllamaModel out{.name = name,
                          .model = name,
                          .modified_at = ollama_time(model.modified_us),
                          .size = model.size_bytes,
                          .digest = model.digest,
                          .details = details_of(model.details),
                          .capabilities = names_of(model.capabilities)};
    if (!model.problem.empty()) out.problem = model.problem;
    return out;
}

std::string parameter_lines(const wire::ModelOptions& parameters) {
    std::string text;
    for (const models::ParameterLine& line : models::lines_of(parameters))
        text += lar::format("{}{:<30} {}", text.empty() ? "" : "\n", line.name, line.value);
    return text;
}

// What the model file says of itself, by its own keys; long lists as null.
std::map<std::string, wire::Json> model_info(const wire::Facts& facts) {
    std::map<std::string, wire::Json> info;
    for (const wire::MetadataEntry& entry : facts.metadata) info[entry.key] = {entry.value};
    info.try_emplace("general.architecture", wire::Json{wire::to_json(facts.architecture)});
    info.try_emplace("general.parameter_count", wire::Json{std::to_string(facts.parameters)});
    return info;
}

Result<wire::OllamaShow> shown(const models::Model& model) {
    wire::OllamaShow out{.modelfile = TRY(models::modelfile_of(model)),
                         .parameters = parameter_lines(model.parameters),
                         .tmpl = model.tmpl.empty() ? model.facts.chat_template : model.tmpl,
                         .details = details_of(model.details),
                         .model_info = model_info(model.facts),
                         .capabilities = names_of(model.capabilities),
                         .modified_at = ollama_time(model.modified_us)};
    if (!model.system.empty()) out.system = model.system;
    for (const std::string& license : model.licenses)
        out.license = out.license ? *out.license + "\n" + license : license;
    if (!model.messages.empty()) out.messages.emplace();
    for (const wire::ModelMessage& message : model.messages) out.messages->push_back({message.role, message.content});
    return out;
}

}  // namespace

void OllamaRoutes::tags(http::Request&&, http::Responder responder) {
    wire::OllamaTags tags;
    const std::vector<models::Listed> all = rooms_.catalogue.list();
    const models::Listed* const answers = default_of(rooms_, all);
    for (const models::Listed& model : all) {
        tags.models.push_back(listed(model));
        if (&model == answers) tags.models.back().answers = true;
    }
    responder.json(200, wire::to_json(tags));
}

void OllamaRoutes::show(http::Request&& request, http::Responder responder) {
    const auto answer = [&]() -> Result<wire::OllamaShow> {
        const wire::OllamaName asked = TRY(wire::read_ollama_name(request.body));
        if (asked.model.empty()) return fail(Code::invalid, "model is required");
        const models::Model model = TRY(find_model(rooms_.catalogue, asked.model));
        wire::OllamaShow out = TRY(shown(model));
        if (!asked.verbose) return out;
        out.tensors.emplace();
        for (wire::TensorFact& tensor : TRY(rooms_.catalogue.tensors(model)))
            out.tensors->push_back({std::move(tensor.name), std::move(tensor.type), std::move(tensor.shape)});
        return out;
    }();
    reply_as_ollama(responder, answer);
}

void OllamaRoutes::ps(http::Request&&, http::Responder responder) {
    const auto answer = [&]() -> Result<wire::OllamaPs> {
        // For what is in use, or kept for ever, clients want some date: a far one.
        constexpr std::int64_t far_us = 100 * 365 * us_per_day;
        const std::int64_t now_us = rooms_.engines.clock.now_us();
        wire::OllamaPs out;
        for (const models::Held& held : TRY(on_io<std::vector<models::Held>>(
                 rooms_.engines, [&keeper = rooms_.engines.keeper] { return keeper.held(); }))) {
            if (held.state == models::HeldState::ending) continue;
            wire::OllamaRunning running{.name = held.name,
                                        .model = held.name,
                                        .size = held.need.total_bytes(),
                                        .expires_at = ollama_time(held.expires_us.value_or(now_us + far_us)),
                                        .context_length = held.window_tokens};
            if (const auto model = find_model(rooms_.catalogue, held.name)) {
                running.digest = model->digest;
                running.details = details_of(model->details);
            }
            out.models.push_back(std::move(running));
        }
        return out;
    }();
    reply_as_ollama(responder, answer);
}

void OllamaRoutes::copy(http::Request&& request, http::Responder responder) {
    const auto copied = [&]() -> Result<> {
        const wire::OllamaCopy asked = TRY(wire::read_ollama_copy(request.body));
        const auto from = models::parse_reference(asked.source);
        if (!from)
            return fail(Code::invalid,
                        lar::format("source \"{}\" is invalid", printable(utf8_prefix(asked.source, 100))));
        const auto to = models::parse_reference(asked.destination);
        if (!to)
            return fail(Code::invalid,
                        lar::format("destination \"{}\" is invalid", printable(utf8_prefix(asked.destination, 100))));
        if (!rooms_.catalogue.exists(*from))
            return fail(Code::not_found, lar::format("model \"{}\" not found", printable(asked.source)));
        return rooms_.catalogue.copy(*from, *to);
    }();
    if (!copied) return answer_ollama_error(responder, copied.error());
    responder.send({200, "", "", {}});
}

void OllamaRoutes::remove(http::Request&& request, http::Responder responder) {
    const auto removed = [&]() -> Result<> {
        const wire::OllamaName asked = TRY(wire::read_ollama_name(request.body));
        const models::Reference name = TRY(models::parse_reference(asked.model));
        if (!rooms_.catalogue.exists(name))
            return fail(Code::not_found, lar::format("model '{}' not found", printable(asked.model)));
        // One that cannot be read any more can still be removed; only what runs has to be known.
        const auto model = rooms_.catalogue.find(name);
        TRY(rooms_.catalogue.remove(name));
        if (!model) return {};
        rooms_.engines.post(
            [keeper = &rooms_.engines.keeper, key = models::loadable_of(*model).key] { keeper->stop(key); });
        return {};
    }();
    if (!removed) return answer_ollama_error(responder, removed.error());
    responder.send({200, "", "", {}});
}

}  // namespace lar::api
