// What a Modelfile's PARAMETER lines and a request's options may set: names, kinds and ranges, in one table.
//
// Every value is checked where it comes in, by the name that people wrote; an unknown name is refused with the
// nearest known one. Parameters that older runtimes had and no engine knows any more are refused by name, never
// ignored. The three that choose among devices and ways of mapping (num_gpu, main_gpu, use_mmap) are kept for the
// engine to use or not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/models.h"

namespace lar::models {

// Whether options may have this name. For requests of clients that send what older runtimes knew.
bool is_parameter(std::string_view name);

// From the text of a Modelfile. `stop` may be set again and again, each adds one.
Result<> set_parameter(wire::ModelOptions& options, std::string_view name, std::string_view text);

// From JSON: an object as requests and stores have it. Unknown names are an error (requests), or are told in
// `skipped` (what another program wrote).
Result<wire::ModelOptions> options_from_json(std::string_view json);
struct StoredOptions {
    wire::ModelOptions options;
    std::vector<std::string> skipped;  // a sentence each
};
Result<StoredOptions> stored_options_from_json(std::string_view json);

// `over` where it says something, `under` elsewhere.
wire::ModelOptions merge(wire::ModelOptions under, const wire::ModelOptions& over);

// Name and value of each that is set, in the table's order; `stop` once for each string. Strings are bare.
struct ParameterLine {
    std::string name, value;
};
std::vector<ParameterLine> lines_of(const wire::ModelOptions& options);

}  // namespace lar::models
