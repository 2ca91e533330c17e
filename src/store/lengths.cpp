#include "store/lengths.h"

#include <algorithm>
#include <utility>

namespace lar::store {
namespace {

constexpr std::size_t limit_blocks_held = 256;  // 1.3 MB; beyond it a large transaction writes early

std::uint32_t count_terms(std::string_view terms) {
    std::uint32_t count = 0;
    char before = ' ';
    for (const char c : terms) {
        if (before == ' ' && c != ' ') ++count;
        before = c;
    }
    return count;
}

std::uint32_t byte_at(std::string_view block, std::size_t index) { return static_cast<unsigned char>(block[index]); }

void pack_lengths(std::string& block, std::size_t place, const FieldCounts& lengths) {
    const std::size_t at = place * length_bytes;
    block[at] = static_cast<char>(lengths[0] & 0xff);
    block[at + 1] = static_cast<char>(lengths[0] >> 8);
    for (std::size_t field = 1; field < field_count; ++field) block[at + 1 + field] = static_cast<char>(lengths[field]);
}

}  // namespace

FieldCounts lengths_of(const IndexedText& indexed) {
    return {std::min(count_terms(indexed.body), 65535U), std::min(count_terms(indexed.title), 255U),
            std::min(count_terms(indexed.path), 255U), std::min(count_terms(indexed.context), 255U)};
}

FieldCounts unpack_lengths(std::string_view block, std::size_t place) {
    const std::size_t at = place * length_bytes;
    return {byte_at(block, at) | (byte_at(block, at + 1) << 8), byte_at(block, at + 2), byte_at(block, at + 3),
            byte_at(block, at + 4)};
}

Result<std::string> read_length_block(Connection& connection, std::int64_t block) {
    Statement statement = TRY(connection.prepare("SELECT lengths FROM passage_lengths WHERE block = ?1"));
    statement.bind(block);
    if (!TRY(statement.step())) return std::string();
    std::string bytes = statement.text(0);
    if (bytes.size() != length_block_bytes) return fail(Code::corrupt, "the store's lengths are damaged");
    return bytes;
}

Result<LengthEditor::Block*> LengthEditor::block(std::int64_t number) {
    if (const auto found = blocks_.find(number); found != blocks_.end()) return &found->second;
    if (blocks_.size() >= limit_blocks_held) TRY_VOID(flush());
    std::string bytes = TRY(read_length_block(connection_, number));
    if (bytes.empty()) bytes.resize(length_block_bytes);
    return &blocks_.emplace(number, Block{std::move(bytes), false}).first->second;
}

Result<> LengthEditor::put(std::int64_t passage, const FieldCounts& lengths) {
    Block* const in = TRY(block(block_of(passage)));
    pack_lengths(in->bytes, place_in_block(passage), lengths);
    in->changed = true;
    return {};
}

Result<FieldCounts> LengthEditor::remove(std::int64_t passage) {
    Block* const in = TRY(block(block_of(passage)));
    const FieldCounts before = unpack_lengths(in->bytes, place_in_block(passage));
    pack_lengths(in->bytes, place_in_block(passage), {});
    in->changed = true;
    return before;
}

Result<> LengthEditor::flush() {
    for (auto& [number, block] : blocks_) {
        if (!block.changed) continue;
        if (block.bytes.find_first_not_of('\0') == std::string::npos) {
            TRY_VOID(connection_.run("DELETE FROM passage_lengths WHERE block = ?1", number));
        } else {
            TRY_VOID(
                connection_.run("INSERT INTO passage_lengths VALUES (?1, ?2) "
                                "ON CONFLICT (block) DO UPDATE SET lengths = excluded.lengths",
                                number, Blob{block.bytes}));
        }
    }
    blocks_.clear();
    return {};
}

}  // namespace lar::store
