#include "bench_plot.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "output.h"

namespace lar::cli::bench {
namespace {

// In pixels. Panels stand in rows of three.
constexpr double panel_width = 330, panel_height = 250;
constexpr std::size_t panels_in_a_row = 3;
constexpr double margin = 20, line_height = 18;
constexpr double plot_left = 48, plot_right = 12, plot_top = 46, plot_bottom = 40;
constexpr int axis_steps = 4;
constexpr std::size_t limit_labelled_bars = 12;
constexpr std::string_view colours[] = {"#1d4ed8", "#c2410c"};  // told apart by the colour-blind too
constexpr std::string_view ink = "#1f2937", faint_ink = "#6b7280", grid = "#e5e7eb";

enum class Kind { bars, lines };

struct Series {
    std::string_view colour;
    double strength = 1;  // of the colour; lines of less than full strength are dashed
    std::vector<std::optional<double>> values;
};
struct Panel {
    std::string title;
    std::string below;  // what the x axis counts, and how to tell series apart
    Kind kind = Kind::bars;
    std::vector<std::string> categories;
    std::vector<Series> series;
};

// Text as XML takes it. Control characters have no place in XML, escaped or not.
std::string xml(std::string_view text) {
    std::string out;
    for (const char c : to_utf8_lossy(text)) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else if (static_cast<unsigned char>(c) < ' ')
            out += ' ';
        else
            out += c;
    }
    return out;
}

std::string label_text(double value) {
    if (value >= 1000) return count_text(static_cast<std::uint64_t>(value + 0.5));
    return value >= 100 || value == std::floor(value) ? lar::format("{:.0f}", value) : lar::format("{:.3g}", value);
}

std::string text_at(double x, double y, std::string_view anchor, int size, std::string_view colour,
                    std::string_view text) {
    return lar::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}" font-size="{}" fill="{}">{}</text>)", x, y,
                       anchor, size, colour, xml(text)) +
           "\n";
}

// One panel with its upper left corner at 0,0.
class Drawing {
public:
    explicit Drawing(const Panel& panel) : panel_(panel) {
        double greatest = 0;
        for (const Series& series : panel.series)
            for (const auto& value : series.values) greatest = std::max(greatest, value.value_or(0));
        end_ = axis_end(greatest);
    }

    std::string svg() const {
        std::string out = text_at(plot_left, 18, "start", 13, ink, panel_.title);
        out += text_at(plot_left, 33, "start", 10, faint_ink, panel_.below);
        for (int step = 0; step <= axis_steps; ++step) {
            const double value = end_ * step / axis_steps;
            out += lar::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}"/>)", plot_left,
                               y_of(value), panel_width - plot_right, y_of(value), grid) +
                   "\n";
            out += text_at(plot_left - 5, y_of(value) + 3, "end", 10, faint_ink, label_text(value));
        }
        for (std::size_t i = 0; i < panel_.categories.size(); ++i)
            out += text_at(middle_of(i), panel_height - plot_bottom + 15, "middle", 10, ink, panel_.categories[i]);
        return out + (panel_.kind == Kind::bars ? bars() : lines());
    }

private:
    double y_of(double value) const { return plot_top + (panel_height - plot_top - plot_bottom) * (1 - value / end_); }
    double category_width() const {
        return (panel_width - plot_left - plot_right) / static_cast<double>(panel_.categories.size());
    }
    double middle_of(std::size_t category) const {
        return plot_left + category_width() * (static_cast<double>(category) + 0.5);
    }

    std::string bars() const {
        const auto count = static_cast<double>(panel_.series.size());
        const double width = std::min(36.0, category_width() * 0.8 / count);
        const bool labelled = panel_.series.size() * panel_.categories.size() <= limit_labelled_bars;
        std::string out;
        for (std::size_t s = 0; s < panel_.series.size(); ++s)
            for (std::size_t i = 0; i < panel_.categories.size(); ++i) {
                const auto& value = panel_.series[s].values[i];
                if (!value) continue;
                const double x = middle_of(i) + (static_cast<double>(s) - count / 2) * width;
                out +=
                    lar::format(
                        R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}" fill-opacity="{}"/>)",
                        x + 1, y_of(*value), std::max(1.0, width - 2), y_of(0) - y_of(*value), panel_.series[s].colour,
                        panel_.series[s].strength) +
                    "\n";
                if (labelled)
                    out += text_at(x + width / 2, y_of(*value) - 3, "middle", 9, faint_ink, label_text(*value));
            }
        return out;
    }

    std::string lines() const {
        std::string out;
        for (const Series& series : panel_.series) {
            std::string points, dots;
            for (std::size_t i = 0; i < panel_.categories.size(); ++i) {
                if (!series.values[i]) continue;
                points += lar::format("{:.1f},{:.1f} ", middle_of(i), y_of(*series.values[i]));
                dots += lar::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="3" fill="{}"/>)", middle_of(i),
                                    y_of(*series.values[i]), series.colour) +
                        "\n";
            }
            if (!points.empty()) points.pop_back();
            out += lar::format(R"(<polyline points="{}" fill="none" stroke="{}" stroke-width="2"{}/>)", points,
                               series.colour, series.strength < 1 ? R"( stroke-dasharray="5 4")" : "") +
                   "\n" + dots;
        }
        return out;
    }

    const Panel& panel_;
    double end_ = 1;
};

// A panel over the rows of all servers; `measures`: what is drawn of each row, strongest colour first.
template <class Row>
Panel panel_of(const wire::BenchReport& report, std::vector<Row> wire::BenchServer::* rows,
               std::vector<std::optional<double> (*)(const Row&)> measures) {
    Panel panel;
    std::size_t longest = 0;
    for (const wire::BenchServer& server : report.servers) longest = std::max(longest, (server.*rows).size());
    for (std::size_t i = 0; i < report.servers.size(); ++i)
        for (std::size_t m = 0; m < measures.size(); ++m) {
            Series series{.colour = colours[i % std::size(colours)],
                          .strength = 1 - static_cast<double>(m) / static_cast<double>(measures.size() + 1)};
            for (const Row& row : report.servers[i].*rows) series.values.push_back(measures[m](row));
            series.values.resize(longest);
            panel.series.push_back(std::move(series));
        }
    return panel;
}

using Depth = wire::BenchDepth;
using Clients = wire::BenchLevel;

Panel depth_panel(const wire::BenchReport& report, std::string title, std::string_view legend,
                  std::vector<std::optional<double> (*)(const Depth&)> measures) {
    Panel panel = panel_of(report, &wire::BenchServer::depths, std::move(measures));
    panel.title = std::move(title);
    panel.below = lar::format("by depth in tokens{}", legend);
    for (const Depth& row : report.servers.front().depths) panel.categories.push_back(count_text(row.depth));
    return panel;
}

Panel clients_panel(const wire::BenchReport& report, std::string title, std::string_view legend,
                    std::vector<std::optional<double> (*)(const Clients&)> measures) {
    Panel panel = panel_of(report, &wire::BenchServer::concurrency, std::move(measures));
    panel.kind = Kind::lines;
    panel.title = std::move(title);
    panel.below = lar::format("by clients at once{}", legend);
    for (const Clients& row : report.servers.front().concurrency) panel.categories.push_back(count_text(row.clients));
    return panel;
}

std::vector<Panel> panels_of(const wire::BenchReport& report) {
    std::vector<Panel> panels;
    panels.push_back(
        depth_panel(report, "Prefill, tokens/s", "", {[](const Depth& d) { return d.prefill_tokens_per_second; }}));
    panels.push_back(
        depth_panel(report, "Decode, tokens/s", "", {[](const Depth& d) { return d.decode_tokens_per_second; }}));
    panels.push_back(
        depth_panel(report, "Time to first token, ms", "; dark to light: cold, same again, next turn",
                    {[](const Depth& d) { return d.ttft_cold_ms; }, [](const Depth& d) { return d.ttft_warm_ms; },
                     [](const Depth& d) { return d.ttft_turn_ms; }}));
    panels.push_back(depth_panel(
        report, "Between tokens, ms", "; dark p50, light p95",
        {[](const Depth& d) { return d.inter_token_p50_ms; }, [](const Depth& d) { return d.inter_token_p95_ms; }}));
    panels.push_back(clients_panel(report, "All clients together, tokens/s", "",
                                   {[](const Clients& c) { return std::optional(c.tokens_per_second); }}));
    panels.push_back(clients_panel(report, "Time to first token, ms", "; solid p50, dashed p95",
                                   {[](const Clients& c) { return std::optional(c.ttft_p50_ms); },
                                    [](const Clients& c) { return std::optional(c.ttft_p95_ms); }}));
    // What was not measured is not drawn.
    std::erase_if(panels, [](const Panel& panel) {
        return panel.categories.empty() || std::ranges::none_of(panel.series, [](const Series& series) {
                   return std::ranges::any_of(series.values, [](const auto& value) { return value.has_value(); });
               });
    });
    return panels;
}

std::string heading(const wire::BenchReport& report) {
    std::string out;
    double y = margin + 4;
    for (std::size_t i = 0; i < report.servers.size(); ++i) {
        out += lar::format(R"(<rect x="{}" y="{}" width="12" height="12" fill="{}"/>)", margin, y - 10,
                           colours[i % std::size(colours)]) +
               "\n";
        out += text_at(margin + 20, y, "start", 13, ink,
                       lar::format("{}  {}", report.servers[i].url, report.servers[i].model));
        y += line_height;
    }
    const wire::BenchSettings& settings = report.settings;
    return out + text_at(margin, y, "start", 11, faint_ink,
                         lar::format("lar bench: prompts of {} tokens, answers of {}, next turn of {}, median of {}{}",
                                     settings.prompt_tokens, settings.tokens, settings.turn_tokens, settings.repeat,
                                     report.complete ? "" : "; incomplete"));
}

}  // namespace

double axis_end(double greatest) {
    if (!(greatest > 0) || !std::isfinite(greatest)) return 1;
    const double power = std::pow(10, std::floor(std::log10(greatest)));
    for (const double step : {1.0, 2.0, 2.5, 5.0})
        if (greatest <= step * power) return step * power;
    return 10 * power;
}

std::string report_svg(const wire::BenchReport& report) {
    const std::vector<Panel> panels = panels_of(report);
    const double top = margin + line_height * static_cast<double>(report.servers.size() + 1) + 6;
    const std::size_t rows = (panels.size() + panels_in_a_row - 1) / panels_in_a_row;
    const double width = 2 * margin + static_cast<double>(panels_in_a_row) * panel_width;
    const double height = top + static_cast<double>(rows) * panel_height + margin;
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    out += lar::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
        "font-family=\"sans-serif\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n",
        width, height);
    out += heading(report);
    for (std::size_t i = 0; i < panels.size(); ++i)
        out += lar::format("<g transform=\"translate({} {})\">\n{}</g>\n",
                           margin + panel_width * static_cast<double>(i % panels_in_a_row),
                           top + panel_height * static_cast<double>(i / panels_in_a_row), Drawing(panels[i]).svg());
    return out + "</svg>\n";
}

}  // namespace lar::cli::bench
