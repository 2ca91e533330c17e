#include "run_answer.h"

#include "base/format.h"
#include "base/text.h"
#include "line_editor.h"
#include "run_text.h"
#include "spinner.h"

namespace lar::cli {
namespace {

// A window may have been resized since the last answer.
std::size_t columns_of(const Session& session, const RunStyle& style) {
    return style.word_wrap && session.out.interactive() && has_cursor(1) ? Output::of(1).columns() : 0;
}

Timings timings_of(const wire::OllamaGenerated& answer) {
    return {.total_ns = answer.total_duration.value_or(0),
            .load_ns = answer.load_duration.value_or(0),
            .prompt_ns = answer.prompt_eval_duration.value_or(0),
            .answer_ns = answer.eval_duration.value_or(0),
            .prompt_tokens = answer.prompt_eval_count.value_or(0),
            .answer_tokens = answer.eval_count.value_or(0)};
}

void remark(Session& session, const wire::OllamaGenerated& answer) {
    const auto say = [&](const std::string& text) { session.err.line(session.err.styled(Style::faint, text)); };
    if (answer.truncated)
        say(lar::format("The window is full: {} and {} were left out.",
                        counted(answer.truncated->dropped_messages, "message", "messages"),
                        counted(answer.truncated->dropped_tokens, "token", "tokens")));
    if (answer.done_reason == "length")
        say("The answer ends here because it may not be longer (num_predict, num_ctx).");
}

}  // namespace

Outcome<ModelAnswer> print_answer(Session& session, const RunStyle& style, const AskModel& ask) {
    Spinner spinner(session.err, "");
    AnswerPrinter printer(session.out, {.columns = columns_of(session, style), .thoughts = style.thoughts});
    Outcome<ModelAnswer> answer = ask([&](std::string_view thought, std::string_view text) {
        if ((style.thoughts && !thought.empty()) || !text.empty()) spinner.stop();
        printer.thought(thought);
        printer.text(text);
        return !session.out.broken();
    });
    spinner.stop();
    printer.end();
    if (!answer || answer->stopped) return answer;
    remark(session, answer->all);
    if (style.verbose) session.err.print("\n" + timings_text(timings_of(answer->all)));
    return answer;
}

Outcome<> load_model(Session& session, ModelTalk& talk, const ModelSettings& settings) {
    Spinner spinner(session.err, lar::format("loading {}", printable(settings.model)));
    return talk.load(settings);
}

Outcome<std::optional<wire::Json>> think_json(const std::string& name, const wire::OllamaShow& model,
                                              const std::optional<std::string>& level) {
    if (!can(model, "thinking")) {
        if (!level || level == "false") return std::nullopt;
        return failed(Code::invalid,
                      lar::format("{} cannot think first: its template knows no thoughts", printable(name)),
                      "leave out --think, or choose a model that `lar show` says can think");
    }
    if (!level || level == "true" || level == "false") return wire::Json{level.value_or("true")};
    return wire::Json{wire::to_json(*level)};
}

}  // namespace lar::cli
