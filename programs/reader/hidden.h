// What the reader may not see is not there, rather than forbidden.
//
// A repository's own configuration may name files elsewhere (include.path, core.excludesFile). Git goes on where such a
// file is missing; libgit2 gives up where opening it is refused, as Landlock does. So hidden.cpp takes the place of the
// C library's open() for this program, and says ENOENT instead of EACCES for what is outside the repository's places.
// It makes nothing visible: the kernel has refused before.
#pragma once

#include <string>
#include <vector>

namespace lar::reader {

// Once, before the lock-down: absolute directories.
void set_visible_places(std::vector<std::string> places);
bool is_visible(const char* path);

}  // namespace lar::reader
