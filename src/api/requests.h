// What people write in requests, as the rooms want it: moments, kinds, limits, numbers in addresses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "http/message.h"
#include "recall/recall.h"
#include "wire/api.h"

namespace lar::api {

inline constexpr std::size_t limit_named_sources = 100;  // in one request

// A moment: RFC 3339, a date, how long ago ("2h", "3d"), or what a question may say ("yesterday", "last Monday"): the
// beginning of that.
Result<std::int64_t> parse_moment(std::string_view text, const Clock& clock, const Zone& zone);
Result<store::DocumentKind> parse_kind(std::string_view name);

// The question or query itself: not empty, at most wire::limit_question_bytes.
Result<> check_question(std::string_view text);
Result<recall::Limits> limits_of(const std::vector<std::string>& in, const std::optional<std::string>& since,
                                 const std::optional<std::string>& until, const std::vector<std::string>& kinds,
                                 const Clock& clock, const Zone& zone);

// ?name=N within 1..most, or `otherwise` where it is not given.
Result<std::uint32_t> number_in(const http::Request& request, std::string_view name, std::uint32_t otherwise,
                                std::uint32_t most);
bool flag_in(const http::Request& request, std::string_view name);  // ?name=1 or ?name=true
// GET search?q=&in=&since=&until=&kind=&limit=&by_document=&words_only=&explain=
Result<wire::ApiSearchRequest> search_in(const http::Request& request);

}  // namespace lar::api
