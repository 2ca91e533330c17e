#include "authorities.h"

#include <array>

#include "base/fd.h"
#include "base/format.h"

namespace lar::courier {
namespace {

constexpr std::size_t limit_authorities_bytes = 8 * 1024 * 1024;

// Debian and its relatives, Fedora and its, SUSE, Alpine, others.
constexpr std::array<const char*, 6> usual_places = {"/etc/ssl/certs/ca-certificates.crt",
                                                     "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                                                     "/etc/pki/tls/certs/ca-bundle.crt",
                                                     "/etc/ssl/ca-bundle.pem",
                                                     "/etc/pki/tls/cacert.pem",
                                                     "/etc/ssl/cert.pem"};

}  // namespace

std::vector<std::filesystem::path> places_of_authorities(const wire::Order& order) {
    if (order.scheme == wire::Scheme::http) return {};
    if (!order.certificates.empty()) return {order.certificates};
    return {usual_places.begin(), usual_places.end()};
}

Result<std::string> read_authorities(const wire::Order& order) {
    if (order.scheme == wire::Scheme::http) return std::string();
    for (const std::filesystem::path& place : places_of_authorities(order))
        if (Result<std::string> bytes = read_file(place, limit_authorities_bytes); bytes && !bytes->empty())
            return bytes;
    return fail(
        Code::unavailable,
        order.certificates.empty()
            ? std::string("this system has no list of certificate authorities, so no server can be told from an "
                          "impostor: install ca-certificates, or name the list in SSL_CERT_FILE")
            : lar::format("the list of certificate authorities {} cannot be read, so no server can be told from "
                          "an impostor",
                          order.certificates));
}

}  // namespace lar::courier
