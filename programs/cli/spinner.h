// A sign of life on the terminal while there is nothing to say yet. Elsewhere it prints nothing.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "output.h"

namespace lar::cli {

class Spinner {
public:
    // Nothing is drawn at first, so that what comes at once does not flicker.
    Spinner(Output& output, std::string_view what);
    ~Spinner() { stop(); }
    Spinner(const Spinner&) = delete;
    Spinner& operator=(const Spinner&) = delete;

    // What was drawn is gone when this returns. May be called again.
    void stop();

private:
    void turn(const std::stop_token& stopped);

    Output& output_;
    std::string what_;
    std::mutex lock_;
    std::condition_variable_any wake_;
    std::jthread thread_;
};

}  // namespace lar::cli
