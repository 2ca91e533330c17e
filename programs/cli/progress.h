// A bar on the terminal while something takes long. Where standard error is not a terminal it prints nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "output.h"

namespace lar::cli {

class Progress {
public:
    explicit Progress(Output& output) : output_(output) {}
    ~Progress() { clear(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // total 0: not known yet. Draws over what it drew before.
    void show(std::string_view label, std::uint64_t done, std::uint64_t total, std::string_view unit,
              std::string_view detail = {});
    void clear();

private:
    Output& output_;
    bool drawn_ = false;
};

// "project  history  ━━━━━━╌╌╌╌  1,200 of 4,000 commits  12 MB", not wider than `columns`.
std::string progress_line(std::string_view label, std::uint64_t done, std::uint64_t total, std::string_view unit,
                          std::string_view detail, std::size_t columns);

}  // namespace lar::cli
