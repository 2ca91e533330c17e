// How FTS5 sees Lar's text: terms arrive analysed (index/analysis.h) and joined by spaces.
//
// A tokenizer `lar_terms` that splits at spaces and nothing else, and a function `lar_postings` that
// hands each passage a term occurs in, with how often it does in each field, to the PostingSink of the
// connection. Ranking is therefore computed by search.cpp and not by FTS5, which has no weights of ours
// and would look up the length of every passage one by one.
#pragma once

#include <array>
#include <cstdint>

#include "base/result.h"

namespace lar::store {

class Connection;

// The columns of the index, in order. The body is first because FTS5 names every column but the first in each posting.
enum class Field : std::uint8_t { body, title, path, context };
inline constexpr std::size_t field_count = 4;
using FieldCounts = std::array<std::uint32_t, field_count>;

class PostingSink {
public:
    virtual ~PostingSink() = default;
    virtual bool wants(std::int64_t passage) = 0;
    virtual void take(std::int64_t passage, const FieldCounts& counts) = 0;
};

Result<> register_terms(Connection& connection);

}  // namespace lar::store
