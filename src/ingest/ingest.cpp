#include "ingest/ingest.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/format.h"
#include "base/identity.h"
#include "ingest/admission.h"
#include "ingest/forgetting.h"
#include "ingest/jobs.h"
#include "ingest/pushed.h"
#include "ingest/reasons.h"
#include "ingest/upkeep.h"
#include "ingest/worker.h"

namespace lar::ingest {
namespace {

// The requests of other threads; the work itself is the Worker's.
class Service final : public Ingest {
public:
    Service(store::Store& store, store::Reader reader, RepositoryOpener& repositories, DocumentReader& documents,
            const Clock& clock, const Zone& zone, Options options, JobListener listener)
        : store_(store),
          clock_(clock),
          zone_(zone),
          options_(std::move(options)),
          jobs_(store, clock, zone, std::move(listener)),
          worker_(store, std::move(reader), repositories, documents, clock, zone, options_, jobs_),
          upkeep_(store) {}

    ~Service() override { jobs_.interrupt(); }

    Result<> start() {
        TRY_VOID(worker_.start());
        return upkeep_.start();
    }

    Result<wire::ApiSource> add(const wire::ApiAddSource& request) override;
    Result<wire::ApiJob> sync(std::string_view source_name) override;
    Result<wire::ApiForgotten> forget(std::string_view source_name, bool prove) override;
    Result<wire::ApiPushed> push(std::string_view source_name, const wire::ApiPush& documents) override;
    Result<wire::ApiSources> sources() override;
    Result<wire::ApiWhy> why(const std::filesystem::path& path) override;
    Result<wire::ApiJobs> jobs() override;
    Result<wire::ApiJob> cancel(std::string_view job_id) override;
    std::vector<std::string> problems() override;
    std::uint64_t watches() const override { return worker_.watches(); }
    bool idle() const override { return worker_.idle() && jobs_.idle() && upkeep_.idle(); }

private:
    static Result<store::Source> named(store::Reader& reader, std::string_view name);
    Result<wire::ApiSource> view_of(store::Reader& reader, const store::Source& source) const;

    store::Store& store_;
    const Clock& clock_;
    const Zone& zone_;
    const Options options_;
    Jobs jobs_;
    Worker worker_;
    Upkeep upkeep_;
};

Result<store::Source> Service::named(store::Reader& reader, std::string_view name) {
    std::optional<store::Source> source = TRY(reader.source_named(name));
    if (!source) return fail(Code::not_found, lar::format("there is no source named '{}'", name));
    return std::move(*source);
}

Result<wire::ApiSource> Service::view_of(store::Reader& reader, const store::Source& source) const {
    const store::Counts counts = TRY(reader.counts(source.id));
    const bool paused = source.state == store::SourceState::paused;
    wire::ApiSource view{.id = source.uuid,
                         .name = source.name,
                         .kind = source.kind == store::SourceKind::files ? "files" : "pushed",
                         .location = source.location,
                         .state = jobs_.concerns(source.id) ? "syncing"
                                  : paused                  ? "paused"
                                                            : "ready",
                         .detail = source.detail,
                         .documents = counts.documents,
                         .passages = counts.passages,
                         .bytes = counts.bytes,
                         .commits = counts.commits,
                         .left_out = {},
                         .last_sync = source.last_sync ? to_rfc3339(*source.last_sync) : std::string(),
                         .watched = worker_.is_watched(source.id)};
    for (auto& [reason, count] : TRY(reader.left_out_counts(source.id)))
        view.left_out.push_back({std::move(reason), count});
    return view;
}

Result<wire::ApiSource> Service::add(const wire::ApiAddSource& request) {
    store::Reader reader = TRY(store_.reader());
    store::Source source = TRY(admit(request, TRY(reader.sources()), options_.private_folders));
    const std::int64_t now_us = clock_.now_us();
    source.uuid = new_uuid(now_us);
    source.added = {now_us, zone_.offset_min_at(now_us)};
    TRY_VOID(store_.write([&](store::Writer& writer) -> Result<> {
        source.id = TRY(writer.add_source(source));
        return {};
    }));
    if (source.kind == store::SourceKind::files) TRY(jobs_.queue_sync(source));
    worker_.wake();
    return view_of(reader, source);
}

Result<wire::ApiJob> Service::sync(std::string_view source_name) {
    store::Reader reader = TRY(store_.reader());
    const store::Source source = TRY(named(reader, source_name));
    if (source.kind != store::SourceKind::files)
        return fail(Code::invalid, lar::format("'{}' has nothing to sync: programs push documents to it", source_name));
    wire::ApiJob job = TRY(jobs_.queue_sync(source));
    worker_.wake();
    return job;
}

Result<wire::ApiForgotten> Service::forget(std::string_view source_name, bool prove) {
    std::optional<store::Reader> asking = TRY(store_.reader());
    const store::Source source = TRY(named(*asking, source_name));
    asking.reset();  // or it would stand in the way of what overwrites the source's remains
    wire::ApiForgotten forgotten;
    TRY_VOID(worker_.run_for(source.id, [&](store::Reader& reader) -> Result<> {
        forgotten = TRY(forget_source(store_, reader, source, options_.derived, prove));
        jobs_.drop(source.id);
        return {};
    }));
    return forgotten;
}

Result<wire::ApiPushed> Service::push(std::string_view source_name, const wire::ApiPush& documents) {
    store::Reader reader = TRY(store_.reader());
    const store::Source source = TRY(named(reader, source_name));
    if (source.kind != store::SourceKind::pushed)
        return fail(Code::conflict,
                    lar::format("'{}' is a folder: only a source added as pushed:NAME takes documents", source_name));
    return push_documents(store_, clock_, zone_, source.id, documents);
}

Result<wire::ApiSources> Service::sources() {
    store::Reader reader = TRY(store_.reader());
    wire::ApiSources all;
    for (const store::Source& source : TRY(reader.sources())) all.sources.push_back(TRY(view_of(reader, source)));
    return all;
}

std::vector<std::string> Service::problems() {
    std::vector<std::string> all = worker_.problems();
    if (std::string problem = upkeep_.problem(); !problem.empty()) all.push_back(std::move(problem));
    Result<store::Reader> reader = store_.reader();
    const std::uint64_t left = reader ? reader->passages_to_reindex().value_or(0) : 0;
    if (left > 0)
        all.push_back(lar::format("{} passages are still to be indexed again and may not be found meanwhile", left));
    return all;
}

Result<wire::ApiWhy> Service::why(const std::filesystem::path& path) {
    store::Reader reader = TRY(store_.reader());
    return why_is(reader, path,
                  {.file_size_limit_bytes = options_.file_size_limit_bytes,
                   .user_ignore_file = options_.user_ignore_file,
                   .private_folders = options_.private_folders});
}

Result<wire::ApiJobs> Service::jobs() {
    store::Reader reader = TRY(store_.reader());
    return jobs_.list(reader);
}

Result<wire::ApiJob> Service::cancel(std::string_view job_id) {
    wire::ApiJob job = TRY(jobs_.cancel(job_id));
    if (job.state == "running") worker_.interrupt();
    return job;
}

}  // namespace

Result<std::unique_ptr<Ingest>> Ingest::start(store::Store& store, RepositoryOpener& repositories,
                                              DocumentReader& documents, const Clock& clock, const Zone& zone,
                                              Options options, JobListener listener) {
    store::Reader reader = TRY(store.reader());
    auto service = std::make_unique<Service>(store, std::move(reader), repositories, documents, clock, zone,
                                             std::move(options), std::move(listener));
    TRY_VOID(service->start());
    return service;
}

}  // namespace lar::ingest
