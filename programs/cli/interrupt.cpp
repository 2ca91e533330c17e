#include "interrupt.h"

#include <csignal>
#include <initializer_list>

namespace lar::cli {
namespace {

// A signal handler can reach nothing but what is global.
std::atomic<bool> asked_to_stop = false;
std::atomic<bool> asked_to_end = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void on_signal(int number) {
    if (number != SIGINT) asked_to_end = true;
    if (asked_to_stop.exchange(true)) {
        std::signal(number, SIG_DFL);
        std::raise(number);
    }
}

}  // namespace

void watch_for_interrupts() {
    struct sigaction action = {};
    action.sa_handler = on_signal;
    // No SA_RESTART: a blocking read returns, and the flag is looked at.
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(number, &action, nullptr);
}

const std::atomic<bool>& interrupted() { return asked_to_stop; }

bool forget_interrupt() {
    if (asked_to_end) return false;
    asked_to_stop = false;
    return true;
}

}  // namespace lar::cli
