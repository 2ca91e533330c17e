#include "api/ollama_plans.h"

#include <array>
#include <utility>

#include "base/format.h"
#include "base/log.h"
#include "base/text.h"
#include "models/parameters.h"

namespace lar::api {
namespace {

using models::Capability;

// `think` as the request has it: none, off, or on (in whatever words for how much).
Result<std::optional<bool>> wants_thoughts(const wire::Json& think, const models::Model& model) {
    constexpr std::array on = {R"("high")", R"("medium")", R"("low")", R"("max")", "true"};
    if (!think.present()) return std::nullopt;
    if (think.text == "false" || think.text == R"("none")")
        return can(model, Capability::thinking) ? std::optional(false) : std::nullopt;
    for (const std::string_view word : on) {
        if (think.text != word) continue;
        if (!can(model, Capability::thinking))
            return fail(Code::invalid, lar::format("\"{}\" does not support thinking", name_of(model)));
        return true;
    }
    return fail(Code::invalid, R"('think' must be true, false, "high", "medium", "low", "max" or "none")");
}

Result<> check_common(const wire::OllamaCommon& request) {
    // Ollama takes an empty string for none.
    if (request.format.present() && request.format.text != R"("")") return not_yet("format");
    if (request.debug_render_only) return not_yet("_debug_render_only");
    if (request.top_logprobs < 0 || request.top_logprobs > limit_top_logprobs)
        return fail(Code::invalid, "top_logprobs must be between 0 and 20");
    return {};
}

Result<Plan> begin_plan(const wire::OllamaCommon& request, const models::Model& model) {
    RequestOptions options = TRY(request_options(request.options.text));
    for (const std::string& name : options.skipped)
        log_warning("api: a request has an option that does not exist: '{}'", name);
    return Plan{.options = models::merge(model.parameters, options.options),
                .keep_alive_us = TRY(keep_alive_us(request.keep_alive))};
}

wire::Generate begin_generate(const wire::OllamaCommon& request, const Plan& plan) {
    wire::Generate generate;
    if (request.truncate.value_or(false)) generate.overflow = wire::Overflow::drop_oldest;
    generate.shift = request.shift.value_or(false);
    if (request.logprobs) generate.logprobs = static_cast<std::uint32_t>(request.top_logprobs);
    apply(plan.options, generate);
    return generate;
}

// Nothing to go on from: the model is loaded, or, with a keep_alive of 0, let go.
Plan without_prompt(Plan plan) {
    plan.work = plan.keep_alive_us == 0 ? Plan::Work::unload : Plan::Work::load;
    return plan;
}

std::optional<std::string> some(const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); }

// One question to the model's template, or plain text where it has none.
Result<wire::Prompt> prompt_of(const wire::OllamaGenerate& request, const models::Model& model,
                               std::optional<bool> think) {
    const std::string& system = request.system.empty() ? model.system : request.system;
    const bool own_template = request.tmpl && !request.tmpl->empty();
    if (own_template && models::language_of(*request.tmpl) != models::TemplateLanguage::jinja)
        return fail(Code::invalid,
                    "'template' is in the language of Go's templates; Lar renders Jinja, as model files bring it");
    if (!own_template && models::chat_template(model.tmpl, model.facts).empty()) {
        const std::string text = system.empty() ? request.prompt : system + "\n\n" + request.prompt;
        return wire::TextPrompt{.text = text, .add_special = request.context.empty()};
    }
    std::vector<wire::TemplateMessage> messages;
    if (!system.empty()) messages.push_back({.role = "system", .content = system});
    // An earlier answer's tokens begin with the model's own messages already.
    if (request.context.empty())
        for (const wire::ModelMessage& message : model.messages)
            messages.push_back({.role = message.role, .content = message.content});
    messages.push_back({.role = "user", .content = request.prompt});
    wire::ChatPrompt prompt = chat_prompt(messages, model, think);
    if (own_template) prompt.tmpl = *request.tmpl;
    return prompt;
}

Result<> check_message(const wire::OllamaMessage& message, std::size_t index) {
    constexpr std::array roles = {"system", "user", "assistant"};
    if (!message.images.empty()) return not_yet(lar::format("messages[{}].images", index));
    if (!message.tool_calls.empty()) return not_yet(lar::format("messages[{}].tool_calls", index));
    const std::string role = to_lower_ascii(message.role);
    if (role == "tool") return not_yet(lar::format("messages[{}].role \"tool\"", index));
    for (const std::string_view known : roles)
        if (role == known) return {};
    return fail(Code::invalid,
                lar::format("'messages[{}].role' must be \"system\", \"user\" or \"assistant\", not \"{}\"", index,
                            printable(utf8_prefix(message.role, 40))));
}

}  // namespace

std::unexpected<Error> not_yet(std::string_view key) {
    return fail(Code::invalid, lar::format("this Lar cannot do '{}' yet; leave it out", key));
}

Result<Plan> plan_of(const wire::OllamaGenerate& request, const models::Model& model) {
    TRY_VOID(check_common(request));
    if (!request.images.empty()) return not_yet("images");
    if (request.raw && (request.tmpl || !request.system.empty() || !request.context.empty()))
        return fail(Code::invalid, "raw mode does not support template, system, or context");
    Plan plan = TRY(begin_plan(request, model));
    if (request.prompt.empty() && request.suffix.empty()) return without_prompt(std::move(plan));
    if (!can(model, Capability::completion))
        return fail(Code::invalid, lar::format("\"{}\" does not support generate", name_of(model)));
    const std::optional<bool> think = TRY(wants_thoughts(request.think, model));

    wire::Generate generate = begin_generate(request, plan);
    if (!request.suffix.empty()) {
        if (!model.facts.infill)
            return fail(Code::invalid, lar::format("\"{}\" does not support insert", name_of(model)));
        if (!request.context.empty()) return fail(Code::invalid, "'suffix' and 'context' do not go together");
        generate.prompt = wire::InfillPrompt{.before = request.prompt, .after = request.suffix};
    } else if (request.raw) {
        generate.prompt = wire::TextPrompt{.text = request.prompt};
    } else {
        generate.prompt = TRY(prompt_of(request, model, think));
        plan.thinks = can(model, Capability::thinking) && std::holds_alternative<wire::ChatPrompt>(generate.prompt);
        plan.before = request.context;
    }
    plan.choices.push_back(std::move(generate));
    plan.echoes.resize(1);
    return plan;
}

Result<Plan> plan_of(const wire::OllamaChat& request, const models::Model& model) {
    TRY_VOID(check_common(request));
    if (!request.tools.empty()) return not_yet("tools");
    for (std::size_t i = 0; i < request.messages.size(); ++i) TRY_VOID(check_message(request.messages[i], i));
    Plan plan = TRY(begin_plan(request, model));
    if (request.messages.empty()) return without_prompt(std::move(plan));
    if (!can(model, Capability::completion))
        return fail(Code::invalid, lar::format("\"{}\" does not support chat", name_of(model)));
    const std::optional<bool> think = TRY(wants_thoughts(request.think, model));

    const bool has_system = to_lower_ascii(request.messages.front().role) == "system";
    if (!has_system && !model.system.empty()) plan.messages.push_back({.role = "system", .content = model.system});
    for (const wire::ModelMessage& message : model.messages)
        plan.messages.push_back({.role = message.role, .content = message.content});
    for (const wire::OllamaMessage& message : request.messages)
        plan.messages.push_back({.role = to_lower_ascii(message.role),
                                 .content = message.content,
                                 .reasoning_content = some(message.thinking)});
    wire::Generate generate = begin_generate(request, plan);
    // Whole messages are dropped rather than tokens: half a message is none.
    plan.may_drop_messages = generate.overflow == wire::Overflow::drop_oldest;
    generate.overflow = wire::Overflow::refuse;
    generate.prompt = chat_prompt(plan.messages, model, think);
    plan.thinks = can(model, Capability::thinking);
    plan.choices.push_back(std::move(generate));
    plan.echoes.resize(1);
    return plan;
}

}  // namespace lar::api
