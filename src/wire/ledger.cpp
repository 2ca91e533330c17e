#include "wire/ledger.h"

#include "wire/json.h"

using namespace lar::wire;

LAR_WIRE_TYPE(LedgerHandoff);
LAR_WIRE_TYPE(LedgerDownload);
LAR_WIRE_TYPE(LedgerDenied);
LAR_WIRE_TYPE(LedgerComputed);
LAR_WIRE_TYPE(ApiLedger);
LAR_WIRE_TYPE(ApiLedgerCheck);
