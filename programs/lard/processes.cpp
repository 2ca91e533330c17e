#include "processes.h"

#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <charconv>

#include "base/fd.h"
#include "base/format.h"
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
    const std::string statm = read_proc(lar::format("/proc/{}/statm", pid));  // pages: size resident …
    if (const std::size_t space = statm.find(' '); space != std::string::npos)
        facts.rss_bytes =
            number_at(std::string_view(statm).substr(space)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const std::string rollup = read_proc(lar::format("/proc/{}/smaps_rollup", pid));
    if (const std::size_t pss = rollup.find("\nPss:"); pss != std::string::npos)
        facts.pss_bytes = number_at(std::string_view(rollup).substr(pss + 5)) * 1024;
    for (const std::string_view layer : split(layers, ','))
        if (!trim(layer).empty()) facts.layers.emplace_back(trim(layer));
    return facts;
}

void release_program_pages() {
    const auto release = [](dl_phdr_info* object, std::size_t, void*) {
        const std::uintptr_t page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        for (std::size_t i = 0; i < object->dlpi_phnum; ++i) {
            const auto& segment = object->dlpi_phdr[i];
            // A writable segment holds relocations, also where it was made read-only later: it cannot be had again.
            if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
            const std::uintptr_t first = (object->dlpi_addr + segment.p_vaddr + page - 1) / page * page;
            const std::uintptr_t end = (object->dlpi_addr + segment.p_vaddr + segment.p_memsz) / page * page;
            if (first < end) ::madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
        }
        return 0;
    };
    ::dl_iterate_phdr(release, nullptr);
}

}  // namespace lar::lard
