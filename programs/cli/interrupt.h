// Ctrl-C. The first one asks: whoever waits or loops looks at the flag, tidies up and ends. The second one ends at
// once.
#pragma once

#include <atomic>

namespace lar::cli {

// Installs the handlers for SIGINT, SIGTERM and SIGHUP. Called once, by main.
void watch_for_interrupts();
const std::atomic<bool>& interrupted();
// What was to end has ended, and the program goes on: the next Ctrl-C is the first one again.
void forget_interrupt();

}  // namespace lar::cli
