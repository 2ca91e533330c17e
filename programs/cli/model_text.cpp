#include "model_text.h"

#include "base/format.h"
#include "base/text.h"

namespace lar::cli {
namespace {

constexpr std::size_t value_shown_bytes = 100;

}  // namespace

std::string indented(std::string_view text) {
    std::string out;
    for (const std::string_view line : split_lines(text)) out += "  " + printable(line) + "\n";
    return out;
}

void print_model(Output& out, const wire::OllamaShow& model) {
    const auto heading = [&](std::string_view name) { out.line(out.styled(Style::strong, name)); };
    heading("Model");
    const std::string architecture = printable(model.details.family);
    out.line(lar::format("  architecture    {}", architecture));
    if (!model.details.parameter_size.empty())
        out.line(lar::format("  parameters      {}", printable(model.details.parameter_size)));
    if (model.details.context_length)
        out.line(lar::format("  context length  {}", count_text(*model.details.context_length)));
    if (model.details.embedding_length)
        out.line(lar::format("  vector length   {}", count_text(*model.details.embedding_length)));
    if (!model.details.quantization_level.empty())
        out.line(lar::format("  quantization    {}", printable(model.details.quantization_level)));
    heading("Can");
    for (const std::string& capability : model.capabilities) out.line("  " + printable(capability));
    if (!model.parameters.empty()) heading("Parameters"), out.print(indented(model.parameters));
    if (model.system) heading("System"), out.print(indented(*model.system));
    if (model.license) heading("License"), out.print(indented(model.license->substr(0, model.license->find('\n'))));
    if (!model.tensors) return;
    heading("Metadata");
    Table entries({{"KEY"}, {"VALUE"}});
    for (const auto& [key, value] : model.model_info)
        entries.row({printable(key), value.present() ? printable(utf8_prefix(value.text, value_shown_bytes)) : "…"});
    out.print(entries.text(out));
    heading("Tensors");
    Table tensors({{"NAME"}, {"TYPE"}, {"SHAPE"}});
    for (const wire::OllamaTensor& tensor : *model.tensors) {
        std::string shape;
        for (const std::uint64_t length : tensor.shape)
            shape += lar::format("{}{}", shape.empty() ? "" : " × ", length);
        tensors.row({printable(tensor.name), printable(tensor.type), shape});
    }
    out.print(tensors.text(out));
}

}  // namespace lar::cli
