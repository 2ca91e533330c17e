#include "models/registries.h"

#include <algorithm>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "models/layout.h"

namespace lar::models {
namespace {

constexpr std::size_t limit_challenge_fields = 16;

bool is_hub(std::string_view host) { return host == hub_host || host == hub_server; }

// The last two names of a host: "auth.models.example" and "models.example" are neighbours.
std::string_view domain_of(std::string_view host) {
    const std::size_t last = host.rfind('.');
    if (last == std::string_view::npos || last == 0) return host;
    const std::size_t before = host.rfind('.', last - 1);
    return before == std::string_view::npos ? host : host.substr(before + 1);
}

bool may_speak_for(const WebAddress& other, const WebAddress& server) {
    if (is_this_machine(server.host)) return is_this_machine(other.host);
    if (other.scheme != wire::Scheme::https || is_this_machine(other.host)) return false;
    return other.host == server.host || domain_of(other.host) == domain_of(server.host);
}

// The value of name="value" among them.
std::optional<std::string> challenge_field(std::string_view fields, std::string_view name) {
    for (std::size_t i = 0; i < limit_challenge_fields && !fields.empty(); ++i) {
        fields = trim(fields);
        const std::size_t equals = fields.find('=');
        if (equals == std::string_view::npos || fields.substr(equals + 1, 1) != "\"") return std::nullopt;
        const std::size_t end = fields.find('"', equals + 2);
        if (end == std::string_view::npos) return std::nullopt;
        if (to_lower_ascii(trim(fields.substr(0, equals))) == name)
            return std::string(fields.substr(equals + 2, end - equals - 2));
        fields.remove_prefix(end + 1);
        fields = trim(fields);
        if (fields.starts_with(',')) fields.remove_prefix(1);
    }
    return std::nullopt;
}

}  // namespace

Result<Source> source_of(std::string_view name, const Servers& servers, Transport transport) {
    Source out{.reference = TRY(parse_reference(name))};
    const std::string host = to_lower_ascii(out.reference.host);
    out.kind = is_hub(host) ? RegistryKind::hub : RegistryKind::registry;
    out.usual = host == default_host || is_hub(host);
    const std::string& instead = out.kind == RegistryKind::hub ? servers.hub : servers.registry;
    if (out.usual && !instead.empty()) {
        out.server = TRY(parse_web_address(instead));
        if (out.server.scheme == wire::Scheme::http && !is_this_machine(out.server.host))
            return fail(Code::denied,
                        lar::format("the settings name {}, and Lar speaks plain http with this machine only", instead));
        return out;
    }
    const bool plain = transport == Transport::plain_on_this_machine;
    out.server = TRY(parse_authority(plain ? wire::Scheme::http : wire::Scheme::https,
                                     out.kind == RegistryKind::hub ? hub_server : std::string_view(host)));
    if (plain && !is_this_machine(out.server.host))
        return fail(Code::denied, lar::format("'insecure' is for servers on this machine, and {} is none", host));
    return out;
}

std::string manifest_target(const Reference& reference) {
    return lar::format("/v2/{}/{}/manifests/{}", percent_encoded(reference.name_space), percent_encoded(reference.name),
                       percent_encoded(reference.tag));
}

std::string blob_target(const Reference& reference, std::string_view hex) {
    return lar::format("/v2/{}/{}/blobs/{}", percent_encoded(reference.name_space), percent_encoded(reference.name),
                       digest_of(hex));
}

Result<WebAddress> token_address(std::string_view challenge, const WebAddress& server) {
    constexpr std::string_view scheme = "bearer ";
    if (to_lower_ascii(challenge.substr(0, scheme.size())) != scheme)
        return fail(Code::denied, lar::format("{} lets nobody in whom it does not know", server.host));
    challenge.remove_prefix(scheme.size());
    const std::optional<std::string> realm = challenge_field(challenge, "realm");
    const Result<WebAddress> address = parse_web_address(realm.value_or(""));
    if (!address) return fail(Code::corrupt, lar::format("{} does not say where its tokens are", server.host));
    if (!may_speak_for(*address, server))
        return fail(Code::denied, lar::format("{} says that its tokens are at {}, which is none of its own",
                                              server.host, address->host));
    WebAddress out = *address;
    for (const std::string_view name : {"service", "scope"})
        if (const auto value = challenge_field(challenge, name); value && !value->empty())
            out.target += lar::format("{}{}={}", out.target.contains('?') ? "&" : "?", name, percent_encoded(*value));
    return out;
}

}  // namespace lar::models
