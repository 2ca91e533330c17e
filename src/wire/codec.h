// Between wire structs and JSON: the one codec for IPC, HTTP and the page's types.
//
// Defined in the .cpp beside each channel's header for that channel's types only, so that glaze is
// compiled a few times and not everywhere. Decoding is strict: an unknown key, a missing required
// one, a value out of range or trailing bytes are `invalid`, with the place in the message. A field
// with a std::optional or a declared default may be left out.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace lar::wire {

template <class T>
std::string to_json(const T& value);

template <class T>
Result<T> from_json(std::string_view json);

}  // namespace lar::wire
