// Fetching a model: from a registry of Ollama's kind or from a hub, into Lar's own folder, under its name.
//
//     Puller puller(courier, catalogue, options);
//     TRY(puller.pull({.name = "llama3.2"}, cancelled, tell));
//
// First what the model is made of, then what of it is not there yet, several parts at once, each resumed where an
// earlier pull stopped (models/partial.h), tried again while it makes progress, checked by its hash; the manifest last,
// so that the model is there whole or not at all. Room on the disk is looked for before the first byte. Nothing else
// than files of Lar's own folder is touched, and nothing goes out but the names that are asked for.
//
// Refused: a server that neither Lar nor its settings name, unless whoever asks may reach the user's files anyway (a
// page or a program on TCP could otherwise have Lar connect to wherever it likes); a manifest that claims a file of
// this machine; a model without a GGUF file.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/result.h"
#include "models/catalogue.h"
#include "models/courier.h"
#include "models/registries.h"
#include "wire/ollama.h"

namespace lar::models {

// One line of what is under way, as Ollama's clients read it. An error from it ends the pull with that error. Called by
// one thread at a time.
using TellPull = std::function<Result<>(const wire::OllamaStatus&)>;

class Puller {
public:
    struct Options {
        std::filesystem::path folder;  // Lar's own models
        std::uint64_t reserve_bytes = 256 * 1024 * 1024;
        Servers servers;
        std::size_t at_once = 3;
        int tries = 5;                 // in a row, without progress
        std::int64_t pause_ms = 1000;  // before the second; doubled for each that follows
    };
    Puller(Courier& courier, Catalogue& catalogue, Options options)
        : courier_(courier), catalogue_(catalogue), options_(std::move(options)) {}

    struct Request {
        std::string name;
        bool insecure = false;  // plain http, from this machine
        bool trusted = false;   // may name any server
    };
    // Any thread; takes as long as it takes.
    Result<> pull(const Request& request, const std::atomic<bool>& cancelled, const TellPull& tell);

private:
    Courier& courier_;
    Catalogue& catalogue_;
    const Options options_;
};

}  // namespace lar::models
