#include "run_conversation.h"

#include <utility>
#include <variant>

#include "base/format.h"
#include "base/text.h"
#include "handoff_actions.h"
#include "interrupt.h"
#include "model_text.h"
#include "typed_history.h"

namespace lar::cli {
namespace {

constexpr std::string_view first_prompt = ">>> ", next_prompt = "... ";

}  // namespace

Conversation::Conversation(Session& session, ModelTalk& talk, Start start)
    : session_(session),
      talk_(talk),
      settings_(std::move(start.settings)),
      think_(std::move(start.think)),
      style_(start.style),
      keep_history_(start.keep_history),
      model_(std::move(start.model)),
      history_file_(session.paths.state / "run-history") {}

void Conversation::tell(const Failure& failure) {
    session_.err.line(lar::format("{} {}", session_.err.styled(Style::bad, "lar:"), failure.message));
    if (!failure.hint.empty()) session_.err.line(lar::format("     {}", failure.hint));
}

void Conversation::tell_unless_stopped(const Failure& failure) {
    if (!session_.cancelled) tell(failure);
}

void Conversation::say(std::string_view text) { session_.out.line(text); }

void Conversation::open_editor() {
    std::vector<std::string> before;
    if (keep_history_) {
        if (auto lines = read_typed_history(history_file_))
            before = std::move(*lines);
        else
            tell(Failure(lines.error()));
    }
    editor_ = make_line_editor(before, session_.cancelled);
}

void Conversation::show_beginning() {
    if (model_.messages)
        for (const wire::OllamaSaid& one : *model_.messages)
            if (one.role != "system")
                say(lar::format("{}{}\n", one.role == "user" ? first_prompt : "", printable(one.content)));
    if (session_.out.interactive())
        say(session_.out.styled(
            Style::faint, lar::format("{} listens. /? lists the commands, Ctrl-D ends.", printable(settings_.model))));
}

Outcome<Exit> Conversation::hold() {
    TRY_VOID(load_model(session_, talk_, settings_));
    open_editor();
    show_beginning();
    for (;;) {
        const LineEditor::Line line = editor_->read(typed_.open() ? next_prompt : first_prompt);
        if (line.ended == LineEditor::Ended::end) {
            if (session_.out.interactive()) session_.out.line();
            return Exit::ok;
        }
        const bool at_prompt = line.ended == LineEditor::Ended::interrupted;
        if (at_prompt) {
            typed_.drop();
            say("\nCtrl-D or /bye ends.");
        }
        if (!at_prompt && take(line.text) == Next::end) return Exit::ok;
        if (session_.cancelled && stopped() == Next::end) return Exit::error;
        if (session_.out.broken()) return Exit::ok;
    }
}

// Ctrl-C ends what was being done; any other signal that asks to end means us.
Conversation::Next Conversation::stopped() { return forget_interrupt() ? Next::line : Next::end; }

void Conversation::remember(const std::string& line) {
    if (trim(line).empty()) return;
    editor_->remember(line);
    if (!keep_history_) return;
    if (const auto kept = add_typed_history(history_file_, line); !kept) {
        tell(Failure(kept.error()));
        keep_history_ = false;  // told once
    }
}

Conversation::Next Conversation::take(const std::string& line) {
    remember(line);
    if (!is_utf8(line)) {
        tell(Failure(Exit::error, Code::invalid, "the line is not UTF-8"));
        return Next::line;
    }
    const auto entry = typed_.take(line);
    if (!entry) tell(entry.error());
    if (!entry || !*entry) return Next::line;
    if (!(*entry)->command) {
        answer((*entry)->text);
        return Next::line;
    }
    const auto command = parse_command((*entry)->text);
    if (command) return std::visit([&](const auto& one) { return run(one); }, *command);
    tell(command.error());
    return Next::line;
}

void Conversation::answer(const std::string& text) {
    asked_ = text;
    said_.push_back({"user", text});
    auto answer = print_answer(session_, style_, [&](const auto& take) { return talk_.chat(settings_, said_, take); });
    if (!answer || answer->all.response.empty()) {
        said_.pop_back();  // as if it had not been asked: it can be asked again
        if (!answer) tell_unless_stopped(answer.error());
    } else {
        said_.push_back({"assistant", std::move(answer->all.response)});
    }
    say("");
}

Conversation::Next Conversation::run(const SetParameter& command) {
    auto value = parameter_json(command);
    if (!value) {
        tell(value.error());
        return Next::line;
    }
    // lard says whether the value is one, and whether a window of that size fits.
    ModelSettings changed = settings_;
    changed.parameters[command.name] = *value;
    if (const auto loaded = load_model(session_, talk_, changed); !loaded) {
        tell_unless_stopped(loaded.error());
        return Next::line;
    }
    settings_ = std::move(changed);
    say(lar::format("{} is {} now.", command.name, printable(*value)));
    return Next::line;
}

Conversation::Next Conversation::run(const SetSystem& command) {
    settings_.system = command.text;
    say("The system text is set.");
    return Next::line;
}

Conversation::Next Conversation::run(const SetThink& command) {
    auto think = think_json(settings_.model, model_, command.level);
    if (!think) {
        tell(Failure(Exit::error, Code::invalid, think.error().message));
        return Next::line;
    }
    think_ = command.level;
    settings_.think = std::move(*think);
    say(command.level == "false" ? "It answers at once." : "It thinks first.");
    return Next::line;
}

Conversation::Next Conversation::run(const SetSwitch& command) {
    switch (command.which) {
        case Switch::history:
            keep_history_ = command.on;
            say(command.on ? "What is typed is kept." : "Nothing more of what is typed is kept.");
            break;
        case Switch::verbose:
            style_.verbose = command.on;
            say(command.on ? "Timings are shown." : "Timings are not shown.");
            break;
        case Switch::word_wrap:
            style_.word_wrap = command.on;
            say(command.on ? "Words that do not fit move to the next line." : "Lines stay as the model writes them.");
            break;
    }
    return Next::line;
}

void Conversation::show_text(std::string_view text, std::string_view otherwise) {
    say(text.empty() ? std::string(otherwise) : printable(text));
}

Conversation::Next Conversation::run(const Show& command) {
    switch (command.part) {
        case Part::info: print_model(session_.out, model_); break;
        case Part::license: show_text(model_.license.value_or(""), "The model has no licence text."); break;
        case Part::modelfile: show_text(model_.modelfile, "The model has no Modelfile."); break;
        case Part::template_text: show_text(model_.tmpl, "The model has no template."); break;
        case Part::system:
            show_text(settings_.system.value_or(model_.system.value_or("")), "There is no system text.");
            break;
        case Part::parameters:
            show_text(model_.parameters, "The model sets no parameters.");
            for (const auto& [name, value] : settings_.parameters)
                say(lar::format("{:<30} {}  (set here)", name, printable(value)));
            break;
    }
    return Next::line;
}

Conversation::Next Conversation::run(const LoadModel& command) {
    auto model = talk_.show(command.model);
    if (!model) {
        tell_unless_stopped(model.error());
        return Next::line;
    }
    ModelSettings changed = settings_;
    changed.model = command.model;
    auto think = think_json(changed.model, *model, think_);
    if (!think) {
        tell(think.error());
        return Next::line;
    }
    changed.think = std::move(*think);
    if (const auto loaded = load_model(session_, talk_, changed); !loaded) {
        tell_unless_stopped(loaded.error());
        return Next::line;
    }
    settings_ = std::move(changed);
    model_ = std::move(*model);
    said_.clear();
    show_beginning();
    return Next::line;
}

Conversation::Next Conversation::run(const SaveModel& command) {
    const auto saved =
        talk_.save(settings_, command.model, model_.messages.value_or(std::vector<wire::OllamaSaid>{}), said_);
    if (saved)
        say(lar::format("{} is a model now: `lar run {}` goes on from here.", printable(command.model),
                        printable(command.model)));
    else
        tell_unless_stopped(saved.error());
    return Next::line;
}

// The last message alone: a model without sources was not told of any, and what was said before may hold what the user
// would not have sent.
Conversation::Next Conversation::run(const HandOff& command) {
    const auto handed = [&]() -> Outcome<> {
        if (asked_.empty()) return wrong_usage("nothing has been asked yet that could be handed off");
        return hand_off_here(session_, *TRY(session_.lard()), {.text = asked_, .provider = command.provider});
    }();
    if (!handed) tell_unless_stopped(handed.error());
    return Next::line;
}

Conversation::Next Conversation::run(const Clear&) {
    said_.clear();
    asked_.clear();
    say("The conversation is forgotten.");
    return Next::line;
}

Conversation::Next Conversation::run(const Bye&) { return Next::end; }

Conversation::Next Conversation::run(const Help& command) {
    session_.out.print(help_text(command.topic));
    return Next::line;
}

}  // namespace lar::cli
