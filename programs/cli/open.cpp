// lar open: from a citation to the place itself.
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <ranges>

#include "answer_stream.h"
#include "base/format.h"
#include "base/text.h"
#include "commands.h"
#include "editor.h"
#include "show.h"
#include "wire/api.h"

namespace lar::cli {
namespace {

namespace fs = std::filesystem;

// What the answer cites, or what comes nearest where it cites nothing. As it stands now: lard looks at the sources of
// one answer again.
Outcome<std::vector<wire::ApiCitation>> citations_of_chosen(Session& session, Connection& lard) {
    const auto& words = session.arguments.positionals;
    wire::ApiAnswer answer = TRY(answer_named(lard, words.size() > 1 ? words[1] : "last")).answer;
    std::vector<wire::ApiCitation> citations = std::move(answer.citations);
    if (citations.empty())
        for (wire::ApiNearest& nearest : answer.nearest) citations.push_back(std::move(nearest.citation));
    return citations;
}

Outcome<wire::ApiCitation> chosen_citation(Session& session, const std::vector<wire::ApiCitation>& citations) {
    std::uint32_t number = 0;
    std::string_view word = session.arguments.positionals[0];
    if (word.starts_with('[') && word.ends_with(']')) word = word.substr(1, word.size() - 2);
    if (const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        error != std::errc() || end != word.data() + word.size())
        return wrong_usage(lar::format("lar open takes the number of a citation, not '{}'", printable(word)));
    for (const wire::ApiCitation& citation : citations)
        if (citation.number == number) return citation;
    if (citations.empty()) return failed(Code::not_found, "that answer cites nothing");
    return failed(Code::not_found, lar::format("that answer has no citation {}: it has {} to {}", number,
                                               citations.front().number, citations.back().number));
}

// Replaces this process. Returns only when that failed.
Failure become(std::vector<std::string> command) {
    std::vector<char*> argv;
    for (std::string& word : command) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    const int error = errno;
    return Failure(Exit::error, Code::unavailable,
                   lar::format("'{}' cannot be started: {}", command[0], fail_errno("exec", error).error().message),
                   "set VISUAL or EDITOR to your editor");
}

// The nearest folder that is there: a file of a commit may be gone, and its folder with it.
fs::path existing_folder(fs::path path) {
    std::error_code error;
    while (!path.empty() && path != path.root_path() && !fs::is_directory(path, error)) path = path.parent_path();
    return path;
}

// A file that the summary of a commit names ("modified code/project/pool.c (+3 -1)"): a source may hold its repository
// anywhere below itself. Empty where it names none.
fs::path changed_file(std::string_view summary) {
    constexpr auto words = std::to_array<std::string_view>({"added ", "modified ", "deleted ", "renamed "});
    for (const std::string_view line : split_lines(summary) | std::views::reverse)
        for (const std::string_view word : words)
            if (line.starts_with(word)) {
                std::string_view path = line.substr(word.size());
                if (path.ends_with(')')) path = path.substr(0, path.rfind(" (+"));
                return path.substr(0, path.find(" from "));
            }
    return {};
}

// git show for a commit, of the one file where the citation names one. git runs the user's pager.
Outcome<std::vector<std::string>> git_show(Connection& lard, const wire::ApiCitation& citation) {
    const wire::ApiPlace& place = citation.place;
    fs::path file = place.absolute_path;
    fs::path root;
    const auto sources = TRY(call<wire::ApiSources>(lard, "GET", "/lar/v1/sources"));
    for (const wire::ApiSource& source : sources.sources)
        if (source.name == place.source) root = source.location;
    if (root.empty() && file.empty())
        return failed(Code::not_found, lar::format("the source '{}' is no longer there", place.source),
                      "`lar sources` lists those that are");
    if (file.empty()) file = root / (place.path.empty() ? changed_file(citation.quote) : fs::path(place.path));
    std::vector<std::string> command{"git", "-C", existing_folder(file).string(), "show", place.commit};
    if (!place.path.empty() && file != root) command.insert(command.end(), {"--", file.string()});
    return command;
}

// path:line for other programs.
std::string plain_place(const wire::ApiPlace& place, std::uint32_t line) {
    if (place.absolute_path.empty() || place.kind == "commit" || place.kind == "stash") return place_text(place);
    return line == 0 ? place.absolute_path : lar::format("{}:{}", place.absolute_path, line);
}

}  // namespace

Outcome<Exit> run_open(Session& session) {
    Connection& lard = *TRY(session.lard());
    const wire::ApiCitation citation = TRY(chosen_citation(session, TRY(citations_of_chosen(session, lard))));
    const wire::ApiPlace& place = citation.place;
    const std::uint32_t line = citation.lines.empty() ? place.line_first : citation.lines.front();
    if (session.json()) {
        session.out.line(wire::to_json(citation));
        return Exit::ok;
    }
    if (citation.state == "changed")
        session.err.line("what was cited has changed since; `lar answers --json` shows it as `quote`");
    const bool print_only = session.arguments.has("--print") || !session.out.interactive();
    if (print_only) {
        session.out.line(plain_place(place, line));
        return Exit::ok;
    }
    if (!place.commit.empty()) return std::unexpected(become(TRY(git_show(lard, citation))));
    std::error_code error;
    if (place.absolute_path.empty()) {  // pushed by a program: its text is all there is
        session.out.line(printable(citation.quote));
        return Exit::ok;
    }
    if (!fs::exists(place.absolute_path, error))
        return failed(Code::not_found, lar::format("{} is no longer there", printable(place.absolute_path)),
                      "the cited text is kept: `lar answers --json` shows it as `quote`");
    // A document without lines is for the program that shows it; that it opens at a page cannot be asked of all of
    // them.
    if (place.kind == "file" && place.line_first == 0 && on_search_path("xdg-open")) {
        if (place.page > 0) session.err.line(lar::format("page {}", place.page));
        return std::unexpected(become({"xdg-open", place.absolute_path}));
    }
    const std::string editor = choose_editor(std::getenv, on_search_path);
    if (editor.empty()) return failed(Code::not_found, "no editor was found", "set VISUAL or EDITOR to yours");
    return std::unexpected(become(editor_command(editor, place.absolute_path, line)));
}

}  // namespace lar::cli
