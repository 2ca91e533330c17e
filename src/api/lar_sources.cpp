// Sources: adding, listing, pushing to, explaining, forgetting.
#include <algorithm>
#include <utility>

#include "api/lar_routes.h"
#include "api/replies.h"
#include "api/requests.h"

namespace lar::api {
namespace {

constexpr std::size_t page_text_bytes = 4 * 1024 * 1024;  // of documents in one answer
constexpr std::size_t limit_passages_of_document = 100'000;
constexpr std::uint32_t limit_left_out_listed = 10'000;
constexpr std::string_view sources_hint = "'lar sources' lists the sources.";

Result<store::Source> source_named(store::Reader& reader, std::string_view name) {
    std::optional<store::Source> source = TRY(reader.source_named(name));
    if (!source) return fail(Code::not_found, "there is no source of that name");
    return std::move(*source);
}

// A document's text from its passages, each at its lines; what lies between them was blank. Those without lines follow
// each other.
std::string text_of(const std::vector<store::PlacedPassage>& passages) {
    std::string text;
    std::uint32_t line = 1;  // the line on which `text` would go on
    for (const store::PlacedPassage& placed : passages) {
        const store::Passage& passage = placed.passage;
        for (; line < passage.line_first; ++line) text += '\n';
        if (passage.line_first == 0 && !text.empty()) text += text.ends_with('\n') ? "\n" : "\n\n";
        text += passage.text;
        line += static_cast<std::uint32_t>(std::ranges::count(passage.text, '\n'));
        if (!passage.text.ends_with('\n') && line <= passage.line_last && &placed != &passages.back()) {
            text += '\n';
            ++line;
        }
    }
    return text;
}

}  // namespace

void LarRoutes::sources(http::Request&&, http::Responder responder) { reply(responder, rooms_.ingest.sources()); }

void LarRoutes::source(http::Request&& request, http::Responder responder) {
    const auto found = [&]() -> Result<wire::ApiSource> {
        auto all = TRY(rooms_.ingest.sources());
        const auto at = std::ranges::find(all.sources, path_parameter(request, "name"), &wire::ApiSource::name);
        if (at == all.sources.end()) return fail(Code::not_found, "there is no source of that name");
        return std::move(*at);
    }();
    reply(responder, found, 200, sources_hint);
}

void LarRoutes::add_source(http::Request&& request, http::Responder responder) {
    const auto asked = wire::from_json<wire::ApiAddSource>(request.body);
    if (!asked) return answer_error(responder, asked.error());
    if (asked->location.empty())
        return answer_error(responder, Error{Code::invalid, "'location' is empty: an absolute path, or pushed:NAME"});
    const auto added = rooms_.ingest.add(*asked);
    const Code code = added ? Code::internal : added.error().code;
    reply(responder, added, 201,
          code == Code::conflict ? sources_hint
          : code == Code::not_found || code == Code::denied
              ? "Give the absolute path of a folder or file that Lar may read."
              : std::string_view());
}

void LarRoutes::forget(http::Request&& request, http::Responder responder) {
    reply(responder, rooms_.ingest.forget(path_parameter(request, "name"), flag_in(request, "prove")), 200,
          sources_hint);
}

void LarRoutes::sync(http::Request&& request, http::Responder responder) {
    reply(responder, rooms_.ingest.sync(path_parameter(request, "name")), 202, sources_hint);
}

void LarRoutes::sync_all(http::Request&&, http::Responder responder) {
    const auto queued = [&]() -> Result<wire::ApiJobs> {
        wire::ApiJobs jobs;
        for (const wire::ApiSource& source : TRY(rooms_.ingest.sources()).sources)
            if (source.kind != "pushed") jobs.jobs.push_back(TRY(rooms_.ingest.sync(source.name)));
        return jobs;
    }();
    reply(responder, queued, 202);
}

void LarRoutes::push(http::Request&& request, http::Responder responder) {
    const auto pushed = [&]() -> Result<wire::ApiPushed> {
        const auto documents = TRY(wire::from_json<wire::ApiPush>(request.body));
        if (documents.documents.size() > wire::limit_pushed_documents)
            return fail(Code::too_large, "at most 1,000 documents can be pushed in one request");
        return rooms_.ingest.push(path_parameter(request, "name"), documents);
    }();
    reply(responder, pushed);
}

void LarRoutes::documents(http::Request&& request, http::Responder responder) {
    const auto page = [&]() -> Result<wire::ApiDocuments> {
        const std::uint32_t limit = TRY(number_in(request, "limit", 100, wire::limit_pushed_documents));
        const std::string_view after = http::find_parameter(request.query, "after").value_or("");
        auto reader = TRY(readers_.lease());
        const store::Source source = TRY(source_named(*reader, path_parameter(request, "name")));
        if (source.kind != store::SourceKind::pushed)
            return fail(Code::invalid, "only the documents of a pushed source are given out; files are on the disk");
        wire::ApiDocuments documents;
        std::size_t bytes = 0;
        for (const store::Document& document :
             TRY(reader->documents(source.id, store::DocumentKind::pushed, after, limit))) {
            std::string text = text_of(TRY(reader->passages_of(document.id, limit_passages_of_document)));
            bytes += text.size();
            documents.documents.push_back({document.path, document.title, std::move(text), to_rfc3339(document.time)});
            if (bytes > page_text_bytes) break;
        }
        return documents;
    }();
    reply(responder, page, 200, sources_hint);
}

void LarRoutes::left_out(http::Request&& request, http::Responder responder) {
    const auto listed = [&]() -> Result<wire::ApiLeftOutPaths> {
        const std::uint32_t limit = TRY(number_in(request, "limit", 1000, limit_left_out_listed));
        auto reader = TRY(readers_.lease());
        const store::Source source = TRY(source_named(*reader, path_parameter(request, "name")));
        wire::ApiLeftOutPaths paths;
        for (store::LeftOut& one : TRY(reader->left_out(source.id, limit)))
            paths.paths.push_back({std::move(one.path), std::move(one.reason), std::move(one.detail)});
        return paths;
    }();
    reply(responder, listed, 200, sources_hint);
}

void LarRoutes::why(http::Request&& request, http::Responder responder) {
    const auto path = http::find_parameter(request.query, "path");
    if (!path || !path->starts_with('/'))
        return answer_error(responder, Error{Code::invalid, "'path' is missing or not absolute"},
                            "Ask for why?path=/an/absolute/path.");
    reply(responder, rooms_.ingest.why(std::filesystem::path(*path)));
}

}  // namespace lar::api
