// What leads to people and machines by its shape: e-mail addresses, phone numbers, home folders, private hosts.
//
// What is the same on everybody's machine stays: loopback, documentation's addresses, /home/user, git@.
#pragma once

#include <cstddef>
#include <string_view>

#include "consent/matching.h"

namespace lar::consent {

// The address around the '@' there. It is told by its '@', so it may begin before places that were looked at already.
Maybe email_at(std::string_view text, std::size_t at_sign);
// Beginning with '+', '(' or a digit there.
Maybe phone_at(std::string_view text, std::size_t at);
// Beginning with '/', '\' or a drive's letter there: the folder up to the user's name.
Maybe home_at(std::string_view text, std::size_t at);
// An address or a name of a private network, beginning there.
Maybe host_at(std::string_view text, std::size_t at);

}  // namespace lar::consent
