// config.toml, as bytes: it is taken with every value within its bounds, or refused with a sentence in UTF-8.
#include "../programs/lard/settings.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"

namespace {

using namespace lar;

bool is_named(const consent::Settings& settings, std::string_view name) {
    return name.empty() || consent::find_provider(settings, name) != nullptr;
}

void hold(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto settings = lard::settings_in({reinterpret_cast<const char*>(data), size}, "config.toml");
    if (!settings) {
        const Error& error = settings.error();
        hold(error.code != Code::internal && !error.message.empty() && is_utf8(error.message));
        hold(std::ranges::none_of(error.message, [](char c) { return static_cast<unsigned char>(c) < ' '; }));
        return 0;
    }
    const consent::Settings& consent = settings->consent;
    hold(settings->port > 0 && settings->file_size_limit_bytes > 0 && settings->parallel == 0);
    hold(is_named(consent, consent.listed) && is_named(consent, consent.routing.provider));
    hold(!consent.watts || *consent.watts > 0);
    hold(consent.routing.entropy_limit > 0 && consent.routing.entropy_limit <= 30);
    const double disagreement = consent.routing.disagreement_limit.value_or(0);
    hold(disagreement >= 0 && disagreement <= 1);
    hold(consent.providers.size() <= consent::limit_providers);
    for (const consent::Provider& provider : consent.providers) {
        hold(!provider.name.empty() && !provider.host.empty() && !provider.model.empty() && provider.port > 0);
        hold(provider.path.starts_with('/') && provider.dollars_per_million_in >= 0);
    }
    return 0;
}
