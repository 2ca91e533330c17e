// How people name a model: [HOST/][NAMESPACE/]NAME[:TAG], as Ollama does.
//
// What is left out has Ollama's default: the tag "latest", the namespace "library" and the host under which
// Ollama files what comes from nowhere else. A host is a folder's name here; which server that is when a model is
// pulled, models/registries.h says. "hf:OWNER/REPOSITORY:TAG" is another way to write a repository of that hub. Names
// keep the case in which they were given and are found in any.
//
// Refused, each with its sentence: an empty part, a character or a length that a part may not have, a digest, an
// address
// ("https://…").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lar::models {

// The folder of every Ollama store that holds what people name without a host, and the one for what comes from the hub.
inline constexpr std::string_view default_host = "registry.ollama.ai";
inline constexpr std::string_view hub_host = "hf.co";
// The same hub by its long name, under which its files are served. These three stand here and nowhere else.
inline constexpr std::string_view hub_server = "huggingface.co";
inline constexpr std::string_view default_namespace = "library";
inline constexpr std::string_view default_tag = "latest";
inline constexpr std::size_t limit_part_bytes = 80;
inline constexpr std::size_t limit_host_bytes = 255;  // it is the name of a folder

struct Reference {
    std::string host, name_space, name, tag;
};

Result<Reference> parse_reference(std::string_view text);

// Whether the text may stand there; a store's folders are asked too.
enum class Part { host, name_space, name, tag };
bool may_be(Part part, std::string_view text);

// All four parts: "registry…/library/llama3.2:latest".
std::string canonical(const Reference& reference);
// Without the defaults, always with the tag: "llama3.2:latest". It parses to the same reference.
std::string short_form(const Reference& reference);
// The canonical form in lower case: equal for names that are the same model.
std::string key_of(const Reference& reference);

}  // namespace lar::models
