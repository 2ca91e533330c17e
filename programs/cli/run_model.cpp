#include "run_model.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace lar::cli {
namespace {

constexpr std::size_t models_named = 12;  // in a hint

// `lar run` ends with 1 whatever it is that lard refuses.
Failure plain(Failure failure) {
    failure.exit = Exit::error;
    return failure;
}

std::optional<wire::Json> options_of(const ModelSettings& settings) {
    if (settings.parameters.empty()) return std::nullopt;
    std::string json;
    for (const auto& [name, value] : settings.parameters)
        json += lar::format("{}\"{}\":{}", json.empty() ? "" : ",", name, value);
    return wire::Json{"{" + json + "}"};
}

// The parts of a line in which /api/generate and /api/chat differ.
std::string_view text_of(const wire::OllamaGenerated& line) { return line.response; }
std::string_view text_of(const wire::OllamaChatted& line) { return line.message.content; }
const std::optional<std::string>& thought_of(const wire::OllamaGenerated& line) { return line.thinking; }
const std::optional<std::string>& thought_of(const wire::OllamaChatted& line) { return line.message.thinking; }

template <class Line>
void add(wire::OllamaGenerated& all, const Line& line) {
    all.response += text_of(line);
    if (const auto& thought = thought_of(line)) all.thinking = all.thinking.value_or("") + *thought;
    all.model = line.model;
    all.created_at = line.created_at;
    all.done = line.done;
    if (!line.done) return;
    all.done_reason = line.done_reason;
    all.truncated = line.truncated;
    all.total_duration = line.total_duration;
    all.load_duration = line.load_duration;
    all.prompt_eval_count = line.prompt_eval_count;
    all.prompt_eval_duration = line.prompt_eval_duration;
    all.eval_count = line.eval_count;
    all.eval_duration = line.eval_duration;
}

}  // namespace

bool can(const wire::OllamaShow& model, std::string_view capability) {
    return std::ranges::contains(model.capabilities, capability);
}

Outcome<Reply> ModelTalk::ask(std::string_view target, std::string_view body) {
    // As a stream, because a stream may take its time to begin: loading and copying do.
    auto reply = lard_.stream("POST", target, body, [](const Event&) { return true; });
    if (!reply)
        return std::unexpected(cancelled_ ? Failure(Exit::error, Code::unavailable, "interrupted")
                                          : Failure(std::move(reply).error()));
    if (reply->status < 200 || reply->status > 299) return std::unexpected(plain(refusal(*reply)));
    return std::move(*reply);
}

Outcome<wire::OllamaShow> ModelTalk::show(const std::string& model) {
    auto shown = call<wire::OllamaShow>(lard_, "POST", "/api/show", wire::to_json(wire::OllamaAskShow{model}));
    if (shown) return shown;
    Failure failure = plain(std::move(shown).error());
    if (failure.code != to_string(Code::not_found)) return std::unexpected(std::move(failure));
    const auto tags = call<wire::OllamaTags>(lard_, "GET", "/api/tags");
    if (!tags) return std::unexpected(std::move(failure));
    std::string names;
    for (std::size_t i = 0; i < tags->models.size() && i < models_named; ++i)
        names += (i == 0 ? "" : ", ") + printable(tags->models[i].name);
    if (tags->models.size() > models_named) names += lar::format(" and {} more", tags->models.size() - models_named);
    failure.hint = names.empty() ? std::string("there are no models yet") : lar::format("there are: {}", names);
    failure.hint += lar::format(
        "; `lar pull {}` fetches it, if there is one of that name, and `lar create NAME --from FILE.gguf` "
        "makes one of a file",
        printable(model));
    return std::unexpected(std::move(failure));
}

Outcome<> ModelTalk::load(const ModelSettings& settings) {
    const wire::OllamaAskGenerate request{.model = settings.model,
                                          .prompt = {},
                                          .system = {},
                                          .options = options_of(settings),
                                          .keep_alive = settings.keep_alive,
                                          .think = {},
                                          .stream = false};
    TRY_VOID(ask("/api/generate", wire::to_json(request)));
    return {};
}

template <class Line>
Outcome<ModelAnswer> ModelTalk::follow(std::string_view target, std::string_view body, const Take& take) {
    ModelAnswer answer;
    std::optional<Failure> failure;
    auto reply = lard_.stream("POST", target, body, [&](const Event& event) {
        if (event.data.starts_with(R"({"error":)")) {
            const auto error = wire::from_json<wire::OllamaError>(event.data);
            failure = error ? Failure(Exit::error, Code::internal, error->error) : Failure(error.error());
            return false;
        }
        const auto line = wire::from_json<Line>(event.data);
        if (!line) {
            failure = Failure(line.error());
            return false;
        }
        add(answer.all, *line);
        answer.stopped = !take(thought_of(*line).value_or(""), text_of(*line));
        return !answer.stopped;
    });
    answer.stopped = answer.stopped || cancelled_;
    if (answer.stopped) return answer;
    if (!reply) return std::unexpected(Failure(std::move(reply).error()));
    if (failure) return std::unexpected(std::move(*failure));
    if (reply->status < 200 || reply->status > 299) return std::unexpected(plain(refusal(*reply)));
    if (!answer.all.done)
        return failed(Code::unavailable, "lard ended the answer before it was whole", "`lar logs` may say why");
    return answer;
}

Outcome<ModelAnswer> ModelTalk::complete(const ModelSettings& settings, const std::string& prompt, const Take& take) {
    const wire::OllamaAskGenerate request{.model = settings.model,
                                          .prompt = prompt,
                                          .system = settings.system,
                                          .options = options_of(settings),
                                          .keep_alive = settings.keep_alive,
                                          .think = settings.think};
    return follow<wire::OllamaGenerated>("/api/generate", wire::to_json(request), take);
}

Outcome<ModelAnswer> ModelTalk::chat(const ModelSettings& settings, const std::vector<wire::OllamaSaid>& messages,
                                     const Take& take) {
    wire::OllamaAskChat request{.model = settings.model,
                                .messages = {},
                                .options = options_of(settings),
                                .keep_alive = settings.keep_alive,
                                .think = settings.think};
    if (settings.system) request.messages.push_back({"system", *settings.system});
    request.messages.insert(request.messages.end(), messages.begin(), messages.end());
    return follow<wire::OllamaChatted>("/api/chat", wire::to_json(request), take);
}

Outcome<> ModelTalk::save(const ModelSettings& settings, const std::string& name, std::vector<wire::OllamaSaid> began,
                          const std::vector<wire::OllamaSaid>& messages) {
    wire::OllamaAskCreate request{.model = name,
                                  .from = settings.model,
                                  .system = settings.system,
                                  .parameters = options_of(settings),
                                  .messages = {}};
    if (!messages.empty()) {
        began.insert(began.end(), messages.begin(), messages.end());
        request.messages = std::move(began);
    }
    TRY_VOID(ask("/api/create", wire::to_json(request)));
    return {};
}

}  // namespace lar::cli
