// A Modelfile: the text that says what a model is made of, read and written as Ollama does.
//
//     # a comment
//     FROM ./tiny-q4_k_m.gguf
//     PARAMETER stop "<|im_end|>"
//     SYSTEM """You answer
//     in one line."""
//
// A command and its value on a line, the command in any case. A value in "…" or """…""" may go on over lines and
// ends at the line that ends with the same quotes; nothing is escaped inside. FROM, ADAPTER, PARAMETER stop, MESSAGE
// and LICENSE add up, of the others the last counts. TEMPLATE and SYSTEM may be empty, which unsets those of FROM.
// RENDERER and PARSER name code inside Ollama; they are kept for it and change nothing here.
//
// Refused, with the line: an unknown command (and the nearest known one), a value that is missing or whose quotes do
// not close, a parameter that does not exist or is out of its range, a message of nobody, text that is not UTF-8.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/models.h"

namespace lar::models {

inline constexpr std::size_t limit_modelfile_bytes = 1024 * 1024;
inline constexpr std::size_t limit_messages = 1024;

struct Modelfile {
    std::vector<std::string> from;  // a model, or a file's path; more than one for a model and its projector
    std::vector<std::string> adapters;
    std::optional<std::string> tmpl, system;
    wire::ModelOptions parameters;
    std::vector<wire::ModelMessage> messages;
    std::vector<std::string> licenses;
    std::optional<std::string> renderer, parser, requires_version;
};

Result<Modelfile> parse_modelfile(std::string_view text);

// It parses to the same. invalid for a text that no quotes can hold: one with three quotes at the end of a line.
Result<std::string> write_modelfile(const Modelfile& modelfile);

}  // namespace lar::models
