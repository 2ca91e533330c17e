#include "models/split.h"

#include <algorithm>
#include <string>

#include "base/format.h"
#include "wire/engine.h"

namespace lar::models {

Result<std::vector<std::filesystem::path>> split_files(const std::filesystem::path& any, std::uint32_t parts) {
    const std::string name = any.filename().string();
    const std::string end = lar::format("-of-{:05}.gguf", parts);
    constexpr std::size_t digits = 5;
    const bool says_which = name.ends_with(end) && name.size() > end.size() + digits &&
                            std::ranges::all_of(name.substr(name.size() - end.size() - digits, digits),
                                                [](char c) { return c >= '0' && c <= '9'; }) &&
                            name[name.size() - end.size() - digits - 1] == '-';
    if (!says_which)
        return fail(
            Code::invalid,
            lar::format("{} is one of {} files of a model, and its name does not say which: it must end in -00001{}",
                        any.string(), parts, end));
    if (parts > wire::limit_model_parts)
        return fail(Code::too_large, lar::format("{} is one of {} files of a model, {} at most", any.string(), parts,
                                                 wire::limit_model_parts));
    std::vector<std::filesystem::path> out;
    const std::string stem = name.substr(0, name.size() - end.size() - digits);
    for (std::uint32_t part = 1; part <= parts; ++part)
        out.push_back(any.parent_path() / lar::format("{}{:05}{}", stem, part, end));
    return out;
}

}  // namespace lar::models
