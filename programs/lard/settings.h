// What the user can set, and where it comes from: flag > LAR_* > OLLAMA_* of the same meaning >
// config.toml > default. An unknown key in config.toml is an error that suggests the nearest known one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "consent/provider.h"
#include "models/registries.h"
#include "wire/courier.h"

namespace lar::lard {

struct Settings {
    bool background = false;              // --background
    bool tcp = true;                      // --no-tcp        [server] tcp
    std::uint16_t port = 11434;           // --port          LAR_HOST, OLLAMA_HOST (host:port)  [server] port
    LogLevel log_level = LogLevel::info;  // --log-level     LAR_LOG_LEVEL                      [log] level
    bool require_air_gap = false;  // --require-air-gap LAR_REQUIRE_AIR_GAP (0 or 1)          [server] require_air_gap
    bool require_token = false;    //                 LAR_REQUIRE_TOKEN (0 or 1)             [server] require_token
    bool watch = true;             //                 LAR_WATCH (0 or 1)                 [files] watch
    std::vector<std::string> origins;  //                 LAR_ORIGINS, OLLAMA_ORIGINS (a,b)  [server] origins
    std::string model;                 //                 LAR_MODEL; empty: the newest            model
    std::string embedding;             //                 a model, "none"; empty: the only one       [recall] embedding
    std::string rerank;                //                 a model, "off"; empty: the only one        [recall] rerank
    std::optional<std::int64_t>
        keep_alive_us;                      //                 LAR_KEEP_ALIVE, OLLAMA_KEEP_ALIVE  [models] keep_alive
    std::uint32_t parallel = 0;             //                 OLLAMA_NUM_PARALLEL; 0: as many as fit
    models::Servers servers;                //                 LAR_REGISTRY, LAR_HUB          [models] registry, hub
    std::string certificates;               //                 SSL_CERT_FILE; empty: the system's
    std::optional<wire::OrderProxy> proxy;  //           LAR_PROXY                     [network] proxy
    std::uint64_t file_size_limit_bytes =
        4 * 1024 * 1024;                //                                                  [files] size_limit_mb
    std::vector<std::string> problems;  // what was passed over, a sentence each
    std::string names_file;             //                                                  [handoff] names_file
    consent::Settings consent;          // [providers.NAME]; [ledger] watts, listed; [routing]; [handoff] names, expires
};

// What the command line said; the rest is nullopt.
struct Flags {
    bool background = false;
    bool no_tcp = false;
    bool require_air_gap = false;
    std::optional<std::uint16_t> port;
    std::optional<LogLevel> log_level;
};

using Environment = std::function<const char*(const char*)>;  // std::getenv, or a test's

Result<LogLevel> parse_log_level(std::string_view text);
Result<std::uint16_t> parse_port(std::string_view text);
// What a config.toml says, without anything else; `name` is for messages.
Result<Settings> settings_in(std::string_view toml, const std::filesystem::path& name);
// `config` need not exist.
Result<Settings> read_settings(const Flags& flags, const Environment& environment, const std::filesystem::path& config);

}  // namespace lar::lard
