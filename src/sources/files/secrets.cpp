#include "sources/files/secrets.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace lar::sources {
namespace {

struct Named {
    std::string_view name;
    std::string_view rule;
};

constexpr std::array secret_folders = std::to_array<Named>({
    {".ssh", "ssh keys"},
    {".gnupg", "keyring"},
    {".gpg", "keyring"},
    {".password-store", "password store"},
    {".aws", "credentials"},
    {".azure", "credentials"},
    {".kube", "credentials"},
    {".docker", "credentials"},
    {".mozilla", "browser profile"},
    {".thunderbird", "mail profile"},
    {".pki", "keyring"},
});

// Folders that are secret only at such an end of their path.
constexpr std::array secret_folder_ends = std::to_array<Named>({
    {".config/google-chrome", "browser profile"},
    {".config/chromium", "browser profile"},
    {".config/bravesoftware", "browser profile"},
    {".config/microsoft-edge", "browser profile"},
    {".config/vivaldi", "browser profile"},
    {".config/opera", "browser profile"},
    {".config/gcloud", "credentials"},
    {".config/gh", "credentials"},
    {".config/keepassxc", "password store"},
    {".local/share/kwalletd", "keyring"},
    {".local/share/keyrings", "keyring"},
});

constexpr std::array secret_files = std::to_array<Named>({
    {".env", "environment file"},
    {".envrc", "environment file"},
    {".netrc", "credentials"},
    {"_netrc", "credentials"},
    {".pgpass", "credentials"},
    {".my.cnf", "credentials"},
    {".git-credentials", "credentials"},
    {".npmrc", "credentials"},
    {".pypirc", "credentials"},
    {".htpasswd", "credentials"},
    {".s3cfg", "credentials"},
    {".boto", "credentials"},
    {".dockercfg", "credentials"},
    {".vault-token", "credentials"},
    {"credentials", "credentials"},
    {"credentials.json", "credentials"},
    {"client_secret.json", "credentials"},
    {"kubeconfig", "credentials"},
    {"id_rsa", "private key"},
    {"id_dsa", "private key"},
    {"id_ecdsa", "private key"},
    {"id_ecdsa_sk", "private key"},
    {"id_ed25519", "private key"},
    {"id_ed25519_sk", "private key"},
    {"logins.json", "browser passwords"},
    {"key3.db", "browser passwords"},
    {"key4.db", "browser passwords"},
    {"signons.sqlite", "browser passwords"},
    {"login data", "browser passwords"},
    {"cookies.sqlite", "browser passwords"},
});

constexpr std::array secret_extensions = std::to_array<Named>({
    {".kdbx", "password store"},
    {".kdb", "password store"},
    {".agilekeychain", "password store"},
    {".opvault", "password store"},
    {".keychain", "keyring"},
    {".keychain-db", "keyring"},
    {".keystore", "keyring"},
    {".jks", "keyring"},
    {".p12", "private key"},
    {".pfx", "private key"},
    {".pem", "private key"},
    {".ppk", "private key"},
    {".key", "private key"},
    {".asc.key", "private key"},
});

// ".env.production" is secret, ".env.example" is made to be read.
constexpr std::array<std::string_view, 5> sample_endings = {".example", ".sample", ".template", ".dist", ".defaults"};

bool is_sample(std::string_view name) {
    return std::ranges::any_of(sample_endings, [&](std::string_view end) { return name.ends_with(end); });
}

bool ends_with_names(std::string_view path, std::string_view names) {
    return path.ends_with(names) && (path.size() == names.size() || path[path.size() - names.size() - 1] == '/');
}

std::string_view secret_folder(std::string_view path, std::string_view name) {
    for (const Named& known : secret_folders)
        if (name == known.name) return known.rule;
    for (const Named& known : secret_folder_ends)
        if (ends_with_names(path, known.name)) return known.rule;
    return {};
}

}  // namespace

std::string_view secret_by_name(std::string_view path, bool folder) {
    const std::string lower = to_lower_ascii(path);
    const std::size_t slash = lower.rfind('/');
    const std::string_view name = std::string_view(lower).substr(slash == std::string::npos ? 0 : slash + 1);
    if (folder) return secret_folder(lower, name);
    if (is_sample(name)) return {};
    if (name.starts_with(".env.") || name.ends_with(".env")) return "environment file";
    for (const Named& known : secret_files)
        if (name == known.name) return known.rule;
    for (const Named& known : secret_extensions)
        if (name.size() > known.name.size() && name.ends_with(known.name)) return known.rule;
    return {};
}

std::string_view secret_in_path(std::string_view path) {
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1))
        if (const std::string_view rule = secret_by_name(path.substr(0, slash), true); !rule.empty()) return rule;
    return secret_by_name(path, false);
}

std::string_view secret_by_content(std::string_view text) {
    constexpr std::size_t looked_at_bytes = 4096;
    const std::string_view head = text.substr(0, looked_at_bytes);
    // At the start of a line: a program that quotes the header in its source is not a key.
    for (std::size_t at = head.find("-----BEGIN "); at != std::string_view::npos;
         at = head.find("-----BEGIN ", at + 1)) {
        if (at != 0 && head[at - 1] != '\n') continue;
        const std::string_view line = head.substr(at, head.find('\n', at) - at);
        if (line.contains("PRIVATE KEY")) return "private key";
    }
    if (head.starts_with("PuTTY-User-Key-File-")) return "private key";
    return {};
}

}  // namespace lar::sources
