// lar pull: fetch models, one after the other, with what is under way on one line.
#include <algorithm>
#include <map>
#include <string>

#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "commands.h"
#include "progress.h"
#include "wire/ollama.h"
#include "wire/ollama_client.h"

namespace lar::cli {
namespace {

constexpr std::uint64_t megabyte = 1'000'000;
constexpr double shown_after_s = 1.0;  // a speed, once there is something to tell it from

// All parts of a model as one: what of it is there, and how fast the rest comes.
class Arriving {
public:
    explicit Arriving(const Clock& clock) : clock_(clock) {}

    void take(const wire::OllamaStatus& status) {
        if (!status.digest || !status.total) return;
        Part& part = parts_[*status.digest];
        // What is there when it is first heard of came in an earlier pull.
        if (part.total == 0) here_before_ += status.completed.value_or(0);
        part = {status.completed.value_or(0), *status.total};
        if (begun_us_ == 0) begun_us_ = clock_.monotonic_us();
    }
    std::uint64_t done() const { return sum(&Part::completed); }
    std::uint64_t total() const { return sum(&Part::total); }
    std::string speed() const {
        const double seconds = static_cast<double>(clock_.monotonic_us() - begun_us_) / 1e6;
        const std::uint64_t come = done() - std::min(done(), here_before_);
        if (begun_us_ == 0 || seconds < shown_after_s || come == 0) return {};
        const double per_second = static_cast<double>(come) / seconds;
        const std::string left = duration_text(static_cast<double>(total() - done()) / per_second);
        return lar::format("{}/s, {} left", size_text(static_cast<std::uint64_t>(per_second)), left);
    }

private:
    struct Part {
        std::uint64_t completed = 0, total = 0;
    };
    std::uint64_t sum(std::uint64_t Part::* what) const {
        std::uint64_t all = 0;
        for (const auto& [digest, part] : parts_) all += part.*what;
        return all;
    }

    const Clock& clock_;
    std::map<std::string, Part> parts_;
    std::uint64_t here_before_ = 0;
    std::int64_t begun_us_ = 0;
};

// Several may be pulled at once, and registries do not say which of them they speak of.
Failure not_pulled(std::string_view model, std::string_view error) {
    const bool unknown = error.contains("file does not exist");  // as a registry's own clients know it
    return {
        Exit::error, Code::unavailable, lar::format("{} was not pulled: {}", printable(model), printable(error)),
        unknown ? "there is none of that name where it was looked for; `lar ledger --limit 1` names the server" : ""};
}

Outcome<> pull_one(Session& session, Connection& lard, const std::string& model) {
    Progress progress(session.err);
    Arriving arriving(session.clock);
    std::optional<Failure> failure;
    const wire::OllamaAskPull request{.model = model, .insecure = session.arguments.has("--insecure")};
    const auto reply = lard.stream("POST", "/api/pull", wire::to_json(request), [&](const Event& event) {
        if (const auto error = wire::from_json<wire::OllamaError>(event.data)) {
            failure = not_pulled(model, error->error);
            return false;
        }
        const auto status = wire::from_json<wire::OllamaStatus>(event.data);
        if (!status) return true;
        if (session.json()) {
            session.out.line(wire::to_json(*status));
            return true;
        }
        arriving.take(*status);
        if (arriving.total() > 0)
            progress.show(printable(model), arriving.done() / megabyte, arriving.total() / megabyte, "MB",
                          status->digest ? arriving.speed() : printable(status->status));
        return true;
    });
    progress.clear();
    if (session.cancelled)
        return failed(Code::unavailable, "interrupted",
                      lar::format("`lar pull {}` goes on where it stopped", printable(model)));
    if (!reply) return std::unexpected(reply.error());
    if (failure) return std::unexpected(std::move(*failure));
    if (reply->status < 200 || reply->status > 299) return std::unexpected(refusal(*reply));
    if (!session.json())
        session.out.line(lar::format("{} {} ({})", session.out.styled(Style::good, "pulled"), printable(model),
                                     size_text(arriving.total())));
    return {};
}

}  // namespace

Outcome<Exit> run_pull(Session& session) {
    Connection& lard = *TRY(session.lard());
    for (const std::string& model : session.arguments.positionals) TRY_VOID(pull_one(session, lard, model));
    return Exit::ok;
}

}  // namespace lar::cli
