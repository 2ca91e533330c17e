// The ledger, summed up or checked.
#include <string>

#include "api/lar_routes.h"
#include "api/replies.h"
#include "api/requests.h"

namespace lar::api {
namespace {

constexpr std::uint32_t limit_entries_listed = 10'000;

}  // namespace

void LarRoutes::ledger(http::Request&& request, http::Responder responder) {
    const auto told = [&]() -> Result<wire::ApiLedger> {
        const std::uint32_t limit = TRY(number_in(request, "limit", 20, limit_entries_listed));
        auto reader = TRY(readers_.lease());
        return rooms_.ledger.report(*reader, http::find_parameter(request.query, "month").value_or(""), limit);
    }();
    reply(responder, told);
}

void LarRoutes::verify_ledger(http::Request&&, http::Responder responder) {
    const auto checked = [&]() -> Result<wire::ApiLedgerCheck> {
        auto reader = TRY(readers_.lease());
        return rooms_.ledger.verify(*reader);
    }();
    reply(responder, checked);
}

}  // namespace lar::api
