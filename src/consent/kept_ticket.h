// A ticket as the line of JSON that the store keeps.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "consent/ticket.h"

namespace lar::consent {

std::string kept_form(const Ticket& ticket);
// corrupt for what kept_form() did not make.
Result<Ticket> ticket_kept_as(std::string_view json);

}  // namespace lar::consent
