// lard: owns the user's data, serves lar and other clients on this machine, answers. It parses plain text and source
// code; everything else is for workers. The order below matters: what needs sockets, exec or new folders comes before
// the lock-down, what makes threads comes after it, because Landlock binds the calling thread and those it starts.
#include <fcntl.h>
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/lar_routes.h"
#include "api/ollama_routes.h"
#include "api/openai_routes.h"
#include "api/text_models.h"
#include "base/build.h"
#include "base/fd.h"
#include "base/format.h"
#include "base/log.h"
#include "base/paths.h"
#include "bookkeeping.h"
#include "clients.h"
#include "consent/ledger.h"
#include "consent/tickets.h"
#include "couriers.h"
#include "derived.h"
#include "document_readers.h"
#include "doors.h"
#include "embedding.h"
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
#include "term_spaces.h"
#include "wire/handoff.h"

namespace lar::lard {
namespace {

// One arena: what one thread frees another can use, and malloc_trim can give back.
void keep_memory_small() {
    ::mallopt(M_ARENA_MAX, 1);
    ::mallopt(M_TRIM_THRESHOLD, 256 * 1024);
    ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
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

Result<sandbox::Layers> lock_down(const Paths& paths, const Settings& settings, const ipc::Spawner& spawner) {
    sandbox::Layers layers = TRY(policy(paths).apply());
    if (settings.require_air_gap) TRY_VOID(require_whole(layers, spawner.layers()));
    return layers;
}

// What other processes do for lard, and the books that are kept of it.
struct Workers {
    Workers(ipc::Spawner& spawner, consent::Ledger& ledger, const Settings& settings, const Paths& paths,
            const Clock& clock)
        : bookkeeping(ledger, settings.consent),
          repositories(spawner),
          documents(spawner),
          couriers(spawner, {.certificates = settings.certificates, .proxy = settings.proxy}, clock,
                   {.trip = [this](const Trip& trip) { bookkeeping.take(trip); },
                    .refused = [this](const Refused& refused) { bookkeeping.take(refused); }}),
          sender(couriers, paths.data / wire::provider_keys_folder, paths.runtime) {
        spawner.on_violation([this](wire::Worker worker) { bookkeeping.take(violation_of(worker)); });
    }

    Bookkeeping bookkeeping;  // first: whoever has workers goes before it does
    SpawnedRepositories repositories;
    SpawnedDocuments documents;
    Couriers couriers;
    ProviderSender sender;
};

// What is made of passages and models behind everybody's back.
struct Background {
    Background(std::unique_ptr<Embedding> vectors, std::unique_ptr<TermSpaces> terms, const Settings& settings,
               const Paths& paths, store::Store& store, const api::ModelRooms& rooms, const Clock& clock)
        : embedding(std::move(vectors)),
          spaces(std::move(terms)),
          reranking({.model = settings.rerank}, store, rooms, clock),
          derived(paths.cache, *embedding, *spaces) {}

    const std::unique_ptr<Embedding> embedding;
    const std::unique_ptr<TermSpaces> spaces;
    Reranking reranking;
    CacheOfPassages derived;
};

Result<std::unique_ptr<Background>> open_background(const Settings& settings, const Paths& paths, store::Store& store,
                                                    ModelKeeping& models, const Clock& clock) {
    auto embedding = TRY(Embedding::open({.folder = paths.cache / "vectors", .model = settings.embedding}, store,
                                         models.rooms(), clock));
    auto spaces = TRY(TermSpaces::open(paths.cache / "space", store, clock));
    auto background = std::make_unique<Background>(std::move(embedding), std::move(spaces), settings, paths, store,
                                                   models.rooms(), clock);
    models.on_change([&made = *background] {
        made.embedding->wake();
        made.reranking.wake();
    });
    return background;
}

void stop(Background& background) {
    background.embedding->stop();
    background.reranking.stop();
    background.spaces->stop();
}

Result<> start(Background& background, http::Server& server, const ingest::Ingest& ingest) {
    // Whether anybody was since this one looked last.
    const auto others_at_work = [&, seen = std::uint64_t{0}]() mutable {
        const std::uint64_t requests = server.load().requests;
        return std::exchange(seen, requests) != requests || !ingest.idle();
    };
    Result<> started = background.embedding->start(others_at_work);
    if (started) started = background.reranking.start(others_at_work);
    if (started) started = background.spaces->start([&] { return !ingest.idle(); });
    if (!started) stop(background);
    return started;
}

Result<std::unique_ptr<ingest::Ingest>> start_ingest(const Settings& settings, const Paths& paths, store::Store& store,
                                                     Workers& workers, Background& background, api::JobHub& jobs,
                                                     const Clock& clock, const Zone& zone) {
    ingest::Ingest::Options options = ingest_options(settings, paths);
    options.derived = &background.derived;
    return ingest::Ingest::start(store, workers.repositories, workers.documents, clock, zone, std::move(options),
                                 [&](const wire::ApiJob& job) {
                                     jobs.publish(job);
                                     if (job.state != "done") return;
                                     background.embedding->wake();
                                     background.reranking.wake();
                                     background.spaces->wake();
                                 });
}

// The routes of the three families.
struct Routes {
    Routes(const api::Rooms& rooms, Couriers& couriers, const api::ModelRooms& models, const Settings& settings,
           const Paths& paths, const std::vector<std::string>& origins)
        : puller(couriers, models.catalogue, {.folder = paths.data / "models", .servers = settings.servers}),
          lar(rooms),
          ollama(models, puller, origins),
          openai(models, origins) {}

    models::Puller puller;
    api::LarRoutes lar;
    api::OllamaRoutes ollama;
    api::OpenAiRoutes openai;
};

http::Router router_of(Routes& routes) {
    http::Router router;
    routes.lar.add_to(router);
    routes.ollama.add_to(router);
    routes.openai.add_to(router);
    return router;
}

std::vector<std::string> origins_of(const Settings& settings) {
    std::vector<std::string> origins = api::default_origins();
    origins.insert(origins.end(), settings.origins.begin(), settings.origins.end());
    return origins;
}

Result<> serve(const Settings& settings, const Paths& paths, const Clock& clock, std::int64_t started_us) {
    const SystemZone zone;
    Doors doors = TRY(open_doors(paths, settings, clock, zone));
    const sandbox::Layers layers = TRY(lock_down(paths, settings, *doors.spawner));
    for (const std::string& problem : doors.listeners.problems) log_warning("{}", problem);

    const auto ledger = TRY(consent::Ledger::open(doors.store, paths.state / "ledger-head", clock, zone));
    Workers workers(*doors.spawner, *ledger, settings, paths, clock);
    const auto tickets = TRY(consent::Tickets::open(doors.store, *ledger, workers.sender, settings.consent, clock));
    const auto models = TRY(ModelKeeping::open(model_options(settings, paths), *doors.spawner, clock, zone));
    const auto background = TRY(open_background(settings, paths, doors.store, *models, clock));
    api::JobHub jobs;
    const auto ingest = TRY(start_ingest(settings, paths, doors.store, workers, *background, jobs, clock, zone));

    Service service({.paths = paths,
                     .logs_to_file = settings.background,
                     .layers = layers,
                     .listening = doors.listeners.names,
                     .problems = doors.listeners.problems,
                     .started_us = started_us},
                    doors.store, *ingest, *doors.spawner, workers.repositories, workers.documents, workers.couriers,
                    *models, *background->embedding, background->reranking, *background->spaces, clock);
    api::EngineTextModels text_models(models->rooms());
    Routes routes({doors.store, *ingest, jobs, service, *doors.clients, *ledger, *tickets, clock, zone, &text_models,
                   background->embedding.get(), &background->reranking, &settings.consent, background->spaces.get()},
                  workers.couriers, models->rooms(), settings, paths, origins_of(settings));
    const auto server =
        TRY(http::Server::create({std::move(doors.listeners.unix_socket), std::move(doors.listeners.tcp)},
                                 router_of(routes), {.gate = doors.clients.get()}));
    models->attach(*server);
    models->on_work([&](const EngineWork& work) { workers.bookkeeping.take(work); });
    TRY_VOID(workers.couriers.attach(*server));
    TRY_VOID(service.attach(*server, routes.lar, std::move(doors.signals)));
    TRY_VOID(start(*background, *server, *ingest));
    log_info("lard {} is ready after {} ms ({})", version(), (clock.monotonic_us() - started_us) / 1000,
             sandbox::to_string(layers));
    server->run();
    workers.sender.stop();
    stop(*background);
    jobs.close();
    ::unlink(paths.socket().c_str());
    log_info("lard has ended");
    return {};
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
    const Result<Fd> lock = take_instance_lock(paths.lock(), paths.socket());
    // Another one serves already: whoever wanted one in the background has it.
    if (!lock && settings.background && lock.error().code == Code::conflict) return {};
    if (!lock) return std::unexpected(lock.error());
    if (settings.background)
        TRY_VOID(log_to_file(paths.log()));
    else
        log_to_stderr(settings.log_level);
    return serve(settings, paths, clock, started_us);
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
