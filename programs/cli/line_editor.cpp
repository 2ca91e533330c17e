#include "line_editor.h"

#include <histedit.h>
#include <langinfo.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cwchar>

#include "base/fd.h"

namespace lar::cli {
namespace {

constexpr int history_lines = 2000;
constexpr std::size_t typed_step_bytes = 64 * 1024;
// A signal that comes just before we wait does not end the wait, so the flag is looked at a few times a second.
constexpr int look_ms = 200;

// What read() gives, once there is something to read; -1 when the flag goes up.
ssize_t read_input(int input, char* into, std::size_t bytes, const std::atomic<bool>& cancelled) {
    for (;;) {
        if (cancelled) return -1;
        pollfd item{input, POLLIN, 0};
        const int ready = ::poll(&item, 1, look_ms);
        if (ready < 0 && errno != EINTR) return 0;
        if (ready <= 0) continue;
        const ssize_t got = ::read(input, into, bytes);
        if (got >= 0) return got;
        if (errno != EINTR) return 0;  // the terminal is gone: an end, too
    }
}

class PlainLines final : public LineEditor {
public:
    PlainLines(int input, const std::atomic<bool>& cancelled)
        : input_(input), prompts_(::isatty(input) == 1 && ::isatty(1) == 1), cancelled_(cancelled) {}

    Line read(std::string_view prompt) override {
        // A failed write shows where the answer is written, too.
        if (prompts_) static_cast<void>(write_all(1, prompt).has_value());
        for (;;) {
            if (const std::size_t end = pending_.find('\n'); end != pending_.npos) return cut(end, end + 1);
            char buffer[typed_step_bytes];
            const ssize_t got = read_input(input_, buffer, sizeof(buffer), cancelled_);
            if (got < 0) {
                pending_.clear();
                return {Ended::interrupted, {}};
            }
            if (got == 0) return pending_.empty() ? Line{} : cut(pending_.size(), pending_.size());
            pending_.append(buffer, static_cast<std::size_t>(got));
        }
    }
    void remember(std::string_view) override {}

private:
    Line cut(std::size_t end, std::size_t next) {
        Line line{Ended::line, pending_.substr(0, end)};
        pending_.erase(0, next);
        if (line.text.ends_with('\r')) line.text.pop_back();
        return line;
    }

    int input_;
    bool prompts_;
    const std::atomic<bool>& cancelled_;
    std::string pending_;
};

// libedit counts characters by the locale, of which it needs nothing but UTF-8.
void speak_utf8() {
    const auto utf8 = [] { return std::string_view(::nl_langinfo(CODESET)) == "UTF-8"; };
    if (std::setlocale(LC_CTYPE, "") == nullptr || !utf8()) std::setlocale(LC_CTYPE, "C.UTF-8");
}

class EditedLines final : public LineEditor {
public:
    EditedLines(std::span<const std::string> before, const std::atomic<bool>& cancelled) : cancelled_(cancelled) {
        speak_utf8();
        history_ = ::history_init();
        edit_ = ::el_init("lar", stdin, stdout, stderr);
        HistEvent event;
        ::history(history_, &event, H_SETSIZE, history_lines);
        ::history(history_, &event, H_SETUNIQUE, 1);
        for (const std::string& line : before) remember(line);
        ::el_set(edit_, EL_CLIENTDATA, this);
        ::el_set(edit_, EL_PROMPT, &EditedLines::prompt_of);
        ::el_set(edit_, EL_GETCFN, &EditedLines::next_letter);
        ::el_set(edit_, EL_HIST, &::history, history_);
        ::el_set(edit_, EL_EDITOR, "emacs");
        // Where libedit's own keys differ from what shells have taught.
        static constexpr const char* keys[][2] = {
            {"^R", "em-inc-search-prev"},  {"^W", "ed-delete-prev-word"}, {"\033[3~", "ed-delete-next-char"},
            {"\033[1;5C", "em-next-word"}, {"\033[1;5D", "ed-prev-word"},
        };
        for (const auto& [key, action] : keys) ::el_set(edit_, EL_BIND, key, action, nullptr);
        ::el_source(edit_, nullptr);  // the user's own ~/.editrc
    }
    ~EditedLines() override {
        ::el_end(edit_);
        ::history_end(history_);
    }
    EditedLines(const EditedLines&) = delete;
    EditedLines& operator=(const EditedLines&) = delete;

    Line read(std::string_view prompt) override {
        prompt_ = prompt;
        ::el_resize(edit_);
        // Before the prompt is shown and not right after it, or a Ctrl-D in between would be the terminal's.
        ::el_set(edit_, EL_PREP_TERM, 1);
        int bytes = 0;
        const char* text = ::el_gets(edit_, &bytes);
        if (text == nullptr || bytes <= 0) return {cancelled_ ? Ended::interrupted : Ended::end, {}};
        std::string line(text, static_cast<std::size_t>(bytes));
        while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
        return {Ended::line, std::move(line)};
    }

    void remember(std::string_view line) override {
        if (line.empty()) return;
        HistEvent event;
        ::history(history_, &event, H_ENTER, std::string(line).c_str());
    }

private:
    static EditedLines& self_of(EditLine* edit) {
        EditedLines* self = nullptr;
        ::el_get(edit, EL_CLIENTDATA, &self);
        return *self;
    }
    static char* prompt_of(EditLine* edit) { return self_of(edit).prompt_.data(); }
    // 1 with a letter, 0 at the end, -1 when interrupted.
    static int next_letter(EditLine* edit, wchar_t* letter) {
        std::mbstate_t state{};
        for (;;) {
            char byte = 0;
            const ssize_t got = read_input(0, &byte, 1, self_of(edit).cancelled_);
            if (got <= 0) return static_cast<int>(got);
            const std::size_t used = std::mbrtowc(letter, &byte, 1, &state);
            constexpr auto ill_formed = static_cast<std::size_t>(-1), not_whole = static_cast<std::size_t>(-2);
            if (used != ill_formed && used != not_whole) return 1;
            if (used == ill_formed) state = {};  // left out
        }
    }

    const std::atomic<bool>& cancelled_;
    ::History* history_ = nullptr;
    EditLine* edit_ = nullptr;
    std::string prompt_;
};

}  // namespace

bool has_cursor(int descriptor) {
    const char* terminal = std::getenv("TERM");
    return ::isatty(descriptor) == 1 && terminal != nullptr && *terminal != '\0' &&
           std::string_view(terminal) != "dumb";
}

std::unique_ptr<LineEditor> make_line_editor(std::span<const std::string> before, const std::atomic<bool>& cancelled,
                                             int input) {
    if (input == 0 && has_cursor(0) && has_cursor(1)) return std::make_unique<EditedLines>(before, cancelled);
    return std::make_unique<PlainLines>(input, cancelled);
}

}  // namespace lar::cli
