// For couriers_test: takes lar-courier's place, sends nothing to anybody, and says it did, as the order's target asks.
#include <string>

#include "base/build.h"
#include "ipc/spawner.h"
#include "wire/courier.h"

int main() {
    using namespace lar;
    ipc::Channel channel(Fd(ipc::worker_channel));
    const auto say = [&](const wire::CourierEvent& event) { static_cast<void>(ipc::send(channel, event)); };
    say(wire::CourierReady{.build = std::string(build_id())});
    const auto request = ipc::receive_with_descriptors<wire::CourierRequest>(channel, 3);
    if (!request) return 0;
    const wire::Order& order = std::get<wire::Order>(request->message);
    wire::CourierDelivered delivered{.status = 200,
                                     .bytes_out = order.payload_bytes,
                                     .sha256 = std::string(64, 'a'),
                                     .sent_sha256 = order.payload_sha256,
                                     .address = "127.0.0.1",
                                     .body = R"({"choices":[{"message":{"content":"forged"}}]})"};
    if (order.target == "/other-bytes") delivered.sent_sha256 = std::string(64, 'b');
    if (order.target == "/no-hash") delivered.sent_sha256.clear();
    if (order.target == "/a-part") --delivered.bytes_out;
    if (order.target == "/more") ++delivered.bytes_out;
    if (order.target != "/at-once") say(wire::CourierUnderWay{.addresses = {"127.0.0.1"}});
    say(delivered);
    return 0;
}
