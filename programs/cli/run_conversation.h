// `lar run MODEL` without a prompt: a conversation, with commands in between.
//
// What the model is told is the whole conversation each time; lard's engine has the beginning of it computed already.
// A failure is told and the conversation goes on, except where the model cannot be loaded at first.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "line_editor.h"
#include "run_answer.h"
#include "run_input.h"
#include "run_model.h"

namespace lar::cli {

class Conversation {
public:
    struct Start {
        ModelSettings settings;
        std::optional<std::string> think;  // as the user said it
        RunStyle style;
        bool keep_history = true;
        wire::OllamaShow model;
    };
    Conversation(Session& session, ModelTalk& talk, Start start);
    Outcome<Exit> hold();

private:
    enum class Next : std::uint8_t { line, end };

    void open_editor();
    void show_beginning();
    Next take(const std::string& line);
    Next stopped();
    void answer(const std::string& text);
    void remember(const std::string& line);
    void tell(const Failure& failure);
    void say(std::string_view text);
    // Tells what went wrong, unless the user stopped it.
    void tell_unless_stopped(const Failure& failure);

    Next run(const SetParameter& command);
    Next run(const SetSystem& command);
    Next run(const SetThink& command);
    Next run(const SetSwitch& command);
    Next run(const Show& command);
    Next run(const LoadModel& command);
    Next run(const SaveModel& command);
    Next run(const HandOff& command);
    Next run(const Clear& command);
    Next run(const Bye& command);
    Next run(const Help& command);
    void show_text(std::string_view text, std::string_view otherwise);

    Session& session_;
    ModelTalk& talk_;
    ModelSettings settings_;
    std::optional<std::string> think_;
    RunStyle style_;
    bool keep_history_;
    wire::OllamaShow model_;
    std::filesystem::path history_file_;
    std::vector<wire::OllamaSaid> said_;
    std::string asked_;  // last, also where it was not answered
    TypedLines typed_;
    std::unique_ptr<LineEditor> editor_;
};

}  // namespace lar::cli
