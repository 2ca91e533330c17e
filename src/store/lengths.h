// How long each passage is, in terms per field, for ranking: packed so that a search reads them in blocks.
//
// FTS5 keeps lengths too, but only to be looked up one passage at a time, which for a common term costs more than all
// else together. Here 1,024 passages share a row of five bytes each: the body in two, title, path and context in one
// (longer ones count as 65,535 or 255; ranking cannot tell). A row of zeros is a passage that is not there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/database.h"
#include "store/records.h"
#include "store/terms.h"

namespace lar::store {

inline constexpr std::int64_t passages_in_block = 1024;
inline constexpr std::size_t length_bytes = 5;
inline constexpr std::size_t length_block_bytes = length_bytes * static_cast<std::size_t>(passages_in_block);

inline std::int64_t block_of(std::int64_t passage) { return passage / passages_in_block; }
inline std::size_t place_in_block(std::int64_t passage) {
    return static_cast<std::size_t>(passage % passages_in_block);
}

FieldCounts lengths_of(const IndexedText& indexed);
FieldCounts unpack_lengths(std::string_view block, std::size_t place);
// The block's bytes; nothing where none of its passages exists; corrupt when it is not a block.
Result<std::string> read_length_block(Connection& connection, std::int64_t block);

// The changes of one transaction, written by flush(). Holds the blocks touched: 5 KiB for every 1,024 passages.
class LengthEditor {
public:
    explicit LengthEditor(Connection& connection) : connection_(connection) {}
    Result<> put(std::int64_t passage, const FieldCounts& lengths);
    Result<FieldCounts> remove(std::int64_t passage);  // what it was
    Result<> flush();

private:
    struct Block {
        std::string bytes;
        bool changed = false;
    };
    Result<Block*> block(std::int64_t number);

    Connection& connection_;
    std::map<std::int64_t, Block> blocks_;
};

}  // namespace lar::store
