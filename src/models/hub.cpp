// Which files of a repository are the model that somebody named.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "base/format.h"
#include "base/text.h"
#include "models/layout.h"
#include "models/registries.h"

namespace lar::models {
namespace {

constexpr std::size_t limit_files = 10'000;
constexpr std::size_t limit_parts = 512;
constexpr std::size_t limit_file_name_bytes = 512;
constexpr std::size_t limit_listed = 40;
constexpr std::string_view usual_quantization = "q4_k_m";
constexpr std::string_view gguf_ending = ".gguf";

bool in_word(char c) { return is_digit(c) || is_lower(c) || is_upper(c) || c == '_'; }

// "MODEL-00001-of-00003.gguf" → the first part's name without its number, and the numbers.
struct SplitName {
    std::string stem;
    std::uint32_t part = 0, parts = 0;
};
std::optional<SplitName> split_name(std::string_view file) {
    constexpr std::size_t digits = 5;
    constexpr std::string_view between = "-of-";
    constexpr std::size_t tail = 1 + digits + between.size() + digits;
    file.remove_suffix(gguf_ending.size());
    if (file.size() <= tail) return std::nullopt;
    const std::string_view numbers = file.substr(file.size() - tail);
    SplitName out{.stem = std::string(file.substr(0, file.size() - tail))};
    const auto read = [](std::string_view text, std::uint32_t& value) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        return error == std::errc() && end == text.data() + text.size();
    };
    if (numbers.front() != '-' || numbers.substr(1 + digits, between.size()) != between ||
        !read(numbers.substr(1, digits), out.part) || !read(numbers.substr(tail - digits), out.parts))
        return std::nullopt;
    return out;
}

// The word in a file's name that says how it is quantized: the last one that looks so.
std::string quantization_of(std::string_view stem) {
    std::string found;
    for (std::size_t at = 0; at < stem.size();) {
        std::size_t end = at;
        while (end < stem.size() && in_word(stem[end])) ++end;
        const std::string word = to_lower_ascii(stem.substr(at, end - at));
        const auto begins = [&](std::string_view with) {
            return word.starts_with(with) && word.size() > with.size() && is_digit(word[with.size()]);
        };
        if (begins("q") || begins("iq") || begins("tq") || begins("bf") || begins("f") || begins("mxfp"))
            found = std::string(stem.substr(at, end - at));
        at = end + 1;
    }
    return found;
}

// One model of the repository: a file, or the parts of one.
struct Candidate {
    std::string stem, quantization;
    std::uint32_t parts = 1;
    std::map<std::uint32_t, const wire::HubFile*> files;

    std::string name() const { return files.begin()->second->rfilename; }
    bool complete() const {
        return files.size() == parts && files.begin()->first == 1 && files.rbegin()->first == parts;
    }
};

std::vector<Candidate> candidates_in(const wire::HubRepository& repository) {
    std::map<std::string, Candidate> found;
    for (const wire::HubFile& file : repository.siblings) {
        const std::string lower = to_lower_ascii(file.rfilename);
        const std::string base = lower.substr(lower.rfind('/') + 1);
        const bool plain = file.rfilename.size() <= limit_file_name_bytes && is_utf8(file.rfilename);
        // What goes beside a model is none: the eyes of one that sees, and what was measured to quantize it.
        if (!plain || !lower.ends_with(gguf_ending) || base.contains("mmproj") || base.contains("imatrix")) continue;
        const auto split = split_name(file.rfilename);
        const std::string stem =
            split ? split->stem : file.rfilename.substr(0, file.rfilename.size() - gguf_ending.size());
        Candidate& one = found[stem];
        one.stem = stem;
        one.quantization = quantization_of(stem);
        one.parts = split ? split->parts : 1;
        one.files[split ? split->part : 1] = &file;
    }
    std::vector<Candidate> out;
    for (auto& [stem, one] : found) out.push_back(std::move(one));
    return out;
}

std::string listed(const std::vector<const Candidate*>& candidates) {
    std::set<std::string> names;
    for (const Candidate* one : candidates) names.insert(one->quantization.empty() ? one->name() : one->quantization);
    // Two of one name are told apart by their files.
    if (names.size() < candidates.size()) {
        names.clear();
        for (const Candidate* one : candidates) names.insert(one->name());
    }
    std::string text;
    std::size_t count = 0;
    for (const std::string& name : names) {
        if (count == limit_listed) return text + lar::format(" and {} more", names.size() - count);
        text += (count++ == 0 ? "" : ", ") + printable(name);
    }
    return text;
}

Result<const Candidate*> choose(const std::vector<Candidate>& all, const Reference& reference) {
    const std::string repository = lar::format("{}/{}", reference.name_space, reference.name);
    if (all.empty())
        return fail(Code::not_found, lar::format("{} has no GGUF file, which is all that Lar runs", repository));
    const std::string wanted = to_lower_ascii(reference.tag);
    const bool named = wanted != default_tag;
    std::vector<const Candidate*> fitting, everything;
    for (const Candidate& one : all) {
        everything.push_back(&one);
        const std::string file = to_lower_ascii(one.name().substr(one.name().rfind('/') + 1));
        if (named && (file == wanted || file == wanted + std::string(gguf_ending))) return &one;
        if (to_lower_ascii(one.quantization) == (named ? wanted : usual_quantization)) fitting.push_back(&one);
    }
    if (!named && all.size() == 1) return everything.front();
    if (fitting.size() == 1) return fitting.front();
    if (fitting.empty() && named)
        return fail(Code::not_found, lar::format("{} has no '{}'; it has: {}", repository, printable(reference.tag),
                                                 listed(everything)));
    return fail(Code::conflict, lar::format("{} has several: say which, as hf:{}:NAME with one of: {}", repository,
                                            repository, listed(fitting.empty() ? everything : fitting)));
}

}  // namespace

std::string listing_target(const Reference& reference) {
    return lar::format("/api/models/{}/{}?blobs=true", percent_encoded(reference.name_space),
                       percent_encoded(reference.name));
}

std::string file_target(const Reference& reference, std::string_view commit, std::string_view file) {
    std::string out = lar::format("/{}/{}/resolve/{}", percent_encoded(reference.name_space),
                                  percent_encoded(reference.name), percent_encoded(commit));
    for (const std::string_view part : split(file, '/')) out += "/" + percent_encoded(part);
    return out;
}

Result<HubModel> choose_model(const wire::HubRepository& repository, const Reference& reference) {
    if (repository.siblings.size() > limit_files)
        return fail(Code::too_large, lar::format("the repository has more than {} files", limit_files));
    const std::vector<Candidate> all = candidates_in(repository);
    const Candidate& chosen = *TRY(choose(all, reference));
    if (!chosen.complete() || chosen.parts > limit_parts)
        return fail(Code::corrupt, lar::format("the parts of {} are not all there", printable(chosen.name())));
    HubModel out{.commit = repository.sha.value_or("main"), .quantization = chosen.quantization};
    for (const auto& [part, file] : chosen.files) {
        const Result<std::string> hex =
            hex_of("sha256:" + file->lfs.value_or(wire::HubLargeFile{}).sha256.value_or(""));
        const std::uint64_t size = file->lfs ? file->lfs->size.value_or(0) : 0;
        if (!hex || size == 0 || size > limit_layer_bytes)
            return fail(Code::corrupt, lar::format("the hash of {} is not given, so it could not be checked",
                                                   printable(file->rfilename)));
        out.parts.push_back({file->rfilename, *hex, size});
    }
    return out;
}

}  // namespace lar::models
