// A zip held in memory, whose parts are asked for by name: what office documents and EPUBs are.
//
// Opening reads the names alone. A part is unpacked when it is asked for, up to a limit, and is never written anywhere;
// names are compared and shown, never used as paths. Too many parts are too_large, an encrypted part is denied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lar::documents {

inline constexpr std::size_t limit_package_parts = 20'000;
inline constexpr std::size_t limit_part_bytes = 16 * 1024 * 1024;              // held in memory
inline constexpr std::uint64_t limit_streamed_part_bytes = 512 * 1024 * 1024;  // read as it comes

class Package {
public:
    // `bytes` must outlive it.
    static Result<Package> open(std::string_view bytes);

    bool has(std::string_view name) const;
    const std::vector<std::string>& names() const { return names_; }

    // not_found when there is no such part.
    Result<std::string> read(std::string_view name, std::size_t limit_bytes = limit_part_bytes) const;
    Result<> stream(std::string_view name, const std::function<Result<>(std::string_view)>& take,
                    std::uint64_t limit_bytes = limit_streamed_part_bytes) const;

private:
    explicit Package(std::string_view bytes) : bytes_(bytes) {}

    std::string_view bytes_;
    std::vector<std::string> names_;
};

// The part that `target` means when `base` says it: "slides/slide1.xml" in "ppt/presentation.xml".
std::string resolve(std::string_view base, std::string_view target);

class XmlHandler;
// One part read as XML.
Result<> read_xml(const Package& package, std::string_view name, XmlHandler& handler);

}  // namespace lar::documents
