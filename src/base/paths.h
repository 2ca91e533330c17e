// Where Lar keeps things: the XDG base directories, or everything under $LAR_HOME when that is set
// (then config/, data/, state/, cache/ and run/ below it; what tests and the demo use).
#pragma once

#include <filesystem>

#include "base/result.h"

namespace lar {

struct Paths {
    std::filesystem::path config;   // ~/.config/lar: config.toml
    std::filesystem::path data;     // ~/.local/share/lar: lar.db, token
    std::filesystem::path state;    // ~/.local/state/lar: logs
    std::filesystem::path cache;    // ~/.cache/lar: derived, may be deleted at any time
    std::filesystem::path runtime;  // $XDG_RUNTIME_DIR/lar: the socket and the lock

    std::filesystem::path database() const { return data / "lar.db"; }
    std::filesystem::path token() const { return data / "token"; }
    std::filesystem::path log() const { return state / "lard.log"; }
    std::filesystem::path socket() const { return runtime / "lar.sock"; }
    std::filesystem::path lock() const { return runtime / "lard.lock"; }
};

// invalid when neither $LAR_HOME nor $HOME names a directory.
Result<Paths> user_paths();
// Makes the five directories, 0700 each.
Result<> make_directories(const Paths& paths);

}  // namespace lar
