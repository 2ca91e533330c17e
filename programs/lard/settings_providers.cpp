#include "settings_providers.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/fd.h"
#include "base/format.h"
#include "base/nearest.h"
#include "base/text.h"
#include "consent/redaction.h"
#include "models/keep_alive.h"

namespace lar::lard {
namespace {

constexpr std::size_t limit_provider_name_bytes = 64, limit_host_bytes = 253, limit_path_bytes = 1024;
constexpr std::array handoff_keys{"names", "names_file", "expires"};
constexpr std::size_t limit_names_file_bytes = 1024 * 1024;
constexpr double most_dollars = 1e6;  // for a million tokens
constexpr std::array provider_keys{"kind", "tier",  "redact",     "host",       "port",
                                   "path", "model", "dollars_in", "dollars_out"};

bool is_plain(std::string_view text, std::string_view besides) {
    return std::ranges::all_of(
        text, [&](char c) { return is_lower(c) || is_upper(c) || is_digit(c) || besides.contains(c); });
}

std::string_view nearest_of(std::span<const char* const> known, std::string_view key) {
    return *std::ranges::min_element(known, {}, [&](std::string_view one) { return edit_distance(one, key); });
}

// One key at a time; `wrong` says what it must be.
class ProviderKeys {
public:
    ProviderKeys(const std::filesystem::path& config, consent::Provider& provider)
        : config_(config), provider_(provider) {}

    Result<> take(std::string_view key, const toml::node& node) {
        const std::string text = node.value_exact<std::string>().value_or("");
        if (key == "kind") return take_kind(text);
        if (key == "tier") return take_tier(text);
        if (key == "redact") return take_redact(text);
        if (key == "host") return take_host(text);
        if (key == "path") return take_path(text);
        if (key == "model") return take_model(text);
        if (key == "port") return take_port(node.value_exact<std::int64_t>().value_or(0));
        if (key == "dollars_in") return take_price(key, node, provider_.dollars_per_million_in);
        if (key == "dollars_out") return take_price(key, node, provider_.dollars_per_million_out);
        return fail(Code::invalid, lar::format("{} has the unknown key 'providers.{}.{}'; did you mean '{}'?",
                                               config_.string(), provider_.name, key, nearest_of(provider_keys, key)));
    }

    std::unexpected<Error> wrong(std::string_view key, std::string_view expected) const {
        return fail(Code::invalid,
                    lar::format("{}: 'providers.{}.{}' must be {}", config_.string(), provider_.name, key, expected));
    }

private:
    Result<> take_kind(std::string_view text) {
        if (text != "openai" && text != "anthropic") return wrong("kind", "\"openai\" or \"anthropic\"");
        provider_.dialect = text == "openai" ? consent::Dialect::openai : consent::Dialect::anthropic;
        return {};
    }
    Result<> take_tier(std::string_view text) {
        if (text != "others" && text != "own") return wrong("tier", "\"others\", or \"own\" for a server of yours");
        provider_.tier = text == "own" ? consent::Tier::own : consent::Tier::others;
        return {};
    }
    Result<> take_redact(std::string_view text) {
        if (text != "all" && text != "secrets") return wrong("redact", "\"all\" or \"secrets\"");
        provider_.redact = text == "secrets" ? consent::Redact::secrets : consent::Redact::all;
        return {};
    }
    Result<> take_host(std::string_view text) {
        if (text.empty() || text.size() > limit_host_bytes || !is_plain(text, ".-:[]"))
            return wrong("host", "the name of a host, without https:// and without a path");
        provider_.host = text;
        return {};
    }
    Result<> take_path(std::string_view text) {
        if (!text.starts_with('/') || text.size() > limit_path_bytes || !is_plain(text, "/.-_~"))
            return wrong("path", "a path such as \"/v1/chat/completions\"");
        provider_.path = text;
        return {};
    }
    Result<> take_model(std::string_view text) {
        if (text.empty() || text.size() > limit_host_bytes || !is_plain(text, "/.-_:@"))
            return wrong("model", "the name of a model");
        provider_.model = text;
        return {};
    }
    Result<> take_port(std::int64_t port) {
        if (port < 1 || port > 65535) return wrong("port", "a number from 1 to 65535");
        provider_.port = static_cast<std::uint16_t>(port);
        return {};
    }
    Result<> take_price(std::string_view key, const toml::node& node, double& price) const {
        const auto value = node.value<double>();  // 3 as well as 0.25
        if (!value || !node.is_number() || !(*value >= 0 && *value <= most_dollars))
            return wrong(key, "US dollars for a million tokens");
        price = *value;
        return {};
    }

    const std::filesystem::path& config_;
    consent::Provider& provider_;
};

}  // namespace

Result<consent::Provider> read_provider(const std::filesystem::path& config, std::string_view name,
                                        const toml::table& table) {
    if (name.empty() || name.size() > limit_provider_name_bytes || !is_plain(name, "-_"))
        return fail(Code::invalid,
                    lar::format("{}: a provider's name is made of letters, digits, - and _", config.string()));
    consent::Provider provider{.name = std::string(name)};
    ProviderKeys keys(config, provider);
    for (const auto& [key, node] : table) TRY_VOID(keys.take(key.str(), node));
    if (provider.host.empty()) return keys.wrong("host", "there");
    if (provider.model.empty()) return keys.wrong("model", "there");
    if (provider.redact == consent::Redact::secrets && provider.tier != consent::Tier::own)
        return keys.wrong("redact", "\"all\", unless its tier is \"own\"");
    if (provider.path.empty())
        provider.path = provider.dialect == consent::Dialect::openai ? "/v1/chat/completions" : "/v1/messages";
    return provider;
}

Result<> read_handoff(const std::filesystem::path& config, const toml::table& table, consent::Settings& settings,
                      std::string& names_file) {
    const auto wrong = [&](std::string_view key, std::string_view expected) {
        return fail(Code::invalid, lar::format("{}: 'handoff.{}' must be {}", config.string(), key, expected));
    };
    for (const auto& [name, node] : table) {
        const std::string_view key = name.str();
        if (key == "names") {
            if (!node.is_array()) return wrong(key, "a list of names, such as [\"Ana Silva\", \"Projekt Adler\"]");
            for (const toml::node& one : *node.as_array()) {
                const auto value = one.value_exact<std::string>();
                if (!value) return wrong(key, "a list of names");
                settings.names.push_back(*value);
            }
        } else if (key == "names_file") {
            names_file = node.value_exact<std::string>().value_or("");
            if (!names_file.starts_with('/')) return wrong(key, "the absolute path of a file with a name a line");
        } else if (key == "expires") {
            const auto life = models::parse_keep_alive_us(node.value_exact<std::string>().value_or(""));
            if (!life || *life < us_per_second || *life > 24 * us_per_hour)
                return wrong(key, "a duration from \"1s\" to \"24h\"");
            settings.ticket_life_us = *life;
        } else {
            return fail(Code::invalid, lar::format("{} has the unknown key 'handoff.{}'; did you mean '{}'?",
                                                   config.string(), key, nearest_of(handoff_keys, key)));
        }
    }
    return {};
}

Result<> take_names(const std::filesystem::path& config, const std::string& names_file, consent::Settings& settings) {
    if (!names_file.empty())
        for (const std::string_view line : split_lines(TRY(read_file(names_file, limit_names_file_bytes))))
            if (!trim(line).empty()) settings.names.emplace_back(trim(line));
    if (const Result<> checked = consent::check(consent::RedactionRules{.names = settings.names}); !checked)
        return fail(checked.error().code,
                    lar::format("{}: 'handoff.names': {}", config.string(), checked.error().message));
    return {};
}

}  // namespace lar::lard
