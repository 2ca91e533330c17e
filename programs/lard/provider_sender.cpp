#include "provider_sender.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/build.h"
#include "base/format.h"
#include "wire/handoff.h"

namespace lar::lard {
namespace {

// A large model thinks for minutes, and says nothing meanwhile.
constexpr std::uint32_t answer_s = 600;
constexpr std::string_view anthropic_version = "2023-06-01";

std::string how_to_set(const consent::Provider& provider) {
    return lar::format("'lar handoff key set {}' sets it", provider.name);
}

Result<Fd> nameless_file_with(const std::filesystem::path& folder, std::string_view bytes) {
    Fd file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!file) return fail_errno("making room for what is handed off", errno);
    TRY_VOID(write_all(file.number(), bytes));
    return file;
}

}  // namespace

wire::Order order_for(const consent::Ticket& ticket, std::string_view bytes, bool has_key) {
    const consent::Provider& provider = ticket.provider;
    wire::Order order{.host = provider.host,
                      .port = provider.port,
                      .method = wire::Method::post,
                      .target = provider.path,
                      .headers = {{"User-Agent", lar::format("lar/{}", version())},
                                  {"Content-Type", "application/json"},
                                  {"Accept", "application/json"}},
                      .sends_payload = true,
                      .payload_bytes = bytes.size(),
                      .payload_sha256 = ticket.approved_hash,
                      .limit_bytes = wire::limit_reply_bytes,
                      .limit_s = answer_s,
                      .slow_s = answer_s};
    const bool openai = provider.dialect == consent::Dialect::openai;
    if (!openai) order.headers.push_back({"anthropic-version", std::string(anthropic_version)});
    if (!has_key) return order;
    order.secret_header = openai ? "Authorization" : "x-api-key";
    if (openai) order.secret_prefix = "Bearer ";
    return order;
}

Result<Fd> ProviderSender::open_key(const consent::Provider& provider) const {
    // Its name is made of letters, digits, - and _ (settings_providers.cpp), and so is no path.
    const std::filesystem::path path = keys_ / provider.name;
    Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file && errno == ENOENT) {
        if (provider.tier == consent::Tier::own) return file;
        return fail(Code::unavailable, lar::format("there is no key for {}: {}", provider.name, how_to_set(provider)));
    }
    if (!file) return fail_errno(lar::format("opening the key for {}", provider.name), errno);
    struct stat facts{};
    if (::fstat(file.number(), &facts) != 0) return fail_errno("looking at a key", errno);
    if (!S_ISREG(facts.st_mode) || facts.st_uid != ::geteuid() || (facts.st_mode & 077) != 0)
        return fail(Code::denied, lar::format("others can read the key for {}, in {}: {}", provider.name, path.string(),
                                              how_to_set(provider)));
    if (facts.st_size <= 0 || static_cast<std::size_t>(facts.st_size) > wire::limit_provider_key_bytes)
        return fail(Code::invalid,
                    lar::format("the file of the key for {} holds none: {}", provider.name, how_to_set(provider)));
    return file;
}

Result<> ProviderSender::check_ready(const consent::Provider& provider) {
    TRY_VOID(open_key(provider));
    return {};
}

Result<std::string> ProviderSender::send(const consent::Ticket& ticket, std::string_view bytes) {
    const Fd key = TRY(open_key(ticket.provider));
    const Fd payload = TRY(nameless_file_with(folder_, bytes));
    std::vector<int> descriptors{payload.number()};
    if (key) descriptors.push_back(key.number());
    const wire::Order order = order_for(ticket, bytes, static_cast<bool>(key));
    Result<wire::CourierDelivered> got = courier_.carry(order, descriptors, {.cancelled = &stopping_});
    if (!got && stopping_)
        return fail(Code::unavailable, "Lar was stopped meanwhile, and it is not known whether it arrived");
    if (!got) return std::unexpected(got.error());
    if (got->status != 200) return std::unexpected(consent::refusal_of(ticket.provider, got->status, got->body));
    return std::move(got->body);
}

}  // namespace lar::lard
