// A daemon and a store of their own to measure in, gone afterwards, also after Ctrl-C: interrupts are flags here,
// and the stack is unwound.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "commands.h"
#include "daemon_start.h"
#include "progress.h"
#include "wire/api.h"

namespace lar::cli {

// The last part of a path, also of one that ends in a slash.
std::string place_name(const std::filesystem::path& place);

class TemporaryFolder {
public:
    static Result<TemporaryFolder> make();
    TemporaryFolder(TemporaryFolder&& other) noexcept;
    TemporaryFolder& operator=(TemporaryFolder&&) = delete;
    ~TemporaryFolder();
    const std::filesystem::path& path() const { return path_; }

private:
    explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
    std::filesystem::path path_;
};

class EvalStore {
public:
    static Outcome<EvalStore> open(const Session& session);
    Connection& lard() { return daemon_.connection(); }
    // A connection of its own, for another thread.
    Outcome<std::unique_ptr<Connection>> connect_again(const Session& session) const;
    const std::filesystem::path& home() const { return home_.path(); }
    // Adds a source that documents are pushed to.
    Outcome<> add_pushed(const std::string& source);
    // Until what is made of all passages in the background is there.
    Outcome<> settle(const Session& session);

private:
    EvalStore(TemporaryFolder home, PrivateDaemon daemon) : home_(std::move(home)), daemon_(std::move(daemon)) {}
    TemporaryFolder home_;  // destroyed last: the daemon writes into it until it has ended
    PrivateDaemon daemon_;
};

// Documents on their way to a pushed source, in batches.
class Pusher {
public:
    // `total`: how many there will be, for the progress shown; 0: not known.
    Pusher(const Session& session, Connection& lard, std::string source, Progress& progress, std::uint64_t total = 0);
    // An error is one of pushing; failure() is what lard said.
    Result<> put(wire::ApiPushedDocument document);
    Result<> finish();
    std::uint64_t documents() const { return documents_; }
    // The outcome of a result that came through here: lard's own words where it refused.
    Outcome<> outcome(Result<> result);

private:
    Result<> send();

    const Session& session_;
    Connection& lard_;
    std::string source_;
    Progress& progress_;
    std::uint64_t total_;
    wire::ApiPush batch_;
    std::size_t bytes_ = 0;
    std::uint64_t documents_ = 0;
    std::optional<Failure> refused_;
};

}  // namespace lar::cli
