// The text of a hand-off in the user's editor. It holds what is not to leave, so the file is the user's alone, stands
// in Lar's own folder and goes when the editor ends.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "base/fd.h"
#include "base/format.h"
#include "base/identity.h"
#include "base/text.h"
#include "editor.h"
#include "handoff_actions.h"
#include "piped_text.h"

namespace lar::cli {
namespace {

constexpr std::size_t limit_edited_bytes = 4 * 1024 * 1024;
constexpr std::size_t file_name_bytes = 8;

// Gone with whoever made it.
class EditedFile {
public:
    explicit EditedFile(std::filesystem::path path) : path_(std::move(path)) {}
    ~EditedFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    EditedFile(const EditedFile&) = delete;
    EditedFile& operator=(const EditedFile&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

Outcome<> run_editor(std::vector<std::string> command) {
    std::vector<char*> words;
    for (std::string& word : command) words.push_back(word.data());
    words.push_back(nullptr);
    const pid_t child = ::fork();
    if (child < 0) return std::unexpected(Failure(fail_errno("starting an editor", errno).error()));
    if (child == 0) {
        ::execvp(words[0], words.data());
        ::_exit(127);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return std::unexpected(Failure(fail_errno("waiting for the editor", errno).error()));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return failed(Code::unavailable, lar::format("'{}' cannot be started", printable(command[0])),
                      "set VISUAL or EDITOR to your editor");
    return failed(Code::unavailable, "the editor did not end well, and nothing was changed");
}

}  // namespace

Outcome<std::string> edited_text(Session& session, const std::string& text) {
    if (::isatty(session.input) != 1) return piped_text(session);
    const std::string editor = choose_editor(std::getenv, on_search_path);
    if (editor.empty()) return failed(Code::not_found, "no editor was found", "set VISUAL or EDITOR to yours");
    const EditedFile file(session.paths.runtime / lar::format("handoff-{}.txt", random_hex(file_name_bytes)));
    TRY_VOID(write_file_atomically(file.path(), text));
    TRY_VOID(run_editor(editor_command(editor, file.path().string(), 0)));
    return TRY(read_file(file.path(), limit_edited_bytes));
}

}  // namespace lar::cli
