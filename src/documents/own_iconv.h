// poppler makes its texts UTF-16 through the C library's iconv, which loads a module from a folder of the system's for
// that: one that a locked-down reader cannot see, and on another system one that does not fit this program's C library.
// So own_iconv.cpp takes the place of iconv for the whole program. It knows UTF-8 to UTF-16LE; for everything else it
// says EINVAL, as iconv does for character sets that are not there.
#pragma once

namespace lar::documents {

// Only so that a program which needs it is linked with it.
void use_own_iconv();

}  // namespace lar::documents
