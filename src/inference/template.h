// A model's chat template: a conversation → the text that the model was trained to go on from.
//
//   const ChatTemplate chat = TRY(ChatTemplate::parse(source, "<s>", "</s>"));
//   const std::string prompt = TRY(chat.render({.messages = R"([{"role":"user","content":"Hi"}])"}, now));
//
// The template is Jinja out of a stranger's file and the messages come from anybody, so both run within the budgets
// of jinja_value.h: a rendering ends, with its text or with an error, and cannot take the process with it. A template
// that does not parse is invalid with line and reason; raise_exception is invalid with the template's words; messages
// that are not JSON are invalid; what is over a limit is too_large.
//
// Clients and templates differ in what they take for granted: arguments of a tool call as a text or as an object,
// content as a text or in parts, a system message or none. parse() tries the template on small conversations and
// render() hands each the shape it wants; Shape::verbatim hands the messages over as they are.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "wire/engine.h"

namespace lar::inference {

// What a template showed when it was tried.
struct TemplateAbilities {
    bool tools = false;            // it lists the tools it is given
    bool tool_calls = false;       // it shows the calls that an assistant made
    bool tool_results = false;     // it shows what a tool answered
    bool system_role = false;      // it takes a system message
    bool text_content = false;     // content may be a text
    bool part_content = false;     // content may be a list of parts
    bool argument_text = false;    // arguments of a call may be JSON in a text
    bool argument_object = false;  // … or an object
    bool thinking = false;         // it opens or shows a thought
    bool thinking_switch = false;  // enable_thinking turns it on or off
    bool operator==(const TemplateAbilities&) const = default;
};

class ChatTemplate {
public:
    static Result<ChatTemplate> parse(std::string_view source, std::string_view bos, std::string_view eos);
    // For a model that brings no template: "<|im_start|>role … <|im_end|>", which many models know.
    static ChatTemplate chatml(std::string_view bos, std::string_view eos);

    enum class Shape : std::uint8_t { adapted, verbatim };
    // `now` is what strftime_now tells, at its own offset.
    Result<std::string> render(const wire::ChatPrompt& prompt, Timestamp now, Shape shape = Shape::adapted) const;

    const TemplateAbilities& abilities() const { return abilities_; }
    std::string_view name() const { return name_; }  // "model" or "chatml"
    std::string_view source() const { return source_; }

private:
    struct Tree;
    ChatTemplate() = default;
    void try_out();

    std::string source_, bos_, eos_, name_ = "model";
    std::shared_ptr<const Tree> tree_;  // shared by copies: it never changes
    TemplateAbilities abilities_;
};

}  // namespace lar::inference
