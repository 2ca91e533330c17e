// Without <fcntl.h>: hardened builds define open() there, and this file does too.
#include "hidden.h"

#include <asm/fcntl.h>
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>

// Found before the C library's by libgit2, because the program comes first.
extern "C" int open(const char* path, int flags, ...) {
    unsigned mode = 0;
    if ((flags & O_CREAT) != 0) {
        std::va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, unsigned);
        va_end(rest);
    }
    constexpr int here = -100;  // AT_FDCWD
    const long fd = ::syscall(SYS_openat, here, path, flags, mode);
    if (fd < 0 && errno == EACCES && !lar::reader::is_visible(path)) errno = ENOENT;
    return static_cast<int>(fd);
}
