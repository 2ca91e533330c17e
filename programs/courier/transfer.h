// The one request of an order, over libcurl, to the addresses that were looked up.
//
// libcurl gets no choice: the address, the scheme, HTTP/1.1, the authorities to trust and every header are given; it
// follows no redirect, keeps no cookie, reads no file (.netrc, settings), uses no proxy but the order's. What comes is
// counted, hashed and written where the order says; what is over the order's limit ends it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "wire/courier.h"

namespace lar::courier {

// What libcurl and OpenSSL read once, before there is any order.
Result<> prepare_libraries();
// What libcurl finds out about the machine, whether there are sockets of IPv6 among it, so it takes lard's leave: after
// the order has come and before the lock-down, which leaves no such sockets.
using Libcurl = std::unique_ptr<void, void (*)(void*)>;
Result<Libcurl> prepare_libcurl();

struct Cargo {
    std::string payload;      // checked
    Fd file;                  // at the place to go on from
    std::string authorities;  // to trust
    std::string secret;       // checked; wiped by whoever made it
};
// Counts also where the transfer fails.
struct Tally {
    std::uint64_t bytes_in = 0, bytes_out = 0;
    std::string address;
};
// Told how many bytes came, now and then; an error from it ends the transfer.
using TellProgress = std::function<Result<>(std::uint64_t bytes_in)>;

Result<wire::CourierDelivered> carry(Libcurl& libcurl, const wire::Order& order, const Cargo& cargo,
                                     const std::vector<std::string>& addresses, const TellProgress& tell, Tally& tally);

}  // namespace lar::courier
