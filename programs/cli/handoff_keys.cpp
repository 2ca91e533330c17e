// lar handoff key: the keys of providers, each in a file that its user alone can read.
//
// A key is read without being shown, or from standard input, and written straight to its file: it is on no command
// line, goes to no other program, and lard never sees it (it hands the open file to the courier). What held it here is
// wiped.
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"
#include "handoff_actions.h"
#include "wire/api.h"

namespace lar::cli {
namespace {

namespace fs = std::filesystem;

// Room for a key, wiped when it goes.
struct TypedKey {
    TypedKey() = default;
    ~TypedKey() { ::explicit_bzero(room.data(), room.size()); }
    TypedKey(const TypedKey&) = delete;
    TypedKey& operator=(const TypedKey&) = delete;
    std::string_view text() const { return trim(std::string_view(room.data(), bytes)); }

    std::array<char, wire::limit_provider_key_bytes + 3> room{};  // one more than allowed, and a line's end
    std::size_t bytes = 0;
};

// What is typed is not shown until this goes.
class Unshown {
public:
    explicit Unshown(int terminal) : terminal_(terminal), known_(::tcgetattr(terminal, &before_) == 0) {
        termios hidden = before_;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        if (known_) known_ = ::tcsetattr(terminal_, TCSAFLUSH, &hidden) == 0;
    }
    ~Unshown() {
        if (known_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
    }
    Unshown(const Unshown&) = delete;
    Unshown& operator=(const Unshown&) = delete;
    bool holds() const { return known_; }

private:
    int terminal_;
    termios before_{};
    bool known_;
};

Outcome<> read_key(Session& session, const std::string& provider, TypedKey& key) {
    if (::isatty(session.input) == 1) {
        const Unshown unshown(session.input);
        if (!unshown.holds()) return failed(Code::unavailable, "this terminal shows what is typed", "pipe the key in");
        session.err.print(lar::format("The key for {} (it is not shown): ", provider));
        const bool read = read_terminal_line(session, key.room, key.bytes);
        session.err.line();
        if (!read) return failed(Code::unavailable, "interrupted: nothing was changed");
    } else {
        for (ssize_t got = 1; got > 0 && key.bytes < key.room.size();) {
            got = ::read(session.input, key.room.data() + key.bytes, key.room.size() - key.bytes);
            if (got > 0) key.bytes += static_cast<std::size_t>(got);
        }
    }
    const auto is_graphic = [](char c) { return c > ' ' && c < 0x7f; };
    if (key.text().empty() || key.text().size() > wire::limit_provider_key_bytes ||
        !std::ranges::all_of(key.text(), is_graphic))
        return wrong_usage(lar::format("that is no key: one line of 1 to {} letters, digits and signs",
                                       wire::limit_provider_key_bytes));
    return {};
}

fs::path keys_folder(const Session& session) { return session.paths.data / wire::provider_keys_folder; }

Outcome<> check_provider(Session& session, const std::string& name) {
    const auto known = TRY(call<wire::ApiHandoffProviders>(*TRY(session.lard()), "GET", "/lar/v1/handoffs/providers"));
    if (std::ranges::contains(known.providers, name, &wire::ApiHandoffProvider::name)) return {};
    return failed(Code::not_found, lar::format("config.toml has no [providers.{}]", printable(name)),
                  "`lar handoff key list` lists those that it has; after a change of it, `lar shutdown`");
}

Outcome<Exit> done(Session& session, const std::string& sentence) {
    if (session.json())
        session.out.line(wire::to_json(wire::ApiOk{}));
    else
        session.out.line(sentence);
    return Exit::ok;
}

Outcome<Exit> set_key(Session& session, const std::string& name) {
    TRY_VOID(check_provider(session, name));
    TypedKey key;
    TRY_VOID(read_key(session, name, key));
    TRY_VOID(make_private_directory(keys_folder(session)));
    TRY_VOID(write_file_atomically(keys_folder(session) / name, key.text()));
    return done(session, lar::format("The key for {} is kept in {}, which only you can read.", name,
                                     (keys_folder(session) / name).string()));
}

Outcome<Exit> remove_key(Session& session, const std::string& name) {
    // Also one of a provider that is not there any more.
    if (name.contains('/') || name.starts_with('.')) return wrong_usage("that is no name of a provider");
    std::error_code error;
    if (!fs::remove(keys_folder(session) / name, error))
        return failed(Code::not_found, lar::format("there is no key for '{}'", printable(name)),
                      "`lar handoff key list` lists them");
    return done(session, lar::format("The key for {} is removed.", name));
}

Outcome<Exit> list_keys(Session& session) {
    const auto known = TRY(call<wire::ApiHandoffProviders>(*TRY(session.lard()), "GET", "/lar/v1/handoffs/providers"));
    if (session.json()) {
        session.out.line(wire::to_json(known));
        return Exit::ok;
    }
    Table table({{"PROVIDER"}, {"KEY"}});
    std::error_code error;
    for (const wire::ApiHandoffProvider& one : known.providers) {
        const bool there = fs::is_regular_file(keys_folder(session) / one.name, error);
        table.row({one.name, there ? "there" : one.tier == "own" ? "none; it may want none" : "none"});
    }
    session.out.print(table.empty() ? "config.toml names no providers\n" : table.text(session.out));
    return Exit::ok;
}

}  // namespace

Outcome<Exit> run_handoff_key(Session& session, std::span<const std::string> words) {
    const std::string action = words.empty() ? "list" : words[0];
    if (action == "list" && words.size() <= 1) return list_keys(session);
    if (action == "set" && words.size() > 2)
        return wrong_usage(
            "a key is never written on the command line, where other programs and the shell's history see it",
            "lar asks for it, or reads it from standard input. The one that stood there is known now: have "
            "your provider make another");
    if (words.size() == 2 && action == "set") return set_key(session, words[1]);
    if (words.size() == 2 && action == "remove") return remove_key(session, words[1]);
    return wrong_usage("lar handoff key takes list, set NAME or remove NAME");
}

}  // namespace lar::cli
