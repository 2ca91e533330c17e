// The patterns of .gitignore: `*`, `?`, `[a-z]`, `**`, `\x`, with paths as git's wildmatch has them.
//
// A pattern is matched against a whole path of names joined by slashes. `*`, `?` and a class never match
// a slash; `**` does where it stands for whole names ("**/a", "a/**", "a/**/b"), and is a `*` elsewhere.
// A class that is never closed matches nothing. Matching takes time proportional to pattern times path
// at worst, whatever the pattern.
#pragma once

#include <string_view>

namespace lar::sources {

bool glob_matches(std::string_view pattern, std::string_view path);
// Whether the text holds a character that means something in a pattern.
bool has_wildcard(std::string_view text);

}  // namespace lar::sources
