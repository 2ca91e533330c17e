// What is left out because it is a secret, by name and by content, and is said to be left out.
//
// By name: environment files, private keys, keyrings, password stores, credentials of well-known
// programs, and the folders that hold them. Samples made to be read (`.env.example`, `id_rsa.pub`) are
// not secrets. By content: a text whose first bytes are the header of a private key. Names are compared
// without regard to case. This cannot know every secret; .larignore names the rest.
#pragma once

#include <string>
#include <string_view>

namespace lar::sources {

// The rule that makes this a secret ("environment file", "private key", …), or empty. `path` is the path from
// the top of the walk or an absolute one: some names mean something only below a certain folder.
std::string_view secret_by_name(std::string_view path, bool folder);
// The same for a file of which only the path is known: the folders on the way are asked too.
std::string_view secret_in_path(std::string_view path);
std::string_view secret_by_content(std::string_view text);

}  // namespace lar::sources
