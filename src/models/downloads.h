// The blobs of a pull that are not there yet: fetched several at once, each resumed and tried again, told line by line.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "models/catalogue.h"
#include "models/errand.h"
#include "models/partial.h"
#include "models/pull.h"

namespace lar::models {

struct WantedBlob {
    std::string hex;
    std::uint64_t size_bytes = 0;
    std::string target;  // what to ask the server for
};

// All of them, complete and with the hashes that they are to have, but not at their places yet. What is there already
// is passed over. unavailable, with figures, when there is no room.
Result<std::vector<PartialBlob>> download(const std::vector<WantedBlob>& wanted, Errand& errand, Catalogue& catalogue,
                                          const Puller::Options& options, const TellPull& tell);

}  // namespace lar::models
