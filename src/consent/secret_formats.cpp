#include "consent/secret_formats.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace lar::consent {
namespace {

constexpr std::size_t limit_token_bytes = 16 * 1024;
constexpr std::size_t limit_key_block_bytes = 64 * 1024;
constexpr std::size_t least_key_line = 20;

enum class Of : std::uint8_t { hex, lower_base32, upper_base32, digits, upper_alnum, alnum, word, base64url, base64 };

constexpr bool is_of(Of set, char c) {
    switch (set) {
        case Of::hex: return is_digit(c) || (c >= 'a' && c <= 'f');
        case Of::lower_base32: return is_lower(c) || (c >= '2' && c <= '7');
        case Of::upper_base32: return is_upper(c) || (c >= '2' && c <= '7');
        case Of::digits: return is_digit(c);
        case Of::upper_alnum: return is_upper(c) || is_digit(c);
        case Of::alnum: return is_alnum(c);
        case Of::word: return is_word(c);
        case Of::base64url: return is_word(c) || c == '-';
        case Of::base64: return is_alnum(c) || c == '+' || c == '/' || c == '=';
    }
    return false;
}

// A token that begins so and goes on with at least so many of these characters; `most` 0: as far as they go.
struct Prefix {
    std::string_view begins;
    Of set;
    std::uint16_t least, most;
    std::string_view reason;
};

// Grouped by issuer. The counts leave room where an issuer has changed them before.
constexpr std::array prefixes = std::to_array<Prefix>({
    {"AKIA", Of::upper_alnum, 16, 16, "AWS access key id"},
    {"ASIA", Of::upper_alnum, 16, 16, "AWS access key id"},
    {"ABIA", Of::upper_alnum, 16, 16, "AWS access key id"},
    {"ACCA", Of::upper_alnum, 16, 16, "AWS access key id"},
    {"ABSK", Of::base64, 100, 0, "AWS Bedrock key"},
    {"FwoGZXIvYXdz", Of::base64, 60, 0, "AWS session token"},
    {"IQoJb3JpZ2lu", Of::base64, 60, 0, "AWS session token"},
    {"AIza", Of::base64url, 33, 36, "Google API key"},
    {"GOCSPX-", Of::base64url, 24, 32, "Google OAuth client secret"},
    {"ya29.", Of::base64url, 20, 0, "Google OAuth token"},
    {"1//", Of::base64url, 30, 0, "Google OAuth refresh token"},
    {"ghp_", Of::alnum, 30, 0, "GitHub token"},
    {"gho_", Of::alnum, 30, 0, "GitHub token"},
    {"ghu_", Of::alnum, 30, 0, "GitHub token"},
    {"ghs_", Of::word, 30, 0, "GitHub token"},
    {"ghr_", Of::alnum, 30, 0, "GitHub token"},
    {"github_pat_", Of::word, 40, 0, "GitHub token"},
    {"glpat-", Of::base64url, 18, 0, "GitLab token"},
    {"gldt-", Of::base64url, 18, 0, "GitLab deploy token"},
    {"glrt-", Of::base64url, 18, 0, "GitLab runner token"},
    {"glrtr-", Of::base64url, 18, 0, "GitLab runner token"},
    {"glcbt-", Of::base64url, 18, 0, "GitLab job token"},
    {"glptt-", Of::base64url, 18, 0, "GitLab trigger token"},
    {"glft-", Of::base64url, 18, 0, "GitLab feed token"},
    {"glimt-", Of::base64url, 18, 0, "GitLab mail token"},
    {"glagent-", Of::base64url, 18, 0, "GitLab agent token"},
    {"gloas-", Of::base64url, 18, 0, "GitLab OAuth secret"},
    {"glsoat-", Of::base64url, 18, 0, "GitLab token"},
    {"glffct-", Of::base64url, 18, 0, "GitLab feature flags token"},
    {"GR1348941", Of::base64url, 18, 0, "GitLab runner token"},
    {"xoxb-", Of::base64url, 20, 0, "Slack token"},
    {"xoxp-", Of::base64url, 20, 0, "Slack token"},
    {"xoxa-", Of::base64url, 20, 0, "Slack token"},
    {"xoxr-", Of::base64url, 20, 0, "Slack token"},
    {"xoxs-", Of::base64url, 20, 0, "Slack token"},
    {"xoxo-", Of::base64url, 20, 0, "Slack token"},
    {"xoxc-", Of::base64url, 20, 0, "Slack token"},
    {"xoxd-", Of::base64url, 20, 0, "Slack token"},
    {"xoxe-", Of::base64url, 20, 0, "Slack token"},
    {"xoxe.xoxp-", Of::base64url, 20, 0, "Slack token"},
    {"xoxe.xoxb-", Of::base64url, 20, 0, "Slack token"},
    {"xapp-", Of::base64url, 20, 0, "Slack app token"},
    {"hooks.slack.com/services/", Of::base64, 24, 0, "Slack webhook"},
    {"hooks.slack.com/workflows/", Of::base64, 24, 0, "Slack webhook"},
    {"hooks.slack.com/triggers/", Of::base64, 24, 0, "Slack webhook"},
    {"sk_live_", Of::word, 16, 0, "Stripe key"},
    {"sk_test_", Of::word, 16, 0, "Stripe key"},
    {"rk_live_", Of::word, 16, 0, "Stripe key"},
    {"rk_test_", Of::word, 16, 0, "Stripe key"},
    {"pk_live_", Of::word, 16, 0, "Stripe key"},
    {"pk_test_", Of::word, 16, 0, "Stripe key"},
    {"whsec_", Of::base64, 24, 0, "webhook secret"},
    {"sk-ant-", Of::base64url, 30, 0, "Anthropic key"},
    {"sk-proj-", Of::base64url, 30, 0, "OpenAI key"},
    {"sk-svcacct-", Of::base64url, 30, 0, "OpenAI key"},
    {"sk-admin-", Of::base64url, 30, 0, "OpenAI key"},
    {"sk-or-v1-", Of::hex, 40, 0, "OpenRouter key"},
    {"npm_", Of::alnum, 30, 0, "npm token"},
    {"pypi-", Of::base64url, 50, 0, "PyPI token"},
    {"rubygems_", Of::hex, 40, 0, "RubyGems key"},
    {"CLOJARS_", Of::alnum, 50, 0, "Clojars token"},
    {"cio", Of::alnum, 32, 32, "crates token"},
    {"oy2", Of::lower_base32, 43, 43, "NuGet key"},
    {"AC", Of::hex, 32, 32, "Twilio account id"},
    {"SK", Of::hex, 32, 32, "Twilio key"},
    {"SG.", Of::base64url, 16, 0, "SendGrid key"},
    {"key-", Of::hex, 32, 32, "Mailgun key"},
    {"xkeysib-", Of::base64url, 60, 0, "Brevo key"},
    {"xsmtpsib-", Of::base64url, 60, 0, "Brevo key"},
    {"mfa.", Of::base64url, 80, 0, "Discord token"},
    {"discord.com/api/webhooks/", Of::base64, 60, 0, "Discord webhook"},
    {"discordapp.com/api/webhooks/", Of::base64, 60, 0, "Discord webhook"},
    {"hvs.", Of::base64url, 20, 0, "Vault token"},
    {"hvb.", Of::base64url, 20, 0, "Vault token"},
    {"hvr.", Of::base64url, 20, 0, "Vault token"},
    {"dckr_pat_", Of::base64url, 20, 0, "Docker token"},
    {"dckr_oat_", Of::base64url, 20, 0, "Docker token"},
    {"dop_v1_", Of::hex, 60, 0, "DigitalOcean token"},
    {"doo_v1_", Of::hex, 60, 0, "DigitalOcean token"},
    {"dor_v1_", Of::hex, 60, 0, "DigitalOcean token"},
    {"HRKU-", Of::base64url, 30, 0, "Heroku key"},
    {"shpat_", Of::alnum, 28, 0, "Shopify token"},
    {"shpca_", Of::alnum, 28, 0, "Shopify token"},
    {"shppa_", Of::alnum, 28, 0, "Shopify token"},
    {"shpss_", Of::alnum, 28, 0, "Shopify secret"},
    {"sq0atp-", Of::base64url, 20, 0, "Square token"},
    {"sq0csp-", Of::base64url, 40, 0, "Square secret"},
    {"EAAA", Of::base64url, 60, 60, "Square token"},
    {"access_token$production$", Of::word, 10, 0, "Braintree token"},
    {"EAAC", Of::alnum, 80, 0, "Facebook token"},
    {"AAAAAAAAAAAAAAAAAAAA", Of::base64url, 40, 0, "Twitter bearer token"},
    {"lin_api_", Of::alnum, 32, 0, "Linear key"},
    {"lin_oauth_", Of::alnum, 32, 0, "Linear token"},
    {"ntn_", Of::alnum, 40, 0, "Notion token"},
    {"secret_", Of::alnum, 40, 48, "Notion token"},
    {"ATATT3", Of::base64, 60, 0, "Atlassian token"},
    {"ATCTT3", Of::base64, 60, 0, "Atlassian token"},
    {"ATBB", Of::alnum, 28, 36, "Bitbucket app password"},
    {"figd_", Of::base64url, 30, 0, "Figma token"},
    {"figo_", Of::base64url, 30, 0, "Figma token"},
    {"dapi", Of::hex, 32, 32, "Databricks token"},
    {"dose", Of::hex, 32, 32, "Databricks token"},
    {"dp.pt.", Of::alnum, 38, 0, "Doppler token"},
    {"dp.st.", Of::base64url, 30, 0, "Doppler token"},
    {"glsa_", Of::word, 32, 0, "Grafana token"},
    {"glc_", Of::base64, 32, 0, "Grafana token"},
    {"hf_", Of::alnum, 30, 0, "Hugging Face token"},
    {"api_org_", Of::alnum, 30, 0, "Hugging Face token"},
    {"NRAK-", Of::upper_alnum, 24, 0, "New Relic key"},
    {"NRII-", Of::base64url, 28, 0, "New Relic key"},
    {"NRJS-", Of::hex, 16, 0, "New Relic key"},
    {"pscale_tkn_", Of::base64url, 30, 0, "PlanetScale token"},
    {"pscale_pw_", Of::base64url, 30, 0, "PlanetScale password"},
    {"pscale_oauth_", Of::base64url, 30, 0, "PlanetScale token"},
    {"PMAK-", Of::base64url, 50, 0, "Postman key"},
    {"pnu_", Of::alnum, 36, 0, "Prefect key"},
    {"pul-", Of::hex, 40, 40, "Pulumi token"},
    {"sntrys_", Of::base64, 40, 0, "Sentry token"},
    {"sntryu_", Of::hex, 60, 0, "Sentry token"},
    {"sgp_", Of::word, 40, 0, "Sourcegraph token"},
    {"sbp_", Of::hex, 40, 0, "Supabase token"},
    {"sb_secret_", Of::base64url, 20, 0, "Supabase key"},
    {"tskey-", Of::base64url, 20, 0, "Tailscale key"},
    {"nfp_", Of::alnum, 30, 0, "Netlify token"},
    {"r8_", Of::alnum, 36, 0, "Replicate token"},
    {"gsk_", Of::alnum, 40, 0, "Groq key"},
    {"xai-", Of::alnum, 60, 0, "xAI key"},
    {"pplx-", Of::alnum, 40, 0, "Perplexity key"},
    {"fw_", Of::alnum, 22, 24, "Fireworks key"},
    {"nvapi-", Of::base64url, 50, 0, "NVIDIA key"},
    {"CFPAT-", Of::base64url, 40, 0, "Contentful token"},
    {"dt0c01.", Of::base64url, 24, 0, "Dynatrace token"},
    {"EZAK", Of::alnum, 54, 54, "EasyPost key"},
    {"EZTK", Of::alnum, 54, 54, "EasyPost key"},
    {"FLWSECK", Of::base64url, 12, 0, "Flutterwave key"},
    {"aio_", Of::alnum, 28, 28, "Adafruit key"},
    {"AGE-SECRET-KEY-1", Of::upper_alnum, 50, 60, "age key"},
    {"LTAI", Of::alnum, 16, 24, "Alibaba access key id"},
    {"AKID", Of::alnum, 32, 32, "Tencent secret id"},
    {"AKCp", Of::alnum, 60, 72, "Artifactory key"},
    {"cmVmdGtu", Of::alnum, 50, 60, "Artifactory token"},
    {"rzp_live_", Of::alnum, 14, 0, "Razorpay key"},
    {"rzp_test_", Of::alnum, 14, 0, "Razorpay key"},
    {"rdme_", Of::alnum, 60, 0, "ReadMe key"},
    {"shippo_live_", Of::hex, 36, 0, "Shippo key"},
    {"shippo_test_", Of::hex, 36, 0, "Shippo key"},
    {"tfp_", Of::base64url, 40, 0, "Typeform token"},
    {"ops_eyJ", Of::base64url, 100, 0, "1Password token"},
    {"sha256~", Of::base64url, 40, 48, "OpenShift token"},
    {"ico-", Of::alnum, 32, 32, "Infracost key"},
    {"duffel_live_", Of::base64url, 36, 0, "Duffel token"},
    {"duffel_test_", Of::base64url, 36, 0, "Duffel token"},
    {"sl.", Of::base64url, 60, 0, "Dropbox token"},
    {"v1.0-", Of::base64url, 100, 0, "Cloudflare key"},
    {"phc_", Of::alnum, 40, 0, "PostHog key"},
    {"phx_", Of::alnum, 40, 0, "PostHog key"},
    {"re_", Of::word, 30, 40, "Resend key"},
    {"sdk-", Of::base64url, 36, 36, "LaunchDarkly key"},
    {"$2a$", Of::digits, 2, 2, "password hash"},
    {"$2b$", Of::digits, 2, 2, "password hash"},
    {"$2y$", Of::digits, 2, 2, "password hash"},
    {"$argon2", Of::alnum, 1, 4, "password hash"},
    {"$apr1$", Of::alnum, 1, 16, "password hash"},
    {"$6$", Of::alnum, 1, 32, "password hash"},
    {"$5$", Of::alnum, 1, 32, "password hash"},
    {"$y$", Of::alnum, 1, 32, "password hash"},
});

// The rows that may begin with each character.
constexpr auto rows_by_first = [] {
    std::array<std::array<std::uint8_t, 40>, 128> rows{};
    for (std::size_t i = 0; i < prefixes.size(); ++i) {
        auto& row = rows[static_cast<unsigned char>(prefixes[i].begins.front())];
        row[++row[0]] = static_cast<std::uint8_t>(i);
    }
    return rows;
}();
static_assert(prefixes.size() < 256);

// A password hash goes on with its parameters, salt and sum.
bool is_hash_part(char c) {
    return is_alnum(c) || c == '$' || c == '.' || c == '/' || c == '=' || c == ',' || c == '+';
}

// "sk_test_and_then_some": without a digit, and hardly a capital.
bool is_of_words(std::string_view token) {
    const Makeup made = makeup_of(token);
    return made.digits == 0 && made.uppers * 5 < made.lowers;
}

Maybe prefixed_at(std::string_view text, std::size_t at) {
    const unsigned char first = static_cast<unsigned char>(text[at]);
    if (first >= rows_by_first.size()) return std::nullopt;
    const auto& rows = rows_by_first[first];
    for (std::size_t i = 1; i <= rows[0]; ++i) {
        const Prefix& row = prefixes[rows[i]];
        if (!text.substr(at).starts_with(row.begins)) continue;
        const std::size_t from = at + row.begins.size();
        std::size_t length = run_of(text, from, [&](char c) { return is_of(row.set, c); }, limit_token_bytes);
        if (first == '$') {
            length = run_of(text, from, is_hash_part, limit_token_bytes);
            if (length < 20 || text.substr(from, length).find('$') == std::string_view::npos) continue;
        } else if (length < row.least || (row.most != 0 && length > row.most)) {
            continue;
        } else if (is_of_words(text.substr(from, length))) {
            continue;
        }
        // The second part of a SendGrid key, of a routable GitLab token.
        std::size_t end = from + length;
        const auto is_part = [](char c) { return is_of(Of::base64url, c); };
        if (row.begins == "SG." || row.begins.starts_with("gl"))
            while (at_or_zero(text, end) == '.' && run_of(text, end + 1, is_part, 8) >= 2 &&
                   end - at < limit_token_bytes)
                end += 1 + run_of(text, end + 1, is_part, limit_token_bytes);
        return Match{at, end, Sort::secret, row.reason};
    }
    return std::nullopt;
}

std::size_t base64url_run(std::string_view text, std::size_t at) {
    return run_of(text, at, [](char c) { return is_of(Of::base64url, c); }, limit_token_bytes);
}

// Header, payload and signature, each base64url of JSON (RFC 7519); the signature may be empty, an encrypted one has
// five parts.
Maybe json_web_token_at(std::string_view text, std::size_t at) {
    if (!text.substr(at).starts_with("eyJ")) return std::nullopt;
    const std::size_t header = base64url_run(text, at);
    if (header < 10 || at_or_zero(text, at + header) != '.') return std::nullopt;
    std::size_t end = at + header, parts = 1;
    while (parts < 5 && at_or_zero(text, end) == '.') {
        const std::size_t part = base64url_run(text, end + 1);
        if (part < 4 && parts == 1) break;
        end += 1 + part;
        ++parts;
    }
    if (parts < 2) return std::nullopt;
    return Match{at, end, Sort::secret, "JSON web token"};
}

// "sk-" is common; what follows has to be chance.
Maybe sk_key_at(std::string_view text, std::size_t at) {
    if (!text.substr(at).starts_with("sk-")) return std::nullopt;
    const std::size_t length = base64url_run(text, at + 3);
    if (length < 20 || !looks_random(text.substr(at + 3, length), 20)) return std::nullopt;
    return Match{at, at + 3 + length, Sort::secret, "OpenAI key"};
}

// 8 to 10 digits of the bot, a colon, 35 characters that begin with AA.
Maybe telegram_token_at(std::string_view text, std::size_t at) {
    const std::size_t digits = run_of(text, at, is_digit, 12);
    if (digits < 8 || digits > 11 || !text.substr(at + digits).starts_with(":A")) return std::nullopt;
    const std::size_t length = base64url_run(text, at + digits + 1);
    if (length < 33 || length > 37) return std::nullopt;
    return Match{at, at + digits + 1 + length, Sort::secret, "Telegram bot token"};
}

// The id of the bot in base64, a time, a signature.
Maybe discord_token_at(std::string_view text, std::size_t at) {
    if (text[at] != 'M' && text[at] != 'N' && text[at] != 'O') return std::nullopt;
    const std::size_t id = base64url_run(text, at);
    if (id < 23 || id > 28 || at_or_zero(text, at + id) != '.') return std::nullopt;
    const std::size_t time = base64url_run(text, at + id + 1);
    if (time < 5 || time > 7 || at_or_zero(text, at + id + 1 + time) != '.') return std::nullopt;
    const std::size_t signature = base64url_run(text, at + id + time + 2);
    if (signature < 25 || signature > 50) return std::nullopt;
    return Match{at, at + id + time + 2 + signature, Sort::secret, "Discord bot token"};
}

// Tokens known by a mark in their midst: Terraform Cloud's, Airtable's, Mailchimp's, Azure's client secrets.
Maybe marked_at(std::string_view text, std::size_t at) {
    const std::size_t first = run_of(text, at, [](char c) { return is_word(c) || c == '~' || c == '-'; }, 512);
    const std::string_view rest = text.substr(at + first);
    const auto through = [&](std::size_t skip, Of set) {
        return at + first + skip + run_of(rest, skip, [&](char c) { return is_of(set, c); }, limit_token_bytes);
    };
    if (first == 14 && rest.starts_with(".atlasv1."))
        return Match{at, through(9, Of::base64url), Sort::secret, "Terraform Cloud token"};
    if (first == 17 && text.substr(at).starts_with("pat") && rest.starts_with(".") &&
        through(1, Of::hex) - at - first == 65)
        return Match{at, through(1, Of::hex), Sort::secret, "Airtable token"};
    const std::string_view token = text.substr(at, first);
    if (const std::size_t dash = token.find("-us");
        dash == 32 && token.size() <= 37 && std::ranges::all_of(token.substr(0, 32), is_hex))
        return Match{at, at + first, Sort::secret, "Mailchimp key"};
    const std::string_view wider = text.substr(at, 48);
    for (const std::string_view mark : {"8Q~", "7Q~"})
        if (wider.substr(0, 12).find(mark) == 3) {
            const std::size_t length =
                run_of(text, at, [](char c) { return is_word(c) || c == '~' || c == '.' || c == '-'; }, 64);
            if (length >= 37 && length <= 44) return Match{at, at + length, Sort::secret, "Azure client secret"};
        }
    return std::nullopt;
}

// Azure's own mark within keys of 52, 76 or 84 characters, so that scanners find them.
Maybe azure_key_at(std::string_view text, std::size_t at) {
    const std::size_t length = run_of(text, at, [](char c) { return is_of(Of::base64, c); }, 100);
    if (length < 48 || length > 92) return std::nullopt;
    const std::string_view token = text.substr(at, length);
    for (const std::string_view mark :
         {"JQQJ99", "+ASt", "+ACDb", "AzSe", "AzFu", "+ACR", "ACR+", "+AEh", "+AIoT", "+ARm", "AZDO", "AzCa"})
        if (const std::size_t place = token.find(mark); place != std::string_view::npos && place >= 30)
            return Match{at, at + length, Sort::secret, "Azure key"};
    return std::nullopt;
}

Maybe firebase_key_at(std::string_view text, std::size_t at) {
    const std::size_t first = base64url_run(text, at);
    if (first != 11 || !text.substr(at).starts_with("AAAA") || !text.substr(at + first).starts_with(":APA91b"))
        return std::nullopt;
    return Match{at, at + first + 1 + base64url_run(text, at + first + 1), Sort::secret, "Firebase server key"};
}

// A PEM that somebody encoded once more, as kubeconfig does; certificates and public keys are for everybody.
Maybe encoded_pem_at(std::string_view text, std::size_t at) {
    if (!text.substr(at).starts_with("LS0tLS1CRUdJTi")) return std::nullopt;
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("LS0tLS1CRUdJTiBDRV") || rest.starts_with("LS0tLS1CRUdJTiBQVU")) return std::nullopt;
    const std::size_t length = run_of(text, at, [](char c) { return is_of(Of::base64, c); }, limit_key_block_bytes);
    return Match{at, at + length, Sort::secret, "private key"};
}

bool is_example(std::string_view token) {
    return token.find("EXAMPLE") != std::string_view::npos || token.find("example") != std::string_view::npos;
}

}  // namespace

Maybe secret_at(std::string_view text, std::size_t at) {
    using Rule = Maybe (*)(std::string_view, std::size_t);
    constexpr Rule rules[] = {json_web_token_at, prefixed_at,     sk_key_at,      telegram_token_at, discord_token_at,
                              marked_at,         firebase_key_at, encoded_pem_at, azure_key_at};
    for (const Rule rule : rules)
        if (const Maybe found = rule(text, at)) {
            // Documentation's own keys are nobody's.
            if (is_example(text.substr(found->begin, std::min<std::size_t>(found->end - found->begin, 128))))
                return std::nullopt;
            return found;
        }
    return std::nullopt;
}

Maybe secret_of_id_after(std::string_view text, const Match& id) {
    constexpr std::size_t way = 160;
    const bool aws = id.reason == "AWS access key id";
    if (!aws && id.reason != "Twilio account id") return std::nullopt;
    const std::size_t length = aws ? 40 : 32, end = std::min(text.size(), id.end + way);
    const auto is_part = [&](char c) { return aws ? is_alnum(c) || c == '+' || c == '/' : is_alnum(c); };
    for (std::size_t at = id.end; at < end;) {
        const std::size_t run = run_of(text, at, is_part, 4 * length);
        const std::string_view token = text.substr(at, run);
        if (run == length && looks_random(token, length) && at_or_zero(text, at + run) != '=' &&
            (aws || std::ranges::all_of(token, is_hex)))
            return Match{at, at + run, Sort::secret, aws ? "AWS secret access key" : "Twilio auth token"};
        at += run + 1;
    }
    return std::nullopt;
}

Maybe private_key_at(std::string_view text, std::size_t at) {
    const std::string_view block = text.substr(at, limit_key_block_bytes);
    if (block.starts_with("Private-Lines:")) {
        const std::size_t mac = block.find("Private-MAC:");
        if (mac == std::string_view::npos || mac > 8192) return std::nullopt;
        return Match{at, at + mac, Sort::secret, "private key"};
    }
    if (!block.starts_with("-----BEGIN ") && !block.starts_with("---- BEGIN ")) return std::nullopt;
    const std::string_view heading = block.substr(0, 80);
    const std::size_t named = heading.find(" PRIVATE KEY");
    const std::size_t ssh2 = heading.find("SSH2 ENCRYPTED PRIVATE KEY");
    if (named == std::string_view::npos && ssh2 == std::string_view::npos) return std::nullopt;
    const std::size_t heading_end = block.find("----", named == std::string_view::npos ? ssh2 : named);
    if (heading_end == std::string_view::npos || heading_end > 96) return std::nullopt;
    // Up to the end's line, if what lies between is a key: base64, lines, headers, "\n" spelled out.
    std::size_t place = heading_end + (block.substr(heading_end).starts_with("-----") ? 5 : 4);
    std::size_t run = 0, longest = 0;  // of base64: a key's lines are longer than any word
    for (; place < block.size(); ++place) {
        const char c = block[place];
        if (block.substr(place).starts_with("-----BEGIN")) break;
        if (block.substr(place).starts_with("-----END") || block.substr(place).starts_with("---- END")) {
            const std::size_t line = block.find("----", place + 8);
            const std::size_t end = line == std::string_view::npos || line > place + 80
                                        ? place
                                        : line + run_of(block, line, [](char d) { return d == '-'; }, 5);
            if (longest < least_key_line) return std::nullopt;
            return Match{at, at + end, Sort::secret, "private key"};
        }
        if (!is_of(Of::base64, c) && !is_space(c) &&
            std::string_view("\\:-,.()\"'>#*|").find(c) == std::string_view::npos)
            break;
        run = is_of(Of::base64, c) ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    if (longest < least_key_line) return std::nullopt;
    return Match{at, at + place, Sort::secret, "private key"};
}

}  // namespace lar::consent
