// lard: owns the user's data, serves lar and other clients on this machine, answers. It parses plain text and source
// code; everything else is for workers. The order below matters: what needs sockets, exec or new folders comes before
// the lock-down, what makes threads comes after it, because Landlock binds the calling thread and those it starts.
#include <fcntl.h>
#include <malloc.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "api/lar_routes.h"
#include "api/ollama_routes.h"
#include "api/openai_routes.h"
#include "api/text_models.h"
#include "base/build.h"
#include "base/fd.h"
#include "base/format.h"
#include "base/identity.h"
#include "base/log.h"
#include "base/paths.h"
#include "bookkeeping.h"
#include "clients.h"
#include "consent/ledger.h"
#include "consent/tickets.h"
#include "couriers.h"
#include "derived.h"
#include "document_readers.h"
#include "listeners.h"
#include "model_keeping.h"
#include "models/layout.h"
#include "models/pull.h"
#include "options.h"
#include "provider_sender.h"
#include "repositories.h"
#include "reranking.h"
#include "sandbox.h"
#include "sandbox/attempts.h"
#include "service.h"
#include "settings.h"
#include "wire/handoff.h"

namespace lar::lard {
namespace {

constexpr std::size_t own_token_bytes = 32;
constexpr std::size_t limit_token_file_bytes = 1024;

// One arena: what one thread frees another can use, and malloc_trim can give back.
void keep_memory_small() {
    ::mallopt(M_ARENA_MAX, 1);
    ::mallopt(M_TRIM_THRESHOLD, 256 * 1024);
    ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
}

// The secret that programs on TCP present; made once, kept in a file only the user can read.
Result<std::string> take_token(const std::filesystem::path& path) {
    if (Result<std::string> kept = read_file(path, limit_token_file_bytes)) {
        if (kept->size() == own_token_bytes * 2) return kept;
    } else if (kept.error().code != Code::not_found) {
        return kept;
    }
    std::string token = random_hex(own_token_bytes);
    TRY_VOID(write_file_atomically(path, token));
    return token;
}

// Blocked in every thread, and read from here instead.
Result<Fd> take_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
    if (::pthread_sigmask(SIG_BLOCK, &signals, nullptr) != 0) return fail(Code::internal, "cannot block signals");
    std::signal(SIGPIPE, SIG_IGN);
    Fd fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd) return fail_errno("signalfd", errno);
    return fd;
}

// Lar's own folders are never a source, and what the user's git ignores everywhere is ignored here too.
ingest::Ingest::Options ingest_options(const Settings& settings, const Paths& paths) {
    ingest::Ingest::Options options{.file_size_limit_bytes = settings.file_size_limit_bytes, .watch = settings.watch};
    for (const std::filesystem::path& folder : {paths.data, paths.state, paths.cache, paths.runtime}) {
        std::error_code error;
        const std::filesystem::path real = std::filesystem::canonical(folder, error);
        options.private_folders.push_back(error ? folder.string() : real.string());
    }
    const char* const config = std::getenv("XDG_CONFIG_HOME");
    const char* const home = std::getenv("HOME");
    if (config != nullptr && *config == '/')
        options.user_ignore_file = std::filesystem::path(config) / "git/ignore";
    else if (home != nullptr && *home == '/')
        options.user_ignore_file = std::filesystem::path(home) / ".config/git/ignore";
    return options;
}

ModelKeeping::Options model_options(const Settings& settings, const Paths& paths) {
    const auto from = [](const char* name) {
        return std::string_view(std::getenv(name) != nullptr ? std::getenv(name) : "");
    };
    ModelKeeping::Options options{.folder = paths.data / "models",
                                  .others = models::ollama_folders(from("OLLAMA_MODELS"), std::string(from("HOME")))};
    if (settings.keep_alive_us) options.keeper.keep_alive_us = *settings.keep_alive_us;
    options.default_model = settings.model;
    if (settings.parallel > 0) options.keeper.sequences = settings.parallel;
    return options;
}

// `lar doctor --air-gap` starts it so: under the policy that it would serve with.
int prove_policy(std::string_view targets) {
    ::umask(077);
    const auto lock_down = []() -> Result<sandbox::Layers> {
        const Paths paths = TRY(user_paths());
        TRY_VOID(make_directories(paths));
        return policy(paths).apply();
    };
    return sandbox::prove_to(sandbox::proof_descriptor, lock_down, targets);
}

// What a missing layer means for the promise that nothing leaves: seccomp alone keeps sockets shut, and Landlock is the
// second wall and keeps files.
Result<> require_whole(const sandbox::Layers& own, const std::string& spawners) {
    std::string lacks;
    for (const std::string& lack : own.missing) lacks += (lacks.empty() ? "" : ", ") + lack;
    if (lacks.empty() && spawners == sandbox::to_string(own)) return {};
    if (lacks.empty()) lacks = "lar-spawner has only " + spawners;
    return fail(Code::denied,
                lar::format("this kernel cannot hold the whole air gap ({}): no process can connect out, but files and "
                            "other processes are kept apart less well; 'lar doctor --air-gap' shows what gets through. "
                            "Use a newer kernel, or start without --require-air-gap",
                            lacks));
}

Result<> run(const Flags& flags) {
    const SystemClock clock;
    const std::int64_t started_us = clock.monotonic_us();
    ::umask(077);
    keep_memory_small();
    const Paths paths = TRY(user_paths());
    const Settings settings =
        TRY(read_settings(flags, [](const char* name) { return std::getenv(name); }, paths.config / "config.toml"));
    TRY_VOID(make_directories(paths));
    Result<Fd> lock = take_instance_lock(paths.lock(), paths.socket());
    if (!lock) {
        // Another one serves already: whoever wanted one in the background has it.
        if (settings.background && lock.error().code == Code::conflict) return {};
        return std::unexpected(std::move(lock).error());
    }
    if (settings.background)
        TRY_VOID(log_to_file(paths.log()));
    else
        log_to_stderr(settings.log_level);
    const SystemZone zone;

    const auto spawner = TRY(ipc::Spawner::start(TRY(ipc::programs_directory())));
    Listeners listeners = TRY(open_listeners(paths.socket(), settings.tcp ? settings.port : std::uint16_t{0}));
    store::Store store = TRY(store::Store::open(paths.database(), clock));
    Fd signals = TRY(take_signals());

    const auto clients = TRY(Clients::open({.file = paths.data / "tokens.json",
                                            .own_token = TRY(take_token(paths.token())),
                                            .wants_token_everywhere = settings.require_token},
                                           clock, zone));
    const sandbox::Layers layers = TRY(policy(paths).apply());
    if (settings.require_air_gap) TRY_VOID(require_whole(layers, spawner->layers()));

    const auto ledger = TRY(consent::Ledger::open(store, paths.state / "ledger-head", clock, zone));
    Bookkeeping bookkeeping(*ledger, settings.consent);
    // Whoever has workers goes before bookkeeping does.
    spawner->on_violation([&](wire::Worker worker) { bookkeeping.take(violation_of(worker)); });
    api::JobHub jobs;
    SpawnedRepositories repositories(*spawner);
    SpawnedDocuments documents(*spawner);
    Couriers couriers(*spawner, {.certificates = settings.certificates, .proxy = settings.proxy}, clock,
                      {.trip = [&](const Trip& trip) { bookkeeping.take(trip); },
                       .refused = [&](const Refused& refused) { bookkeeping.take(refused); }});
    ProviderSender sender(couriers, paths.data / wire::provider_keys_folder, paths.runtime);
    const auto tickets = TRY(consent::Tickets::open(store, *ledger, sender, settings.consent, clock));
    const auto models = TRY(ModelKeeping::open(model_options(settings, paths), *spawner, clock, zone));
    const auto embedding = TRY(Embedding::open({.folder = paths.cache / "vectors", .model = settings.embedding}, store,
                                               models->rooms(), clock));
    Reranking reranking({.model = settings.rerank}, store, models->rooms(), clock);
    const auto wake = [&] {
        embedding->wake();
        reranking.wake();
    };
    models->on_change(wake);
    const auto spaces = TRY(TermSpaces::open(paths.cache / "space", store, clock));
    CacheOfPassages derived(paths.cache, *embedding, *spaces);
    ingest::Ingest::Options ingest_settings = ingest_options(settings, paths);
    ingest_settings.derived = &derived;
    const auto ingest = TRY(ingest::Ingest::start(store, repositories, documents, clock, zone,
                                                  std::move(ingest_settings), [&](const wire::ApiJob& job) {
                                                      jobs.publish(job);
                                                      if (job.state != "done") return;
                                                      wake();
                                                      spaces->wake();
                                                  }));
    for (const std::string& problem : listeners.problems) log_warning("{}", problem);
    Service service({.paths = paths,
                     .logs_to_file = settings.background,
                     .layers = layers,
                     .listening = listeners.names,
                     .problems = listeners.problems,
                     .started_us = started_us},
                    store, *ingest, *spawner, repositories, documents, couriers, *models, *embedding, reranking,
                    *spaces, clock);
    api::EngineTextModels text_models(models->rooms());
    api::LarRoutes routes({store, *ingest, jobs, service, *clients, *ledger, *tickets, clock, zone, &text_models,
                           embedding.get(), &reranking, &settings.consent, spaces.get()});
    std::vector<std::string> origins = api::default_origins();
    origins.insert(origins.end(), settings.origins.begin(), settings.origins.end());
    models::Puller puller(couriers, models->rooms().catalogue,
                          {.folder = paths.data / "models", .servers = settings.servers});
    api::OllamaRoutes ollama(models->rooms(), puller, origins);
    api::OpenAiRoutes openai(models->rooms(), origins);
    http::Router router;
    routes.add_to(router);
    ollama.add_to(router);
    openai.add_to(router);
    const auto server = TRY(http::Server::create({std::move(listeners.unix_socket), std::move(listeners.tcp)},
                                                 std::move(router), {.gate = clients.get()}));
    models->attach(*server);
    models->on_work([&](const EngineWork& work) { bookkeeping.take(work); });
    TRY_VOID(couriers.attach(*server));
    TRY_VOID(service.attach(*server, routes, std::move(signals)));
    // Whether anybody was since this one looked last.
    const auto others_at_work = [&, seen = std::uint64_t{0}]() mutable {
        const std::uint64_t requests = server->load().requests;
        return std::exchange(seen, requests) != requests || !ingest->idle();
    };
    TRY_VOID(embedding->start(others_at_work));
    TRY_VOID(reranking.start(others_at_work));
    TRY_VOID(spaces->start([&] { return !ingest->idle(); }));
    log_info("lard {} is ready after {} ms ({})", version(), (clock.monotonic_us() - started_us) / 1000,
             sandbox::to_string(layers));
    server->run();
    sender.stop();
    embedding->stop();
    reranking.stop();
    spaces->stop();
    jobs.close();
    ::unlink(paths.socket().c_str());
    log_info("lard has ended");
    return {};
}

}  // namespace
}  // namespace lar::lard

int main(int argc, char** argv) {
    using lar::sandbox::proof_descriptor;
    const bool proves = argc == 4 && argv[1] == lar::sandbox::proof_flag;
    // Whatever whoever started us had left open is nothing of ours, and could be a way out.
    if (!lar::sandbox::close_inherited(proves ? proof_descriptor + 1 : STDERR_FILENO + 1)) return 1;
    if (proves) return lar::lard::prove_policy(argv[3]);
    const auto flags = lar::lard::parse_options(argc, argv);
    if (!flags) {
        std::fprintf(stderr, "lard: %s\n", flags.error().message.c_str());
        return 2;
    }
    if (!*flags) return 0;
    const lar::Result<> result = lar::lard::run(**flags);
    if (result) return 0;
    std::fprintf(stderr, "lard: %s\n", result.error().message.c_str());
    return 1;
}
