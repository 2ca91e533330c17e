#include "settings.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/fd.h"
#include "base/format.h"
#include "base/nearest.h"
#include "base/text.h"
#include "models/keep_alive.h"
#include "models/reference.h"
#include "settings_providers.h"
#include "settings_routing.h"
#include "toml_text.h"

namespace lar::lard {
namespace {

constexpr std::size_t limit_config_bytes = 1024 * 1024;
constexpr std::size_t limit_shown_key_bytes = 80;  // of one that nobody knows
constexpr std::array known_keys{"model",
                                "server.tcp",
                                "server.port",
                                "server.origins",
                                "server.require_air_gap",
                                "server.require_token",
                                "models.keep_alive",
                                "models.registry",
                                "models.hub",
                                "network.proxy",
                                "log.level",
                                "files.watch",
                                "files.size_limit_mb",
                                "recall.embedding",
                                "recall.rerank",
                                "ledger.watts",
                                "ledger.listed",
                                "routing.provider",
                                "routing.tasks",
                                "routing.entropy_limit",
                                "routing.disagreement_limit",
                                "handoff.names",
                                "handoff.names_file",
                                "handoff.expires",
                                "providers.NAME"};

std::unexpected<Error> unknown_key(const std::filesystem::path& config, std::string_view key) {
    const std::string_view shown = utf8_prefix(key, limit_shown_key_bytes);
    const auto* nearest =
        std::ranges::min_element(known_keys, {}, [&](std::string_view known) { return edit_distance(known, shown); });
    return fail(Code::invalid,
                lar::format("{} has the unknown key '{}'; did you mean '{}'?", config.string(), shown, *nearest));
}

struct HostAndPort {
    std::string_view host, port;  // either may be empty
};

// "127.0.0.1:11435", ":11435", "11435", "http://localhost:11435/" or a host alone.
HostAndPort host_and_port(std::string_view text) {
    if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) text.remove_prefix(scheme + 3);
    while (text.ends_with('/')) text.remove_suffix(1);
    if (std::ranges::all_of(text, is_digit)) return {{}, text};
    const std::size_t colon = text.ends_with(']') ? std::string_view::npos : text.rfind(':');
    if (colon == std::string_view::npos) return {text, {}};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

// Only loopback is served. Who asks for another host by Lar's own variable is refused; Ollama's is also set for the
// sake of a server elsewhere, or of one that listens everywhere, and must not keep Lar from starting.
Result<> take_host(std::string_view variable, std::string_view text, Settings& settings) {
    constexpr std::array loopback{"", "127.0.0.1", "localhost", "[::1]"};
    constexpr std::array everywhere{"0.0.0.0", "[::]"};
    const auto [host, port] = host_and_port(text);
    const bool ours = std::ranges::contains(loopback, host);
    if (!ours) {
        const std::string wish = lar::format("{} asks for '{}', and Lar serves this machine only, on 127.0.0.1",
                                             variable, printable(utf8_prefix(host, limit_shown_key_bytes)));
        if (variable != "OLLAMA_HOST") return fail(Code::denied, wish);
        settings.problems.push_back(wish);
    }
    if (!port.empty() && (ours || std::ranges::contains(everywhere, host))) settings.port = TRY(parse_port(port));
    return {};
}

// Origins of pages, separated by commas. The names of what is wrong are the user's own words.
Result<> take_origins(std::string_view text, Settings& settings) {
    settings.origins.clear();
    for (const std::string_view piece : split(text, ',')) {
        const std::string_view origin = trim(piece);
        if (origin.empty()) continue;
        if (origin != "*" && !origin.contains("://"))
            return fail(
                Code::invalid,
                lar::format("'{}' is no origin: write https://name, http://name:port, app://*, or * for all", origin));
        settings.origins.emplace_back(origin);
    }
    return {};
}

// Whether there is one of that name is for those who ask it.
Result<std::string> take_model(std::string_view text) {
    return models::short_form(TRY(models::parse_reference(trim(text))));
}

// The setting of a key that is true or false.
bool* switch_named(std::string_view key, Settings& settings) {
    if (key == "server.tcp") return &settings.tcp;
    if (key == "server.require_air_gap") return &settings.require_air_gap;
    if (key == "server.require_token") return &settings.require_token;
    return key == "files.watch" ? &settings.watch : nullptr;
}

// A server to pull models from, in place of the usual one.
Result<std::string> take_server(std::string_view text) {
    TRY_VOID(models::parse_web_address(trim(text)));
    return std::string(trim(text));
}

// Through which couriers go. Its own way in is plain: what goes through is not.
Result<wire::OrderProxy> take_proxy(std::string_view text) {
    const Result<models::WebAddress> address = models::parse_web_address(trim(text));
    if (!address || address->scheme != wire::Scheme::http || address->target != "/")
        return fail(Code::invalid,
                    "a proxy is named as \"http://proxy.example:3128\", without user, password and path");
    return wire::OrderProxy{.host = address->host, .port = address->port};
}

Result<> take_key(const std::filesystem::path& config, const std::string& key, const toml::node& node,
                  Settings& settings) {
    const auto wrong = [&](std::string_view expected) {
        return fail(Code::invalid, lar::format("{}: '{}' must be {}", config.string(), key, expected));
    };
    if (bool* const known = switch_named(key, settings)) {
        const auto value = node.value_exact<bool>();
        if (!value) return wrong("true or false");
        *known = *value;
    } else if (key == "server.port") {
        const auto value = node.value_exact<std::int64_t>();
        if (!value || *value < 1 || *value > 65535) return wrong("a number from 1 to 65535");
        settings.port = static_cast<std::uint16_t>(*value);
    } else if (key == "server.origins") {
        const auto value = node.value_exact<std::string>();
        if (!value) return wrong("origins separated by commas");
        TRY_VOID(take_origins(*value, settings));
    } else if (key == "model") {
        const auto value = node.value_exact<std::string>();
        if (!value) return wrong("the name of a model");
        settings.model = TRY(take_model(*value));
    } else if (key == "models.keep_alive") {
        const auto value = node.value_exact<std::string>();
        if (!value) return wrong("a duration such as \"5m\"");
        settings.keep_alive_us = TRY(models::parse_keep_alive_us(*value));
    } else if (key == "models.registry" || key == "models.hub") {
        const auto value = node.value_exact<std::string>();
        if (!value) return wrong("an address such as \"https://models.example\"");
        (key == "models.hub" ? settings.servers.hub : settings.servers.registry) = TRY(take_server(*value));
    } else if (key == "network.proxy") {
        const auto value = node.value_exact<std::string>();
        if (!value) return wrong("an address such as \"http://proxy.example:3128\"");
        settings.proxy = TRY(take_proxy(*value));
    } else if (key == "recall.embedding") {
        const auto value = node.value_exact<std::string>();
        if (!value || value->empty()) return wrong("a model that makes vectors, or \"none\"");
        settings.embedding = *value;
    } else if (key == "recall.rerank") {
        const auto value = node.value_exact<std::string>();
        if (!value || value->empty()) return wrong("a reranking model, or \"off\"");
        settings.rerank = *value;
    } else if (key == "log.level") {
        const auto value = node.value_exact<std::string>();
        if (!value) return wrong("debug, info, warning or error");
        settings.log_level = TRY(parse_log_level(*value));
    } else if (key == "files.size_limit_mb") {
        const auto value = node.value_exact<std::int64_t>();
        if (!value || *value < 1 || *value > 1024) return wrong("a number from 1 to 1024");
        settings.file_size_limit_bytes = static_cast<std::uint64_t>(*value) * 1024 * 1024;
    } else if (key == "ledger.watts") {
        const auto value = node.value<double>();
        if (!value || !node.is_number() || !(*value > 0 && *value <= 10'000)) return wrong("watts of a core at work");
        settings.consent.watts = *value;
    } else if (key == "ledger.listed") {
        const auto value = node.value_exact<std::string>();
        if (!value) return wrong("the name of a provider");
        settings.consent.listed = *value;
    } else if (TRY(take_routing(config, key, node, settings.consent.routing)) == Known::no) {
        return unknown_key(config, key);
    }
    return {};
}

Result<> take_providers(const std::filesystem::path& config, const toml::table& table, consent::Settings& settings) {
    for (const auto& [name, node] : table) {
        if (!node.is_table())
            return fail(Code::invalid, lar::format("{}: a provider is a section: [providers.{}]", config.string(),
                                                   std::string_view(name.str())));
        settings.providers.push_back(TRY(read_provider(config, name.str(), *node.as_table())));
    }
    if (settings.providers.size() > consent::limit_providers)
        return fail(Code::too_large,
                    lar::format("{} names more than {} providers", config.string(), consent::limit_providers));
    return {};
}

// Whose prices answers here are compared with: the one that is named, or the first with any.
Result<> choose_listed(const std::filesystem::path& config, consent::Settings& settings) {
    if (!settings.listed.empty()) {
        if (consent::find_provider(settings, settings.listed) != nullptr) return {};
        return fail(Code::invalid, lar::format("{}: 'ledger.listed' names '{}', and there is no [providers.{}]",
                                               config.string(), settings.listed, settings.listed));
    }
    for (const consent::Provider& provider : settings.providers)
        if (settings.listed.empty() && provider.dollars_per_million_in + provider.dollars_per_million_out > 0)
            settings.listed = provider.name;
    return {};
}

Result<> check_proposed(const std::filesystem::path& config, const consent::Settings& settings) {
    const std::string& name = settings.routing.provider;
    if (name.empty() || consent::find_provider(settings, name) != nullptr) return {};
    return fail(Code::invalid, lar::format("{}: 'routing.provider' names '{}', and there is no [providers.{}]",
                                           config.string(), name, name));
}

Result<> take_sections(std::string_view toml, const std::filesystem::path& config, Settings& settings) {
    const toml::table table = TRY(parse_toml(toml, config));
    for (const auto& [section, content] : table) {
        const std::string name(section.str());
        if (!content.is_table()) {
            TRY_VOID(take_key(config, name, content, settings));
            continue;
        }
        if (name == "providers") {
            TRY_VOID(take_providers(config, *content.as_table(), settings.consent));
            continue;
        }
        if (name == "handoff") {
            TRY_VOID(read_handoff(config, *content.as_table(), settings.consent, settings.names_file));
            continue;
        }
        for (const auto& [key, node] : *content.as_table())
            TRY_VOID(take_key(config, name + "." + std::string(key.str()), node, settings));
    }
    TRY_VOID(check_proposed(config, settings.consent));
    return choose_listed(config, settings.consent);
}

// Complaints quote the file, and go to a terminal, a line each.
Result<> take_toml(std::string_view toml, const std::filesystem::path& config, Settings& settings) {
    Result<> taken = take_sections(toml, config, settings);
    if (!taken) {
        std::string& message = taken.error().message;
        message = printable(to_utf8_lossy(message));
        std::ranges::replace_if(message, [](char c) { return c == '\n' || c == '\t'; }, ' ');
    }
    return taken;
}

Result<> take_config(const std::filesystem::path& config, Settings& settings) {
    const Result<std::string> text = read_file(config, limit_config_bytes);
    if (!text && text.error().code == Code::not_found) return {};
    if (!text) return std::unexpected(text.error());
    TRY_VOID(take_toml(*text, config, settings));
    return take_names(config, settings.names_file, settings.consent);
}

Result<> take_environment(const Environment& environment, Settings& settings) {
    // The specific name last, so that it wins.
    for (const char* name : {"OLLAMA_HOST", "LAR_HOST"})
        if (const char* value = environment(name); value != nullptr && *value != '\0')
            TRY_VOID(take_host(name, value, settings));
    for (const char* name : {"OLLAMA_ORIGINS", "LAR_ORIGINS"})
        if (const char* value = environment(name); value != nullptr && *value != '\0')
            TRY_VOID(take_origins(value, settings));
    for (const char* name : {"OLLAMA_KEEP_ALIVE", "LAR_KEEP_ALIVE"})
        if (const char* value = environment(name); value != nullptr && *value != '\0')
            settings.keep_alive_us = TRY(models::parse_keep_alive_us(value));
    if (const char* value = environment("OLLAMA_NUM_PARALLEL"); value != nullptr && *value != '\0') {
        const std::string_view text(value);
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), settings.parallel);
        if (error != std::errc() || end != text.data() + text.size() || settings.parallel > 64)
            return fail(Code::invalid, "OLLAMA_NUM_PARALLEL must be a number from 0 to 64");
    }
    if (const char* value = environment("LAR_MODEL"); value != nullptr && *value != '\0')
        settings.model = TRY(take_model(value));
    if (const char* value = environment("LAR_REGISTRY"); value != nullptr && *value != '\0')
        settings.servers.registry = TRY(take_server(value));
    if (const char* value = environment("LAR_HUB"); value != nullptr && *value != '\0')
        settings.servers.hub = TRY(take_server(value));
    if (const char* value = environment("LAR_PROXY"); value != nullptr && *value != '\0')
        settings.proxy = TRY(take_proxy(value));
    if (const char* value = environment("SSL_CERT_FILE"); value != nullptr && *value == '/')
        settings.certificates = value;
    if (const char* value = environment("LAR_LOG_LEVEL"); value != nullptr && *value != '\0')
        settings.log_level = TRY(parse_log_level(value));
    for (const auto& [name, setting] :
         {std::pair("LAR_WATCH", &settings.watch), std::pair("LAR_REQUIRE_AIR_GAP", &settings.require_air_gap),
          std::pair("LAR_REQUIRE_TOKEN", &settings.require_token)}) {
        const char* const value = environment(name);
        if (value == nullptr || *value == '\0') continue;
        const std::string_view text(value);
        if (text != "0" && text != "1") return fail(Code::invalid, lar::format("{} must be 0 or 1", name));
        *setting = text == "1";
    }
    return {};
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
    if (text == "debug") return LogLevel::debug;
    if (text == "info") return LogLevel::info;
    if (text == "warning") return LogLevel::warning;
    if (text == "error") return LogLevel::error;
    return fail(Code::invalid, lar::format("'{}' is no log level: use debug, info, warning or error", text));
}

Result<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0)
        return fail(Code::invalid, lar::format("'{}' is no port: use a number from 1 to 65535", text));
    return port;
}

Result<Settings> settings_in(std::string_view toml, const std::filesystem::path& name) {
    Settings settings;
    TRY_VOID(take_toml(toml, name, settings));
    return settings;
}

Result<Settings> read_settings(const Flags& flags, const Environment& environment,
                               const std::filesystem::path& config) {
    Settings settings;
    TRY_VOID(take_config(config, settings));
    TRY_VOID(take_environment(environment, settings));
    settings.background = flags.background;
    if (flags.no_tcp) settings.tcp = false;
    if (flags.require_air_gap) settings.require_air_gap = true;
    if (flags.port) settings.port = *flags.port;
    if (flags.log_level) settings.log_level = *flags.log_level;
    return settings;
}

}  // namespace lar::lard
