// lar export and lar import: what only Lar has, as plain files.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <set>

#include "base/build.h"
#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"
#include "collection.h"
#include "commands.h"
#include "progress.h"
#include "wire/api.h"
#include "wire/chats.h"
#include "wire/files.h"
#include "wire/handoff.h"

namespace lar::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t format_written = 3;
constexpr std::uint32_t format_with_chats = 2;
constexpr std::size_t page_documents = 200;
constexpr std::size_t limit_answers = 1000;  // as many as the store keeps
constexpr std::size_t limit_manifest_bytes = 64 * 1024;
constexpr std::size_t limit_line_bytes = 64 * 1024 * 1024;
constexpr std::size_t part_bytes = 2 * 1024 * 1024;

Outcome<> ready_folder(const fs::path& folder) {
    std::error_code error;
    if (fs::exists(folder, error) && !(fs::is_directory(folder, error) && fs::is_empty(folder, error)))
        return failed(Code::conflict, lar::format("{} is there and not an empty folder", printable(folder.string())),
                      "name a new folder");
    TRY_VOID(make_private_directory(folder));
    return {};
}

// A name becomes a file's name: what would leave the folder is percent-encoded.
std::string file_name(const std::string& source) { return url_encoded(source) + ".jsonl"; }

// All documents of a pushed source, page by page, into one file. Returns how many.
Outcome<std::uint64_t> export_documents(Session& session, Connection& lard, const wire::ApiSource& source,
                                        const fs::path& file, Progress& progress) {
    const Fd out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!out) return fail_errno("writing " + file.string(), errno);
    std::uint64_t count = 0;
    for (std::string after;;) {
        if (session.cancelled) return failed(Code::unavailable, "interrupted", "the export is not whole: remove it");
        const auto page =
            TRY(call<wire::ApiDocuments>(lard, "GET",
                                         lar::format("/lar/v1/sources/{}/documents?limit={}&after={}",
                                                     url_encoded(source.name), page_documents, url_encoded(after))));
        if (page.documents.empty()) break;
        std::string lines;
        for (const wire::ApiPushedDocument& document : page.documents) lines += wire::to_json(document) + "\n";
        TRY_VOID(write_all(out.number(), lines));
        count += page.documents.size();
        progress.show(printable(source.name), count, source.documents, "documents");
        after = page.documents.back().id;
    }
    if (::fsync(out.number()) != 0) return fail_errno("writing " + file.string(), errno);
    return count;
}

// All chats with what was said in them, into one file. Returns how many.
Outcome<std::uint64_t> export_chats(Session& session, Connection& lard, const fs::path& file, Progress& progress) {
    const auto chats =
        TRY(call<wire::ApiChats>(lard, "GET", lar::format("/lar/v1/chats?limit={}", wire::limit_chats_listed))).chats;
    if (chats.size() == wire::limit_chats_listed)
        return failed(Code::too_large, lar::format("there are more than {} chats", count_text(chats.size())),
                      "`lar chats delete` removes some");
    const Fd out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!out) return fail_errno("writing " + file.string(), errno);
    std::uint64_t count = 0;
    for (const wire::ApiChat& chat : chats) {
        if (session.cancelled) return failed(Code::unavailable, "interrupted", "the export is not whole: remove it");
        const auto log = TRY(call<wire::ApiChatLog>(
            lard, "GET", lar::format("/lar/v1/chats/{}?limit={}", url_encoded(chat.id), wire::limit_messages_listed)));
        TRY_VOID(write_all(out.number(), wire::to_json(log) + "\n"));
        progress.show("chats", ++count, chats.size(), "chats");
    }
    if (::fsync(out.number()) != 0) return fail_errno("writing " + file.string(), errno);
    return count;
}

// All hand-offs with what they say, into one file. Returns how many.
Outcome<std::uint64_t> export_handoffs(Session& session, Connection& lard, const fs::path& file) {
    const auto handoffs =
        TRY(call<wire::ApiHandoffs>(lard, "GET", lar::format("/lar/v1/handoffs?limit={}", wire::limit_handoffs_listed)))
            .handoffs;
    const Fd out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!out) return fail_errno("writing " + file.string(), errno);
    for (const wire::ApiHandoffLine& one : handoffs) {
        if (session.cancelled) return failed(Code::unavailable, "interrupted", "the export is not whole: remove it");
        const auto whole = TRY(call<wire::ApiHandoff>(lard, "GET", "/lar/v1/handoffs/" + url_encoded(one.id)));
        TRY_VOID(write_all(out.number(), wire::to_json(whole) + "\n"));
    }
    if (::fsync(out.number()) != 0) return fail_errno("writing " + file.string(), errno);
    return handoffs.size();
}

Outcome<wire::ExportManifest> read_manifest(const fs::path& folder) {
    const auto text = read_file(folder / "manifest.json", limit_manifest_bytes);
    if (!text)
        return failed(text.error().code, lar::format("{} is not an export: it has no manifest.json that can be read",
                                                     printable(folder.string())));
    wire::ExportManifest manifest = TRY(wire::from_json<wire::ExportManifest>(*text));
    if (manifest.format > format_written)
        return failed(Code::invalid,
                      lar::format("this export was written by a newer Lar ({})", printable(manifest.version)),
                      "import it with that one");
    return manifest;
}

// Lines of a file as T, each handed to `take`; a Failure from it ends the reading as it is.
template <class T>
Outcome<> each(const fs::path& file, const std::function<Outcome<>(T&&)>& take) {
    std::optional<Failure> failure;
    const auto read =
        for_each_line(file, limit_line_bytes, [&](std::string_view line, std::uint64_t number) -> Result<> {
            auto value = wire::from_json<T>(line);
            if (!value)
                return fail(Code::invalid,
                            lar::format("{}:{}: {}", file.filename().string(), number, value.error().message));
            if (auto taken = take(std::move(*value)); !taken) {
                failure = std::move(taken).error();
                return fail(Code::internal, failure->message);
            }
            return {};
        });
    if (failure) return std::unexpected(std::move(*failure));
    TRY_VOID(read);
    return {};
}

Outcome<> import_documents(Session& session, Connection& lard, const std::string& source, const fs::path& file) {
    wire::ApiPush batch;
    std::size_t bytes = 0;
    const std::string target = lar::format("/lar/v1/sources/{}/documents", url_encoded(source));
    const auto send = [&]() -> Outcome<> {
        if (!batch.documents.empty()) TRY_VOID(call<wire::ApiPushed>(lard, "POST", target, wire::to_json(batch)));
        batch.documents.clear();
        bytes = 0;
        return {};
    };
    TRY_VOID(each<wire::ApiPushedDocument>(file, [&](wire::ApiPushedDocument&& document) -> Outcome<> {
        if (session.cancelled)
            return failed(Code::unavailable, "interrupted", "import again: what is there already stays");
        if (bytes + document.text.size() > part_bytes || batch.documents.size() == page_documents) TRY_VOID(send());
        bytes += document.text.size();
        batch.documents.push_back(std::move(document));
        return {};
    }));
    return send();
}

// Answers that are there already stay as they are.
Outcome<> import_answers(Connection& lard, const fs::path& file) {
    std::set<std::string> known;
    const std::string listing = lar::format("/lar/v1/answers?limit={}", limit_answers);
    for (wire::ApiStored& answer : TRY(call<wire::ApiAnswers>(lard, "GET", listing)).answers)
        known.insert(std::move(answer.answer.id));
    wire::ApiAnswers batch;
    const auto send = [&]() -> Outcome<> {
        if (!batch.answers.empty()) TRY_VOID(call<wire::ApiOk>(lard, "POST", "/lar/v1/answers", wire::to_json(batch)));
        batch.answers.clear();
        return {};
    };
    TRY_VOID(each<wire::ApiStored>(file, [&](wire::ApiStored&& answer) -> Outcome<> {
        constexpr std::size_t batch_answers = 20;
        if (!known.contains(answer.answer.id)) batch.answers.push_back(std::move(answer));
        return batch.answers.size() == batch_answers ? send() : Outcome<>();
    }));
    return send();
}

// Chats that are there already stay as they are.
Outcome<> import_chats(Session& session, Connection& lard, const fs::path& file) {
    std::set<std::string> known;
    const std::string listing = lar::format("/lar/v1/chats?limit={}", wire::limit_chats_listed);
    for (wire::ApiChat& chat : TRY(call<wire::ApiChats>(lard, "GET", listing)).chats) known.insert(std::move(chat.id));
    return each<wire::ApiChatLog>(file, [&](wire::ApiChatLog&& log) -> Outcome<> {
        if (session.cancelled)
            return failed(Code::unavailable, "interrupted", "import again: what is there already stays");
        if (known.contains(log.chat.id)) return {};
        TRY_VOID(call<wire::ApiOk>(lard, "POST", "/lar/v1/chats/import", wire::to_json(log)));
        return {};
    });
}

// Adds a source of the export; false when one of that name or place is there already.
Outcome<bool> import_source(Connection& lard, const wire::ApiSource& source) {
    std::string location = source.location;
    if (source.kind == "pushed" && !location.starts_with("pushed:")) location = "pushed:" + source.name;
    auto added = call<wire::ApiSource>(lard, "POST", "/lar/v1/sources",
                                       wire::to_json(wire::ApiAddSource{location, source.name}));
    if (added) return true;
    if (added.error().code == to_string(Code::conflict)) return false;
    return std::unexpected(std::move(added).error());
}

}  // namespace

Outcome<Exit> run_export(Session& session) {
    const fs::path folder = session.arguments.positionals[0];
    Connection& lard = *TRY(session.lard());
    TRY_VOID(ready_folder(folder));
    Progress progress(session.err);
    const auto sources = TRY(call<wire::ApiSources>(lard, "GET", "/lar/v1/sources"));
    const auto answers =
        TRY(call<wire::ApiAnswers>(lard, "GET", lar::format("/lar/v1/answers?limit={}", limit_answers)));
    wire::ExportManifest manifest{
        .format = format_written,
        .version = std::string(version()),
        .exported = to_rfc3339({session.clock.now_us(), session.zone.offset_min_at(session.clock.now_us())}),
        .sources = sources.sources.size(),
        .answers = answers.answers.size()};
    std::string lines;
    for (const wire::ApiSource& source : sources.sources) {
        lines += wire::to_json(source) + "\n";
        if (source.kind != "pushed") continue;
        TRY_VOID(make_private_directory(folder / "documents"));
        manifest.documents +=
            TRY(export_documents(session, lard, source, folder / "documents" / file_name(source.name), progress));
    }
    TRY_VOID(write_file_atomically(folder / "sources.jsonl", lines));
    lines.clear();
    for (const wire::ApiStored& answer : answers.answers) lines += wire::to_json(answer) + "\n";
    TRY_VOID(write_file_atomically(folder / "answers.jsonl", lines));
    manifest.chats = TRY(export_chats(session, lard, folder / "chats.jsonl", progress));
    manifest.handoffs = TRY(export_handoffs(session, lard, folder / "handoffs.jsonl"));
    // Last: a folder with a manifest is whole.
    TRY_VOID(write_file_atomically(folder / "manifest.json", wire::to_json(manifest) + "\n"));
    progress.clear();
    if (session.json())
        session.out.line(wire::to_json(manifest));
    else
        session.out.line(
            lar::format("exported {}, {}, {}, {} and {} to {}", counted(manifest.sources, "source", "sources"),
                        counted(manifest.documents, "document", "documents"),
                        counted(manifest.answers, "answer", "answers"), counted(manifest.chats, "chat", "chats"),
                        counted(manifest.handoffs, "hand-off", "hand-offs"), printable(folder.string())));
    return Exit::ok;
}

Outcome<Exit> run_import(Session& session) {
    const fs::path folder = session.arguments.positionals[0];
    const wire::ExportManifest manifest = TRY(read_manifest(folder));
    Connection& lard = *TRY(session.lard());
    std::uint64_t kept = 0, unavailable = 0;
    TRY_VOID(each<wire::ApiSource>(folder / "sources.jsonl", [&](wire::ApiSource&& source) -> Outcome<> {
        auto added = import_source(lard, source);
        if (!added && source.kind != "pushed") {  // its folder is not on this machine: the rest can still be had
            session.err.line(lar::format("{}: {}", printable(source.name), printable(added.error().message)));
            ++unavailable;
            return {};
        }
        if (!added) return std::unexpected(std::move(added).error());
        if (!*added) ++kept;
        if (source.kind == "pushed")
            return import_documents(session, lard, source.name, folder / "documents" / file_name(source.name));
        return {};
    }));
    TRY_VOID(import_answers(lard, folder / "answers.jsonl"));
    if (manifest.format >= format_with_chats) TRY_VOID(import_chats(session, lard, folder / "chats.jsonl"));
    if (manifest.handoffs > 0)
        session.err.line("handoffs.jsonl is for reading: what another Lar handed off is no ticket of this one");
    if (session.json())
        session.out.line(wire::to_json(manifest));
    else
        session.out.line(lar::format("imported {} ({} were there, {} cannot be read here), {}, {} and {}",
                                     counted(manifest.sources - kept - unavailable, "source", "sources"), kept,
                                     unavailable, counted(manifest.documents, "document", "documents"),
                                     counted(manifest.answers, "answer", "answers"),
                                     counted(manifest.chats, "chat", "chats")));
    return unavailable > 0 ? Exit::error : Exit::ok;
}

}  // namespace lar::cli
