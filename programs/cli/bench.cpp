// lar bench: how fast a server of OpenAI's API answers, alone and crowded, as its clients see it.
#include "bench.h"

#include <algorithm>
#include <charconv>
#include <random>

#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"
#include "bench_measure.h"
#include "bench_plot.h"
#include "bench_show.h"
#include "commands.h"
#include "wire/codec.h"

namespace lar::cli::bench {
namespace {

constexpr std::uint32_t limit_prompt_tokens = 1'000'000;
constexpr std::uint32_t limit_answer_tokens = 100'000;
constexpr std::uint32_t limit_clients = 256;
constexpr std::uint32_t limit_repetitions = 1000;
constexpr std::size_t limit_list = 16;

struct Range {
    std::uint32_t least = 1, most = 1;
};

Outcome<std::uint32_t> parse_number(std::string_view option, std::string_view text, Range range) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < range.least || number > range.most)
        return wrong_usage(lar::format("{} takes whole numbers from {} to {}, not '{}'", option, range.least,
                                       range.most, printable(text)));
    return number;
}

// "0,2000"; `into` keeps its default where the option is not given.
Outcome<> take_list(const Arguments& arguments, std::string_view option, Range range,
                    std::vector<std::uint32_t>& into) {
    const auto given = arguments.value(option);
    if (!given) return {};
    into.clear();
    for (const std::string_view piece : split(*given, ',')) {
        const std::uint32_t number = TRY(parse_number(option, trim(piece), range));
        if (std::ranges::contains(into, number)) return wrong_usage(lar::format("{} names {} twice", option, number));
        into.push_back(number);
    }
    if (into.size() > limit_list) return wrong_usage(lar::format("{} takes at most {} numbers", option, limit_list));
    return {};
}

Outcome<> take_number(const Arguments& arguments, std::string_view option, Range range, std::uint32_t& into) {
    if (const auto given = arguments.value(option)) into = TRY(parse_number(option, *given, range));
    return {};
}

// --url, or Lar's own daemon, which is started if need be; and --compare.
Outcome<std::vector<Side>> sides_of(Session& session) {
    const Arguments& arguments = session.arguments;
    const auto keys = arguments.values("--api-key-env");
    const auto url = arguments.value("--url"), compared = arguments.value("--compare");
    if (keys.size() > (compared ? 2U : 1U))
        return wrong_usage("--api-key-env is given more often than there are servers",
                           "the first is for --url, the second for --compare");
    const auto key = [&](std::size_t i) { return i < keys.size() ? keys[i] : std::string(); };
    // Both are read before anything is started.
    std::vector<Url> urls;
    if (url) urls.push_back(TRY(parse_url(*url)));
    if (compared) urls.push_back(TRY(parse_url(*compared)));
    std::vector<Side> sides;
    if (!url) {
        TRY(session.lard());
        sides.push_back({.server = lar_at(session.paths.socket())});
    }
    for (const Url& one : urls) sides.push_back({.server = TRY(server_at(one, key(sides.size()), session.cancelled))});
    const std::string model = arguments.value("--model").value_or("");
    TRY_VOID(choose_model(sides[0].server, model, session.cancelled));
    if (sides.size() == 1) return sides;
    // The second may know the same model by another name; if it has only one, that is the one.
    auto chosen = choose_model(sides[1].server, model, session.cancelled);
    if (!chosen && !model.empty() && choose_model(sides[1].server, "", session.cancelled)) return sides;
    TRY_VOID(chosen);
    return sides;
}

wire::BenchReport report_of(const std::vector<Side>& sides, const wire::BenchSettings& settings) {
    wire::BenchReport report{.settings = settings};
    for (const Side& side : sides) {
        wire::BenchServer server{.url = side.server.url, .model = side.server.model, .notes = side.server.notes};
        for (std::string& note : notes_on(side.depths, side.levels, settings)) server.notes.push_back(std::move(note));
        for (const DepthAnswers& answers : side.depths)
            if (!answers.cold.empty()) server.depths.push_back(figures_of(answers));
        for (const LevelAnswers& answers : side.levels) server.concurrency.push_back(figures_of(answers));
        report.servers.push_back(std::move(server));
    }
    if (report.servers.size() == 2) report.ratios = ratios_of(report.servers[0], report.servers[1]);
    return report;
}

bool has_figures(const wire::BenchReport& report) {
    return std::ranges::any_of(report.servers, [](const wire::BenchServer& server) {
        return !server.depths.empty() || !server.concurrency.empty();
    });
}

}  // namespace

Outcome<wire::BenchSettings> settings_of(const Arguments& arguments) {
    wire::BenchSettings settings;
    TRY_VOID(take_number(arguments, "--prompt-tokens", {1, limit_prompt_tokens}, settings.prompt_tokens));
    // Of a single token there is no rate.
    TRY_VOID(take_number(arguments, "--tokens", {2, limit_answer_tokens}, settings.tokens));
    TRY_VOID(take_list(arguments, "--depth", {0, limit_prompt_tokens}, settings.depth));
    TRY_VOID(take_list(arguments, "--concurrency", {1, limit_clients}, settings.concurrency));
    TRY_VOID(take_number(arguments, "--repeat", {1, limit_repetitions}, settings.repeat));
    TRY_VOID(take_number(arguments, "--warmup", {0, limit_repetitions}, settings.warmup));
    return settings;
}

}  // namespace lar::cli::bench

namespace lar::cli {

Outcome<Exit> run_bench(Session& session) {
    using namespace bench;
    const wire::BenchSettings settings = TRY(settings_of(session.arguments));
    std::vector<Side> sides = TRY(sides_of(session));
    Outcome<> measured;
    {
        Progress progress(session.err);
        const std::uint64_t seed = std::random_device()();
        Measurement measurement(sides, settings, seed, session.clock, session.cancelled, progress);
        measured = measurement.run();
    }
    wire::BenchReport report = report_of(sides, settings);
    report.complete = measured.has_value();
    if (!measured && !has_figures(report)) return std::unexpected(std::move(measured).error());
    if (session.json())
        session.out.line(wire::to_json(report));
    else
        session.out.print(report_text(report, session.out));
    if (const auto file = session.arguments.value("--svg")) TRY_VOID(write_file_atomically(*file, report_svg(report)));
    if (!measured) {
        if (measured.error().hint.empty()) measured.error().hint = "the figures are those measured until then";
        return std::unexpected(std::move(measured).error());
    }
    return Exit::ok;
}

}  // namespace lar::cli
