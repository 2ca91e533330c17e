#include "api/openai_plans.h"

#include <array>
#include <utility>

#include "api/ollama_plans.h"
#include "base/format.h"
#include "base/text.h"
#include "models/parameters.h"

namespace lar::api {
namespace {

using models::Capability;

Result<> check_range(std::string_view name, const std::optional<double>& value, double least, double most) {
    if (!value || (*value >= least && *value <= most)) return {};
    return fail(Code::invalid, lar::format("'{}' must be from {} to {}, not {}", name, least, most, *value));
}

Result<> check_common(const wire::OpenAiCommon& request) {
    if (!request.unsupported.empty()) return not_yet(request.unsupported.front());
    TRY_VOID(check_range("temperature", request.temperature, 0, 2));
    TRY_VOID(check_range("top_p", request.top_p, 0, 1));
    TRY_VOID(check_range("presence_penalty", request.presence_penalty, -2, 2));
    TRY_VOID(check_range("frequency_penalty", request.frequency_penalty, -2, 2));
    if (request.n < 1 || request.n > static_cast<std::int64_t>(limit_choices))
        return fail(Code::invalid, lar::format("'n' must be from 1 to {}", limit_choices));
    if (request.stop.size() > wire::limit_stop_strings)
        return fail(Code::invalid,
                    lar::format("'stop' has {} strings, {} at most", request.stop.size(), wire::limit_stop_strings));
    for (const std::string& stop : request.stop)
        if (stop.empty() || stop.size() > wire::limit_stop_bytes)
            return fail(Code::invalid, lar::format("a string of 'stop' has {} bytes; it may have 1 to {}", stop.size(),
                                                   wire::limit_stop_bytes));
    return {};
}

// The request's own keys over the shared samplers over the model's.
Result<Plan> begin_plan(const wire::OpenAiCommon& request, const models::Model& model,
                        std::optional<std::int64_t> max_tokens) {
    TRY_VOID(check_common(request));
    wire::ModelOptions options = TRY(request_options(request.samplers.text)).options;
    if (request.temperature) options.temperature = request.temperature;
    if (request.top_p) options.top_p = request.top_p;
    if (request.presence_penalty) options.presence_penalty = request.presence_penalty;
    if (request.frequency_penalty) options.frequency_penalty = request.frequency_penalty;
    // Any 64-bit number is a seed there; -1 asks for a random one, as it does elsewhere.
    if (request.seed) options.seed = *request.seed == -1 ? -1 : *request.seed & 0x7FFFFFFF;
    if (!request.stop.empty()) options.stop = request.stop;
    if (max_tokens) {
        if (*max_tokens < 0 || *max_tokens > 1 << 24)
            return fail(Code::invalid, "'max_tokens' must be from 0 to 16777216");
        options.num_predict = max_tokens;
    }
    return Plan{.options = models::merge(model.parameters, options)};
}

wire::Generate begin_generate(const wire::OpenAiCommon& request, const Plan& plan) {
    wire::Generate generate;
    apply(plan.options, generate);
    generate.sampling.logit_bias = request.logit_bias;
    return generate;
}

// The nth answer to a prompt must not be the first again.
void add_choices(Plan& plan, const wire::Generate& generate, std::int64_t count, const std::string& echo) {
    for (std::int64_t i = 0; i < count; ++i) {
        plan.choices.push_back(generate);
        if (plan.options.seed && *plan.options.seed >= 0)
            plan.choices.back().sampling.seed += static_cast<std::uint32_t>(i);
        plan.echoes.push_back(echo);
    }
}

Result<std::string> role_of(const wire::OpenAiMessage& message, std::size_t index) {
    constexpr std::array roles = {"system", "user", "assistant"};
    if (message.tool_calls) return not_yet(lar::format("messages[{}].tool_calls", index));
    if (!message.part_types.empty())
        return not_yet(
            lar::format("messages[{}].content with {}", index, printable(utf8_prefix(message.part_types.front(), 40))));
    if (message.role == "tool" || message.role == "function")
        return not_yet(lar::format("messages[{}].role \"{}\"", index, message.role));
    if (message.role == "developer") return std::string("system");
    for (const std::string_view known : roles)
        if (message.role == known) return message.role;
    return fail(
        Code::invalid,
        lar::format("'messages[{}].role' must be \"system\", \"developer\", \"user\" or \"assistant\", not \"{}\"",
                    index, printable(utf8_prefix(message.role, 40))));
}

Result<std::optional<bool>> wants_thoughts(std::string_view effort, const models::Model& model) {
    constexpr std::array on = {"minimal", "low", "medium", "high", "xhigh", "max"};
    if (effort.empty()) return std::nullopt;
    if (effort == "none") return can(model, Capability::thinking) ? std::optional(false) : std::nullopt;
    for (const std::string_view word : on) {
        if (effort != word) continue;
        if (!can(model, Capability::thinking))
            return fail(Code::invalid, lar::format("\"{}\" does not support thinking", name_of(model)));
        return true;
    }
    return fail(Code::invalid, R"('reasoning_effort' must be "none", "minimal", "low", "medium" or "high")");
}

}  // namespace

Result<Plan> plan_of(const wire::OpenAiChat& request, const models::Model& model) {
    Plan plan = TRY(begin_plan(request, model, request.max_tokens));
    if (request.messages.empty()) return fail(Code::invalid, "[] is too short - 'messages'");
    if (request.top_logprobs < 0 || request.top_logprobs > limit_top_logprobs)
        return fail(Code::invalid, "'top_logprobs' must be from 0 to 20");
    if (request.top_logprobs > 0 && !request.logprobs)
        return fail(Code::invalid, "'top_logprobs' needs 'logprobs' to be true");
    for (std::size_t i = 0; i < request.messages.size(); ++i) {
        const wire::OpenAiMessage& message = request.messages[i];
        wire::TemplateMessage turn{.role = TRY(role_of(message, i)), .content = message.content};
        if (!message.name.empty()) turn.name = message.name;
        plan.messages.push_back(std::move(turn));
    }
    if (!can(model, Capability::completion))
        return fail(Code::invalid, lar::format("\"{}\" does not support chat", name_of(model)));
    const std::optional<bool> think = TRY(wants_thoughts(request.reasoning_effort, model));

    std::vector<wire::TemplateMessage> own;
    if (plan.messages.front().role != "system" && !model.system.empty())
        own.push_back({.role = "system", .content = model.system});
    for (const wire::ModelMessage& message : model.messages)
        own.push_back({.role = message.role, .content = message.content});
    plan.messages.insert(plan.messages.begin(), own.begin(), own.end());

    wire::Generate generate = begin_generate(request, plan);
    generate.prompt = chat_prompt(plan.messages, model, think);
    if (request.logprobs) generate.logprobs = static_cast<std::uint32_t>(request.top_logprobs);
    plan.thinks = can(model, Capability::thinking);
    add_choices(plan, generate, request.n, "");
    return plan;
}

Result<Plan> plan_of(const wire::OpenAiCompletion& request, const models::Model& model) {
    constexpr std::int64_t default_max_tokens = 16;  // OpenAI's
    Plan plan = TRY(begin_plan(request, model, request.max_tokens));
    if (!plan.options.num_predict) plan.options.num_predict = default_max_tokens;
    if (request.best_of && *request.best_of != request.n) return not_yet("best_of");
    if (request.logprobs && (*request.logprobs < 0 || *request.logprobs > limit_top_logprobs))
        return fail(Code::invalid, "'logprobs' must be from 0 to 20");
    if (request.echo && request.logprobs) return not_yet("echo together with logprobs");
    if (request.echo && !request.tokens.empty()) return not_yet("echo of a prompt of tokens");
    const std::size_t prompts = request.prompts.size() + request.tokens.size();
    if (prompts == 0) return fail(Code::invalid, "'prompt' is missing");
    if (prompts * static_cast<std::size_t>(request.n) > limit_choices)
        return fail(Code::invalid,
                    lar::format("{} prompts with 'n' {} are more than the {} answers that one request may have",
                                prompts, request.n, limit_choices));
    if (!can(model, Capability::completion))
        return fail(Code::invalid, lar::format("\"{}\" does not support generate", name_of(model)));
    const bool fills = request.suffix && !request.suffix->empty();
    if (fills && !model.facts.infill)
        return fail(Code::invalid, lar::format("\"{}\" does not support insert", name_of(model)));
    if (fills && !request.tokens.empty()) return not_yet("suffix after a prompt of tokens");

    wire::Generate generate = begin_generate(request, plan);
    if (request.logprobs) generate.logprobs = static_cast<std::uint32_t>(*request.logprobs);
    for (const std::string& prompt : request.prompts) {
        if (fills)
            generate.prompt = wire::InfillPrompt{.before = prompt, .after = *request.suffix};
        else
            generate.prompt = wire::TextPrompt{.text = prompt};
        add_choices(plan, generate, request.n, request.echo ? prompt : std::string());
    }
    for (const std::vector<wire::Token>& tokens : request.tokens) {
        generate.prompt = wire::TokenPrompt{tokens};
        add_choices(plan, generate, request.n, "");
    }
    return plan;
}

}  // namespace lar::api
