// lar run: one answer, or a conversation, as Ollama's users know it.
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "commands.h"
#include "piped_text.h"
#include "run_answer.h"
#include "run_conversation.h"
#include "run_model.h"

namespace lar::cli {
namespace {

// A text that is piped in comes before the prompt, as in Ollama: what to do with it is said last.
std::string joined(const std::string& piped, const std::string& prompt) {
    if (trim(piped).empty()) return prompt;
    if (trim(prompt).empty()) return piped;
    return piped + (piped.ends_with('\n') ? "\n" : "\n\n") + prompt;
}

std::string prompt_of(const Arguments& arguments) {
    std::string prompt;
    for (std::size_t i = 1; i < arguments.positionals.size(); ++i)
        prompt += (i > 1 ? " " : "") + arguments.positionals[i];
    return prompt;
}

ModelSettings settings_of(const Arguments& arguments) {
    ModelSettings settings{
        .model = arguments.positionals[0], .system = {}, .parameters = {}, .keep_alive = {}, .think = {}};
    if (const auto time = arguments.value("--keepalive")) {
        const bool seconds =
            !time->empty() && time->find_first_not_of("0123456789", time->starts_with('-') ? 1 : 0) == time->npos;
        settings.keep_alive = wire::Json{seconds && *time != "-" ? *time : wire::to_json(*time)};
    }
    return settings;
}

Outcome<Exit> answer_once(Session& session, ModelTalk& talk, const ModelSettings& settings, const RunStyle& style,
                          const std::string& prompt) {
    if (session.json()) {
        const auto answer = TRY(talk.complete(settings, prompt, [](auto, auto) { return true; }));
        if (answer.stopped) return failed(Code::unavailable, "interrupted");
        session.out.line(wire::to_json(answer.all));
        return Exit::ok;
    }
    const auto answer =
        TRY(print_answer(session, style, [&](const auto& take) { return talk.complete(settings, prompt, take); }));
    if (session.cancelled) return failed(Code::unavailable, "interrupted");
    return Exit::ok;
}

Outcome<> check(const Arguments& arguments) {
    if (arguments.has("--format"))
        return failed(Code::invalid,
                      "--format is not there yet: answers in a given format come in a later version of Lar");
    if (!is_utf8(arguments.words())) return wrong_usage("the text is not UTF-8");
    return {};
}

}  // namespace

Outcome<Exit> run_run(Session& session) {
    const Arguments& arguments = session.arguments;
    TRY_VOID(check(arguments));
    const std::string prompt = joined(TRY(piped_text(session)), prompt_of(arguments));
    const bool converses = trim(prompt).empty();
    if (converses && (session.json() || ::isatty(session.input) != 1))
        return wrong_usage("there is nothing to answer", "say something: `lar run MODEL \"why is the sky blue?\"`");

    ModelTalk talk(*TRY(session.lard()), session.cancelled);
    ModelSettings settings = settings_of(arguments);
    wire::OllamaShow model = TRY(talk.show(settings.model));
    if (!can(model, "completion"))
        return failed(Code::invalid,
                      lar::format("{} does not write: it makes vectors of text", printable(settings.model)),
                      "choose a model of which `lar show` says completion");
    settings.think = TRY(think_json(settings.model, model, arguments.value("--think")));
    const RunStyle style{.verbose = arguments.has("--verbose"),
                         .word_wrap = !arguments.has("--nowordwrap"),
                         .thoughts = !arguments.has("--hidethinking")};
    if (!converses) return answer_once(session, talk, settings, style, prompt);
    Conversation conversation(session, talk,
                              {.settings = std::move(settings),
                               .think = arguments.value("--think"),
                               .style = style,
                               .keep_history = !arguments.has("--no-history"),
                               .model = std::move(model)});
    return conversation.hold();
}

}  // namespace lar::cli
