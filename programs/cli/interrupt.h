// Ctrl-C. The first one asks: whoever waits or loops looks at the flag, tidies up and ends. The second one ends at
// once.
#pragma once

#include <atomic>

namespace lar::cli {

// Installs the handlers for SIGINT, SIGTERM and SIGHUP. Called once, by main.
void watch_for_interrupts();
const std::atomic<bool>& interrupted();
// For a program that is talked to, where Ctrl-C ends what it is doing and not itself: forgets the one that came.
// False, and nothing is forgotten, when it was asked to end (SIGTERM, SIGHUP).
bool forget_interrupt();

}  // namespace lar::cli
