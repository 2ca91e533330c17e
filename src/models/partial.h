// A blob on its way in: what has come of it lies in partial/sha256-HEX, and stays there over interruptions, kill -9 and
// restarts until all of it has come and its hash is right.
//
// One pull holds it at a time (a lock on the file); what another one began is taken up.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"
#include "models/blobs.h"

namespace lar::models {

class PartialBlob {
public:
    // What nobody asked for any more is removed so long after it last grew.
    static constexpr std::int64_t kept_us = 14 * us_per_day;

    // conflict while another pull has it.
    static Result<PartialBlob> open(const std::filesystem::path& folder, const std::string& hex,
                                    std::uint64_t size_bytes);

    const std::string& hex() const { return hex_; }
    std::uint64_t size_bytes() const { return size_bytes_; }  // of the whole
    Result<std::uint64_t> bytes_there() const;
    int descriptor() const { return file_.number(); }

    // Forgets what has come.
    Result<> restart();
    // conflict when the bytes are not those of its name: they are removed then, because nothing can be done with them.
    Result<> verify(const Advance& advance);
    // Renames it to its place, synced; after verify().
    Result<> move_to(const std::filesystem::path& place);

    // Where they lie.
    static std::filesystem::path folder_in(const std::filesystem::path& models) { return models / "partial"; }

private:
    PartialBlob(std::filesystem::path path, std::string hex, std::uint64_t size_bytes, Fd file)
        : path_(std::move(path)), hex_(std::move(hex)), size_bytes_(size_bytes), file_(std::move(file)) {}

    std::filesystem::path path_;
    std::string hex_;
    std::uint64_t size_bytes_ = 0;
    Fd file_;
};

}  // namespace lar::models
