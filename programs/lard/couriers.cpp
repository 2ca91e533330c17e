#include "couriers.h"

#include <algorithm>
#include <utility>

#include "api/errors.h"
#include "base/build.h"
#include "base/format.h"
#include "base/log.h"
#include "base/text.h"
#include "models/web_address.h"
#include "worker_times.h"

namespace lar::lard {
namespace {

// Sending what it was given, hashing and looking up come besides the time that the order gives the server.
constexpr std::int64_t besides_ms = 120'000;
// Addresses to try and resolvers to ask, a socket and a connection each; more than that is no courier of ours.
constexpr int limit_questions = 400;
constexpr std::size_t limit_address_bytes = 64, limit_addresses = 16, limit_message_bytes = 2000;
constexpr std::size_t sha256_digits = 64;

std::unexpected<Error> courier_lie(std::string_view what) {
    return fail(Code::corrupt, lar::format("the courier sent {} and was stopped", what));
}

struct EventValidator {
    const wire::Order& order;

    Result<> operator()(const wire::CourierReady&) const { return {}; }
    Result<> operator()(const wire::CourierUnderWay& event) const {
        if (event.addresses.size() > limit_addresses || !std::ranges::all_of(event.addresses, is_address))
            return courier_lie("addresses that are none");
        return {};
    }
    Result<> operator()(const wire::CourierProgress& event) const { return counted(event.bytes_in, 0); }
    Result<> operator()(const wire::CourierDelivered& event) const {
        TRY_VOID(counted(event.bytes_in, event.bytes_out));
        if (event.status < 100 || event.status > 599) return courier_lie("a status that is none");
        if (event.body.size() > wire::limit_reply_bytes) return courier_lie("an answer over its limit");
        if (event.sha256.size() != sha256_digits) return courier_lie("a hash that is none");
        // A server that refuses may do so before it has read everything.
        const bool accepted = event.status >= 200 && event.status <= 299;
        if (order.sends_payload && accepted &&
            (event.bytes_out != order.payload_bytes || event.sent_sha256 != order.payload_sha256))
            return courier_lie("word that it delivered other bytes than those it was given");
        if (std::max(event.location.size(), event.authenticate.size()) > wire::limit_order_text_bytes)
            return courier_lie("a text over its limit");
        return is_address(event.address) ? Result<>() : courier_lie("an address that is none");
    }
    Result<> operator()(const wire::CourierFailed& event) const {
        TRY_VOID(counted(event.bytes_in, event.bytes_out));
        if (event.message.size() > limit_message_bytes) return courier_lie("a text over its limit");
        return is_address(event.address) ? Result<>() : courier_lie("an address that is none");
    }

    Result<> counted(std::uint64_t bytes_in, std::uint64_t bytes_out) const {
        if (bytes_in > order.limit_bytes || bytes_out > order.payload_bytes)
            return courier_lie("more than its order allows");
        return {};
    }
    static bool is_address(const std::string& text) {
        return text.size() <= limit_address_bytes && std::ranges::all_of(text, [](char c) {
                   return is_digit(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
               });
    }
};

}  // namespace

Result<> validate(const wire::CourierEvent& event, const wire::Order& order) {
    return std::visit(EventValidator{order}, event);
}

void log_trip(const Trip& trip) {
    // Which host, how much, how it ended; never what.
    log_info("courier: {}:{} ({}) status {} in {} bytes out {} bytes, {} ms{}{}", trip.host, trip.port,
             trip.address.empty() ? "not reached" : trip.address, trip.status, trip.bytes_in, trip.bytes_out,
             (trip.ended_us - trip.began_us) / 1000, trip.problem.empty() ? "" : ": ", trip.problem);
}

class Couriers::Leave {
public:
    Leave(Couriers& couriers, pid_t pid) : couriers_(couriers), pid_(pid) {
        const std::lock_guard lock(couriers_.mutex_);
        couriers_.asked_[pid_] = 0;
    }
    ~Leave() {
        const std::lock_guard lock(couriers_.mutex_);
        couriers_.asked_.erase(pid_);
    }
    Leave(const Leave&) = delete;
    Leave& operator=(const Leave&) = delete;

private:
    Couriers& couriers_;
    const pid_t pid_;
};

Result<> Couriers::attach(http::Server& server) {
    if (!questions_) return {};
    return server.watch(questions_.number(), [this] { return answer_question(); });
}

bool Couriers::answer_question() {
    const Result<std::optional<sandbox::Question>> question = sandbox::next_question(questions_);
    if (!question) {
        log_warning("courier: {}", question.error().message);
        return false;
    }
    if (!*question) return true;
    sandbox::Leave leave = sandbox::Leave::refused;
    {
        const std::lock_guard lock(mutex_);
        // A courier has one thread, so the thread that asks is the process that has leave.
        const auto found = asked_.find((*question)->thread);
        if (found != asked_.end() && found->second < limit_questions) {
            ++found->second;
            leave = sandbox::Leave::given;
        }
    }
    if (leave == sandbox::Leave::refused) {
        log_warning("a process without leave ({}) asked for a socket or a connection and was refused",
                    (*question)->thread);
        tell_.refused({.process = (*question)->thread == spawner_.pid() ? "lar-spawner" : "a worker without an order",
                       .attempt = "a socket or a connection"});
    }
    if (const Result<> answered = sandbox::answer(questions_, **question, leave); !answered)
        log_error("courier: {}", answered.error().message);
    return true;
}

std::string Couriers::layers() const {
    const std::lock_guard lock(mutex_);
    return layers_;
}

bool Couriers::is_courier(pid_t pid) const {
    const std::lock_guard lock(mutex_);
    return asked_.contains(pid);
}

Result<wire::CourierEvent> Couriers::hear(ipc::Worker& courier, const wire::Order& order, std::int64_t timeout_ms,
                                          const Watch& watch) {
    wire::CourierEvent event = TRY(
        ipc::receive<wire::CourierEvent>(courier.channel(), {.timeout_ms = timeout_ms, .cancelled = watch.cancelled}));
    TRY_VOID(validate(event, order));
    return event;
}

Result<wire::CourierDelivered> Couriers::talk(ipc::Worker& courier, const wire::Order& order,
                                              std::span<const int> descriptors, const Watch& watch, Trip& trip) {
    const wire::CourierEvent first = TRY(hear(courier, order, ready_ms, watch));
    const auto* ready = std::get_if<wire::CourierReady>(&first);
    if (ready == nullptr) return courier_lie("no greeting");
    if (ready->build != build_id())
        return fail(Code::conflict, "lar-courier is of another build than lard; install them together");
    const Leave leave(*this, courier.pid());
    TRY_VOID(
        courier.channel().send(wire::to_json(wire::CourierRequest(order)), {.timeout_ms = send_ms}, {}, descriptors));
    const std::int64_t limit_ms = besides_ms + std::int64_t{order.limit_s} * 1000;
    bool under_way = false;
    for (;;) {
        wire::CourierEvent event = TRY(hear(courier, order, limit_ms, watch));
        if (auto* failed = std::get_if<wire::CourierFailed>(&event)) {
            trip.bytes_in = failed->bytes_in;
            trip.bytes_out = failed->bytes_out;
            trip.address = failed->address;
            return fail(api::code_named(failed->code), printable(failed->message));
        }
        if (const auto* layers = std::get_if<wire::CourierUnderWay>(&event); layers != nullptr && !under_way) {
            under_way = true;
            const std::lock_guard lock(mutex_);
            layers_ = printable(layers->layers);
        } else if (const auto* progress = std::get_if<wire::CourierProgress>(&event);
                   progress != nullptr && under_way) {
            trip.bytes_in = progress->bytes_in;
            if (watch.progress) watch.progress(progress->bytes_in);
        } else if (auto* delivered = std::get_if<wire::CourierDelivered>(&event); delivered != nullptr && under_way) {
            trip.status = delivered->status;
            trip.bytes_in = delivered->bytes_in;
            trip.bytes_out = delivered->bytes_out;
            trip.address = delivered->address;
            trip.sha256_in = delivered->sha256;
            return std::move(*delivered);
        } else {
            return courier_lie("a message out of its turn");
        }
    }
}

Result<wire::CourierDelivered> Couriers::carry(const wire::Order& asked, std::span<const int> descriptors,
                                               const Watch& watch) {
    if (!questions_)
        return fail(Code::unavailable,
                    "this kernel cannot ask Lar who may make a socket (it takes Linux 5.5 or newer, and a container "
                    "whose own filter does not ask already), so nothing may, and nothing can be fetched");
    wire::Order order = asked;
    order.certificates = options_.certificates;
    if (!models::is_this_machine(order.host)) order.proxy = options_.proxy;
    Trip trip{.host = order.host, .port = order.port, .sha256_out = order.payload_sha256, .began_us = clock_.now_us()};
    ipc::Worker courier = TRY(spawner_.spawn(wire::Worker::courier));
    Result<wire::CourierDelivered> delivered = talk(courier, order, descriptors, watch, trip);
    if (!delivered) {
        const bool cancelled = watch.cancelled != nullptr && watch.cancelled->load();
        // Its last word is its end; without one, how it ended says more than the channel does.
        if (const Code code = delivered.error().code; code == Code::corrupt || code == Code::timeout || cancelled)
            courier.kill();
        courier.channel().close();
        const Result<ipc::Ended> ended = courier.wait_ended(end_ms);
        if (cancelled)
            delivered = fail(Code::unavailable, "cancelled");
        else if (ended && ended->how != wire::Ending::finished && ended->how != wire::Ending::killed)
            delivered = fail(Code::internal, lar::format("the courier stopped: {}", sentence(*ended)));
        trip.problem = delivered.error().message;
    }
    trip.ended_us = clock_.now_us();
    log_trip(trip);
    tell_.trip(trip);
    return delivered;
}

}  // namespace lar::lard
