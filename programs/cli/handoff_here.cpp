// Asking before anything leaves, in a conversation and outside of one.
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "answer_stream.h"
#include "base/format.h"
#include "base/text.h"
#include "handoff_actions.h"
#include "handoff_show.h"

namespace lar::cli {
namespace {

// A signal that comes just before we wait does not end the wait.
constexpr int asking_look_ms = 200;

}  // namespace

bool can_be_asked(const Session& session) { return ::isatty(session.input) == 1 && ::isatty(2) == 1; }

bool read_terminal_line(Session& session, std::span<char> into, std::size_t& bytes) {
    bytes = 0;
    while (!session.cancelled) {
        pollfd item{session.input, POLLIN, 0};
        const int ready = ::poll(&item, 1, asking_look_ms);
        if (ready < 0 && errno != EINTR) return false;
        if (ready <= 0) continue;
        char c = 0;
        const ssize_t got = ::read(session.input, &c, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        if (c == '\n' || c == '\r') return true;
        if (bytes < into.size()) into[bytes++] = c;
    }
    return false;
}

bool says_yes(Session& session, std::string_view question) {
    session.err.print(lar::format("{} [y/N] ", question));
    std::array<char, 16> line{};
    std::size_t bytes = 0;
    if (!read_terminal_line(session, line, bytes)) {
        session.err.line();
        return false;
    }
    const std::string said = to_lower_ascii(trim(std::string_view(line.data(), bytes)));
    return said == "y" || said == "yes";
}

Outcome<wire::ApiHandoff> approve_handoff(Connection& lard, const std::string& id, const std::string& hash) {
    return call<wire::ApiHandoff>(lard, "POST", lar::format("/lar/v1/handoffs/{}/approve", url_encoded(id)),
                                  wire::to_json(wire::ApiHandoffApproval{hash}));
}

Outcome<> hand_off_here(Session& session, Connection& lard, const wire::ApiHandoffRequest& request) {
    if (!can_be_asked(session))
        return wrong_usage("a hand-off is approved on a terminal",
                           "`lar handoff propose` makes one that can be looked at");
    const auto proposed = TRY(call<wire::ApiHandoff>(lard, "POST", "/lar/v1/handoffs", wire::to_json(request)));
    session.out.print(handoff_preview(proposed, look_of(session)));
    if (!says_yes(session,
                  lar::format("\nSend these {} bytes to {}?", count_text(proposed.bytes), proposed.provider.host))) {
        TRY_VOID(
            call<wire::ApiHandoff>(lard, "POST", lar::format("/lar/v1/handoffs/{}/deny", url_encoded(proposed.id))));
        session.err.line("Nothing was sent.");
        return {};
    }
    const auto over = TRY(approve_handoff(lard, proposed.id, proposed.hash));
    session.out.print(handoff_outcome(over, look_of(session)));
    return {};
}

}  // namespace lar::cli
