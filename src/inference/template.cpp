#include "inference/template.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "inference/jinja_interpreter.h"
#include "inference/jinja_syntax.h"
#include "inference/jinja_value.h"

namespace lar::inference {

using jinja::Budget;
using jinja::List;
using jinja::ListKind;
using jinja::Mapping;
using jinja::None;
using jinja::Value;

struct ChatTemplate::Tree {
    jinja::Body body;
};

namespace {

// Of one trial: a template that needs more for a handful of words has nothing to show.
constexpr std::uint64_t limit_trial_steps = 200'000;
constexpr std::uint64_t limit_trial_bytes = 8ULL * 1024 * 1024;

constexpr std::string_view chatml_source =
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

// ---- one message, in the shape that the template wants

std::string_view role_of(const Value& message) {
    const Value* role = message.is_mapping() ? message.mapping().find("role") : nullptr;
    return role != nullptr && role->is_string() ? std::string_view(role->text()) : std::string_view();
}

Result<std::string> joined_text(const List& parts) {
    std::string out;
    for (std::size_t i = 0; i < parts.items.size(); ++i) {
        const Value& part = parts.items[i];
        const Value* text = part.is_mapping() ? part.mapping().find("text") : &part;
        if (text == nullptr || !text->is_string())
            return fail(Code::invalid,
                        "this model's chat template takes text only, and a message has a part that is none");
        if (i > 0) out += '\n';
        out += text->text();
    }
    return out;
}

Result<Value> adapted_content(const Value& content, const TemplateAbilities& abilities, Budget& budget) {
    if (content.is_list() && !abilities.part_content && abilities.text_content)
        return jinja::make_text(TRY(joined_text(content.list())), budget);
    if (content.is_string() && !abilities.text_content && abilities.part_content) {
        Mapping part;
        part.set(Value(std::string("type")), Value(std::string("text")));
        part.set(Value(std::string("text")), content);
        return jinja::make_list({TRY(jinja::make_mapping(std::move(part), budget))}, ListKind::list, budget);
    }
    return content;
}

Result<Value> adapted_arguments(const Value& arguments, const TemplateAbilities& abilities, Budget& budget) {
    if (arguments.is_string() && !abilities.argument_text && abilities.argument_object) {
        Value parsed = TRY(
            jinja::from_json(arguments.text().empty() ? "{}" : arguments.text(), "arguments of a tool call", budget));
        return parsed;
    }
    if (arguments.is_mapping() && abilities.argument_text && !abilities.argument_object)
        return jinja::make_text(TRY(jinja::to_json(arguments, {}, budget)), budget);
    return arguments;
}

// A copy with one key's value changed.
template <class Change>
Result<Value> with_changed(const Value& object, std::string_view key, Budget& budget, Change&& change) {
    const Value* there = object.is_mapping() ? object.mapping().find(key) : nullptr;
    if (there == nullptr) return object;
    Mapping copy = object.mapping();
    copy.set(Value(std::string(key)), TRY(change(*there)));
    return jinja::make_mapping(std::move(copy), budget);
}

Result<Value> adapted_message(const Value& message, const TemplateAbilities& abilities, Budget& budget) {
    const auto on_arguments = [&](const Value& arguments) { return adapted_arguments(arguments, abilities, budget); };
    const auto on_function = [&](const Value& function) {
        return with_changed(function, "arguments", budget, on_arguments);
    };
    const auto on_calls = [&](const Value& calls) -> Result<Value> {
        if (!calls.is_list()) return calls;
        std::vector<Value> out;
        for (const Value& call : calls.list().items)
            out.push_back(TRY(with_changed(call, "function", budget, on_function)));
        return jinja::make_list(std::move(out), ListKind::list, budget);
    };
    const Value with_calls = TRY(with_changed(message, "tool_calls", budget, on_calls));
    return with_changed(with_calls, "content", budget,
                        [&](const Value& content) { return adapted_content(content, abilities, budget); });
}

// ---- system messages for a template that refuses them: they open the next message of the user

Result<Value> user_message(std::string text, Budget& budget) {
    Mapping message;
    message.set(Value(std::string("role")), Value(std::string("user")));
    message.set(Value(std::string("content")), Value(std::move(text)));
    return jinja::make_mapping(std::move(message), budget);
}

Result<std::string> content_text(const Value& message) {
    const Value* content = message.mapping().find("content");
    if (content == nullptr || content->is_none()) return std::string();
    if (content->is_list()) return joined_text(content->list());
    if (!content->is_string())
        return fail(Code::invalid, "the content of a message is neither a text nor a list of parts");
    return content->text();
}

Result<std::vector<Value>> without_system(const std::vector<Value>& messages, Budget& budget) {
    std::vector<Value> out;
    std::string waiting;
    for (const Value& message : messages) {
        const std::string_view role = role_of(message);
        if (role == "system") {
            if (!waiting.empty()) waiting += "\n\n";
            waiting += TRY(content_text(message));
        } else if (role == "user" && !waiting.empty()) {
            const std::string own = TRY(content_text(message));
            Mapping copy = message.mapping();
            copy.set(Value(std::string("content")),
                     Value(std::exchange(waiting, {}) + (own.empty() ? "" : "\n\n" + own)));
            out.push_back(TRY(jinja::make_mapping(std::move(copy), budget)));
        } else {
            out.push_back(message);
        }
    }
    if (!waiting.empty()) out.push_back(TRY(user_message(std::move(waiting), budget)));
    return out;
}

Result<Value> adapted(const Value& messages, const TemplateAbilities& abilities, Budget& budget) {
    for (const Value& message : messages.list().items)
        if (role_of(message).empty()) return fail(Code::invalid, "a message is an object with a role");
    std::vector<Value> out = messages.list().items;
    if (!abilities.system_role) out = TRY(without_system(out, budget));
    for (Value& message : out) message = TRY(adapted_message(message, abilities, budget));
    return jinja::make_list(std::move(out), ListKind::list, budget);
}

using Variables = std::vector<std::pair<std::string, Value>>;

Result<> add_extra(Variables& variables, const std::string& extra, ChatTemplate::Shape shape, Budget& budget) {
    if (extra.empty()) return {};
    const Value values = TRY(jinja::from_json(extra, "the further variables of the template", budget));
    if (!values.is_mapping()) return fail(Code::invalid, "the further variables of the template are no object");
    for (const auto& [name, value] : values.mapping().entries()) variables.emplace_back(name.text(), value);
    // The same switch under the name that other families of models gave it.
    const Value* thinking = values.mapping().find("enable_thinking");
    if (shape == ChatTemplate::Shape::adapted && thinking != nullptr && values.mapping().find("thinking") == nullptr)
        variables.emplace_back("thinking", *thinking);
    return {};
}

// ---- the conversations on which a template is tried; the needles stand in no template

constexpr std::string_view text_user = R"({"role":"user","content":"needle-user"})";
constexpr std::string_view part_user = R"({"role":"user","content":[{"type":"text","text":"needle-user"}]})";
constexpr std::string_view weather_tool =
    R"([{"type":"function","function":{"name":"needle_tool","description":"Some tool.","parameters":{"type":"object",)"
    R"("properties":{"city":{"type":"string","description":"A city."}},"required":["city"]}}}])";
constexpr std::string_view object_arguments = R"({"needle_argument":"needle-value"})";
constexpr std::string_view text_arguments = R"("{\"needle_argument\":\"needle-value\"}")";
constexpr std::string_view tool_answer =
    R"({"role":"tool","tool_call_id":"call00001","name":"needle_tool","content":"needle-result"})";

std::string calling(std::string_view arguments) {
    return R"({"role":"assistant","content":"","tool_calls":[{"id":"call00001","type":"function","function":{"name":)"
           R"("needle_tool","arguments":)" +
           std::string(arguments) + "}}]}";
}

std::string conversation(std::initializer_list<std::string_view> messages) {
    std::string out = "[";
    for (const std::string_view message : messages) {
        if (out.size() > 1) out += ',';
        out += message;
    }
    return out + "]";
}

// Shown as an argument and not as a text within a text, whose quotes come escaped.
bool shows_argument(std::string_view text) {
    const std::size_t at = text.find("needle_argument");
    return at != std::string_view::npos && text.contains("needle-value") &&
           (at < 2 || text.substr(at - 2, 2) != "\\\"");
}

}  // namespace

Result<ChatTemplate> ChatTemplate::parse(std::string_view source, std::string_view bos, std::string_view eos) {
    auto body = jinja::parse(source);
    if (!body) return fail(body.error().code, "the chat template cannot be read: " + body.error().message);
    ChatTemplate out;
    out.source_ = source;
    out.bos_ = bos;
    out.eos_ = eos;
    out.tree_ = std::make_shared<const Tree>(std::move(*body));
    out.try_out();
    return out;
}

ChatTemplate ChatTemplate::chatml(std::string_view bos, std::string_view eos) {
    auto out = parse(chatml_source, bos, eos);
    ASSERT(out.has_value());
    out->name_ = "chatml";
    return *std::move(out);
}

Result<std::string> ChatTemplate::render(const wire::ChatPrompt& prompt, Timestamp now, Shape shape) const {
    if (!prompt.tmpl.empty() && prompt.tmpl != source_) {
        wire::ChatPrompt own = prompt;
        own.tmpl.clear();
        return TRY(parse(prompt.tmpl, bos_, eos_)).render(own, now, shape);
    }
    Budget budget;
    Value messages = TRY(jinja::from_json(prompt.messages, "the messages", budget));
    if (!messages.is_list()) return fail(Code::invalid, "the messages are no list");
    if (shape == Shape::adapted) messages = TRY(adapted(messages, abilities_, budget));
    Variables variables{{"messages", std::move(messages)},
                        {"add_generation_prompt", Value(prompt.add_generation_prompt)},
                        {"bos_token", Value(bos_)},
                        {"eos_token", Value(eos_)},
                        {"date_string", Value(jinja::date_text(now, "%d %b %Y"))}};  // Llama 3 asks for it by this name
    if (!prompt.tools.empty()) {
        Value tools = TRY(jinja::from_json(prompt.tools, "the tools", budget));
        if (!tools.is_list()) return fail(Code::invalid, "the tools are no list");
        if (jinja::truth(tools)) variables.emplace_back("tools", std::move(tools));
    }
    TRY_VOID(add_extra(variables, prompt.extra, shape, budget));
    auto text = jinja::Interpreter(budget, now).render(tree_->body, variables);
    if (!text) return fail(text.error().code, "the model's chat template, " + text.error().message);
    return text;
}

void ChatTemplate::try_out() {
    struct Trial {
        std::string text;
        bool came_out = false;
        bool shows(std::string_view needle) const { return text.contains(needle); }
    };
    const auto attempt = [&](const std::string& messages, std::string_view tools, bool generation, bool thinking) {
        Budget budget(limit_trial_steps, limit_trial_bytes);
        Variables variables{{"add_generation_prompt", Value(generation)},
                            {"bos_token", Value(bos_)},
                            {"eos_token", Value(eos_)},
                            {"enable_thinking", Value(thinking)},
                            {"thinking", Value(thinking)}};
        auto read = [&](std::string_view json) {
            auto value = jinja::from_json(json, "a trial", budget);
            ASSERT(value.has_value());
            return *std::move(value);
        };
        variables.emplace_back("messages", read(messages));
        if (!tools.empty()) variables.emplace_back("tools", read(tools));
        // A failure is an answer: the template does not take this.
        auto text = jinja::Interpreter(budget, Timestamp{}).render(tree_->body, variables);
        return text ? Trial{*std::move(text), true} : Trial{};
    };
    const auto says = [&](std::initializer_list<std::string_view> messages, std::string_view tools = {}) {
        return attempt(conversation(messages), tools, false, true);
    };

    const Trial by_parts = says({part_user});
    abilities_.text_content = says({text_user}).shows("needle-user");
    // Not as Python or JSON would print a list.
    abilities_.part_content = by_parts.shows("needle-user") && !by_parts.shows("'text'") && !by_parts.shows("\"text\"");
    const std::string_view user = abilities_.text_content || !abilities_.part_content ? text_user : part_user;

    abilities_.system_role =
        says({R"({"role":"system","content":"needle-system"})", user}).shows("needle-system") ||
        says({R"({"role":"system","content":[{"type":"text","text":"needle-system"}]})", user}).shows("needle-system");
    abilities_.tools = says({user}, weather_tool).shows("needle_tool");

    const Trial as_object = says({user, calling(object_arguments)}, weather_tool);
    const Trial as_text = says({user, calling(text_arguments)}, weather_tool);
    abilities_.argument_object = shows_argument(as_object.text);
    abilities_.argument_text = shows_argument(as_text.text);
    abilities_.tool_calls = abilities_.argument_object || abilities_.argument_text;
    const std::string call = calling(abilities_.argument_object ? object_arguments : text_arguments);
    abilities_.tool_results = says({user, call, tool_answer}, weather_tool).shows("needle-result");

    const Trial open = attempt(conversation({user}), {}, true, true),
                closed = attempt(conversation({user}), {}, true, false);
    abilities_.thinking_switch = open.came_out && closed.came_out && open.text != closed.text;
    const Trial thought =
        says({user, R"({"role":"assistant","content":"needle-answer","reasoning_content":"needle-thought",)"
                    R"("reasoning":"needle-thought","thinking":"needle-thought"})"});
    abilities_.thinking = abilities_.thinking_switch || thought.shows("needle-thought") || open.shows("<think>");
}

}  // namespace lar::inference
