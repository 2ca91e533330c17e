#include "processes.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <format>

#include "base/fd.h"
#include "base/text.h"

namespace lar::lard {
namespace {

// A file of /proc: its size is reported as 0, so read_file cannot know it.
std::string read_proc(const std::string& path) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string text(8192, '\0');
    const ssize_t n = fd ? ::read(fd.number(), text.data(), text.size()) : 0;
    text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return text;
}

std::uint64_t number_at(std::string_view text) {
    text = trim(text);
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

wire::ApiProcess process_facts(std::string name, pid_t pid, std::string layers) {
    wire::ApiProcess facts{.name = std::move(name), .pid = pid};
    const std::string statm = read_proc(std::format("/proc/{}/statm", pid));  // pages: size resident …
    if (const std::size_t space = statm.find(' '); space != std::string::npos)
        facts.rss_bytes = number_at(std::string_view(statm).substr(space)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const std::string rollup = read_proc(std::format("/proc/{}/smaps_rollup", pid));
    if (const std::size_t pss = rollup.find("\nPss:"); pss != std::string::npos)
        facts.pss_bytes = number_at(std::string_view(rollup).substr(pss + 5)) * 1024;
    for (const std::string_view layer : split(layers, ','))
        if (!trim(layer).empty()) facts.layers.emplace_back(trim(layer));
    return facts;
}

}  // namespace lar::lard
