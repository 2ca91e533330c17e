#include "model_text.h"

#include <format>

#include "base/text.h"

namespace lar::cli {

std::string indented(std::string_view text) {
    std::string out;
    for (const std::string_view line : split_lines(text)) out += "  " + printable(line) + "\n";
    return out;
}

void print_model(Output& out, const wire::OllamaShow& model) {
    const auto heading = [&](std::string_view name) { out.line(out.styled(Style::strong, name)); };
    heading("Model");
    const std::string architecture = printable(model.details.family);
    out.line(std::format("  architecture    {}", architecture));
    if (!model.details.parameter_size.empty())
        out.line(std::format("  parameters      {}", printable(model.details.parameter_size)));
    if (model.details.context_length)
        out.line(std::format("  context length  {}", count_text(*model.details.context_length)));
    if (model.details.embedding_length)
        out.line(std::format("  vector length   {}", count_text(*model.details.embedding_length)));
    if (!model.details.quantization_level.empty())
        out.line(std::format("  quantization    {}", printable(model.details.quantization_level)));
    heading("Can");
    for (const std::string& capability : model.capabilities) out.line("  " + printable(capability));
    if (!model.parameters.empty()) heading("Parameters"), out.print(indented(model.parameters));
    if (model.system) heading("System"), out.print(indented(*model.system));
    if (model.license) heading("License"), out.print(indented(model.license->substr(0, model.license->find('\n'))));
}

}  // namespace lar::cli
