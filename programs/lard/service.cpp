#include "service.h"

#include <malloc.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "api/model_rooms.h"
#include "base/build.h"
#include "base/fd.h"
#include "base/format.h"
#include "base/log.h"
#include "base/text.h"
#include "models/catalogue.h"
#include "models/fit.h"
#include "models/memory.h"
#include "processes.h"
#include "wire/handoff.h"

namespace lar::lard {
namespace {

using namespace std::chrono_literals;

constexpr auto idle_look = 10s;  // quiet for this long: caches are given back
constexpr auto shutdown_grace = 3s;
constexpr std::size_t limit_log_bytes = 16 * 1024 * 1024;

wire::ApiCheck check(std::string name, bool ok, std::string detail, std::string_view otherwise = "failed") {
    return {.name = std::move(name), .outcome = ok ? "ok" : std::string(otherwise), .detail = std::move(detail)};
}

wire::ApiCheck layers_check(std::string name, std::string_view layers) {
    const bool whole = layers.contains("seccomp") && layers.contains("landlock") && !layers.contains("no ");
    return check(std::move(name), whole, std::string(layers), "weaker");
}

// Nobody but the user may read it.
wire::ApiCheck private_check(std::string name, const std::filesystem::path& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return check(std::move(name), false, path.string() + " is not there");
    const bool ours = (status.st_mode & 077U) == 0 && status.st_uid == ::getuid();
    return check(std::move(name), ours, lar::format("{} has mode {:03o}", path.string(), status.st_mode & 0777U));
}

// That there is none is no fault: answers are quoted then. That the settings name one that cannot answer is.
wire::ApiCheck models_check(const api::ModelRooms& rooms) {
    const std::vector<models::Listed> all = rooms.catalogue.list();
    const models::Listed* const answers = api::default_of(rooms, all);
    if (answers != nullptr && answers->problem.empty())
        return check("models", true,
                     lar::format("{}; {} answers when none is named", all.size(), short_form(answers->reference)));
    if (answers != nullptr)
        return check("models", false, lar::format("{}: {}", short_form(answers->reference), answers->problem),
                     "weaker");
    if (!rooms.default_model.empty()) return check("models", false, api::no_default_text(rooms), "weaker");
    const auto memory = models::SystemMemory().now();
    return check("models", true,
                 memory ? "none answers yet: " + models::which_model_fits(*memory) : "none answers yet");
}

}  // namespace

Result<> Service::attach(http::Server& server, api::LarRoutes& routes, Fd signal_fd) {
    server_ = &server;
    routes_ = &routes;
    signal_fd_ = std::move(signal_fd);
    TRY_VOID(server.watch(signal_fd_.number(), [this] {
        signalfd_siginfo signal{};
        if (::read(signal_fd_.number(), &signal, sizeof(signal)) != sizeof(signal)) return true;
        log_info("ending on signal {}", signal.ssi_signo);
        server_->stop(shutdown_grace);
        return true;
    }));
    server.after(idle_look, [this] { look_whether_idle(); });
    return {};
}

void Service::look_whether_idle() {
    models_.look();
    const std::uint64_t requests = server_->load().requests;
    if (requests != requests_seen_ || !ingest_.idle()) {
        released_ = false;
        embedding_.wake();
        reranking_.wake();
        spaces_.wake();
    } else if (!released_ && embedding_.idle() && spaces_.idle()) {
        routes_->release_memory();
        store_.release_memory();
        embedding_.release_memory();
        spaces_.release_memory();
        ::malloc_trim(0);
        release_program_pages();
        released_ = true;
    }
    requests_seen_ = requests;
    server_->after(idle_look, [this] { look_whether_idle(); });
}

std::vector<wire::ApiProcess> Service::processes() {
    std::vector<wire::ApiProcess> found{process_facts("lard", ::getpid(), air_gap())};
    if (spawner_.alive()) found.push_back(process_facts("lar-spawner", spawner_.pid(), spawner_.layers()));
    const std::vector<SpawnedEngines::Running> engines = models_.engines().running();
    // Readers of either kind are one program; while both run, the layers shown are those of documents.
    const std::string documents = documents_.layers();
    const std::string reader_layers = documents.empty() ? repositories_.layers() : documents;
    for (const pid_t pid : spawner_.workers()) {
        const auto engine = std::ranges::find(engines, pid, &SpawnedEngines::Running::pid);
        if (engine != engines.end())
            found.push_back(process_facts("lar-engine", pid, engine->layers));
        else if (couriers_.is_courier(pid))
            found.push_back(process_facts("lar-courier", pid, couriers_.layers()));
        else
            found.push_back(process_facts("lar-reader", pid, reader_layers));
    }
    return found;
}

Result<wire::ApiStatus> Service::status() {
    store::Reader reader = TRY(store_.reader());
    const store::Counts counts = TRY(reader.counts(std::nullopt));
    wire::ApiStatus status{.version = std::string(version()),
                           .build = std::string(build_id()),
                           .pid = ::getpid(),
                           .uptime_seconds = static_cast<double>(clock_.monotonic_us() - facts_.started_us) / 1e6,
                           .listening = facts_.listening,
                           .problems = facts_.problems,
                           .sources = TRY(reader.sources()).size(),
                           .documents = counts.documents,
                           .passages = counts.passages,
                           .database_bytes = TRY(store_.size_bytes()),
                           .watches = ingest_.watches(),
                           .passages_to_reindex = TRY(reader.passages_to_reindex()),
                           .data_directory = facts_.paths.data.string(),
                           .log_file = facts_.logs_to_file ? facts_.paths.log().string() : std::string(),
                           .processes = processes(),
                           .embedding = embedding_.state(),
                           .space = spaces_.state()};
    // Who asks wants to know how it is with the passages that there are now.
    if (status.space.looked_at != status.passages) spaces_.wake();
    for (std::string& problem : ingest_.problems()) status.problems.push_back(std::move(problem));
    if (!spawner_.alive())
        status.problems.emplace_back(
            "lar-spawner has ended, so git histories cannot be read; restart with 'lar shutdown'");
    for (const wire::ApiJob& job : TRY(ingest_.jobs()).jobs)
        if (job.state == "running" || job.state == "queued") ++status.jobs_running;
    return status;
}

Result<wire::ApiDoctor> Service::doctor() {
    wire::ApiDoctor doctor;
    auto& checks = doctor.checks;
    checks.push_back(layers_check("lard is locked down", air_gap()));
    checks.push_back(spawner_.alive() ? layers_check("lar-spawner is locked down", spawner_.layers())
                                      : check("lar-spawner runs", false, "it has ended; restart with 'lar shutdown'"));
    checks.push_back(check("no process but a courier can open an outbound connection", facts_.layers.seccomp,
                           "socket and connect end the others; a courier asks lard for each socket (seccomp)",
                           "weaker"));
    checks.push_back(private_check("the data folder is private", facts_.paths.data));
    checks.push_back(private_check("the database is private", facts_.paths.database()));
    checks.push_back(private_check("the token is private", facts_.paths.token()));
    const std::filesystem::path keys = facts_.paths.data / wire::provider_keys_folder;
    std::error_code none;
    if (std::filesystem::exists(keys, none)) checks.push_back(private_check("the keys of providers are private", keys));
    const Result<> whole = store_.check_integrity();
    checks.push_back(
        check("the database is whole", whole.has_value(), whole ? "integrity check passed" : whole.error().message));
    const Result<> vectors = embedding_.verify();
    checks.push_back(check("the vectors are whole", vectors.has_value(),
                           vectors ? "every byte was read"
                                   : vectors.error().message + ": remove " + (facts_.paths.cache / "vectors").string() +
                                         " while lard is stopped"));
    checks.push_back(models_check(models_.rooms()));
    for (const std::string& problem : facts_.problems) checks.push_back(check("listening", false, problem, "weaker"));
    for (const std::string& problem : ingest_.problems()) checks.push_back(check("sources", false, problem, "weaker"));
    return doctor;
}

Result<std::vector<std::string>> Service::log_lines(std::size_t limit) {
    if (!facts_.logs_to_file)
        return fail(Code::not_found,
                    "lard runs in the foreground: its log goes to its standard error (under systemd: 'journalctl "
                    "--user -u lar')");
    const std::string text = TRY(read_file(facts_.paths.log(), limit_log_bytes));
    const std::vector<std::string_view> lines = split_lines(text);
    return std::vector<std::string>(lines.end() - static_cast<std::ptrdiff_t>(std::min(limit, lines.size())),
                                    lines.end());
}

void Service::shutdown() {
    log_info("ending on request");
    server_->post([this] { server_->stop(shutdown_grace); });
}

}  // namespace lar::lard
