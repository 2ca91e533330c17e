// A parser with a fault, to show that a fault is found: `./dev fuzz` and ctest fail unless this one crashes.
#include <cstdint>
#include <cstdlib>
#include <cstring>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size >= 4 && std::memcmp(data, "bird", 4) == 0) std::abort();
    return 0;
}
