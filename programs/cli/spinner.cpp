#include "spinner.h"

#include <array>
#include <chrono>

#include "base/format.h"

namespace lar::cli {
namespace {

constexpr auto pause = std::chrono::milliseconds(120);
constexpr std::array<std::string_view, 8> shapes = {"⠋", "⠙", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇"};

}  // namespace

Spinner::Spinner(Output& output, std::string_view what) : output_(output), what_(what) {
    if (output_.interactive()) thread_ = std::jthread([this](const std::stop_token& stopped) { turn(stopped); });
}

void Spinner::turn(const std::stop_token& stopped) {
    bool drawn = false;
    for (std::size_t i = 0;; ++i) {
        std::unique_lock lock(lock_);
        wake_.wait_for(lock, stopped, pause, [] { return false; });
        if (stopped.stop_requested()) break;
        output_.print(shortened(lar::format("\r{} {}", shapes[i % shapes.size()], what_), output_.columns() - 1));
        drawn = true;
    }
    if (drawn) output_.print("\r\033[K");
}

void Spinner::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

}  // namespace lar::cli
