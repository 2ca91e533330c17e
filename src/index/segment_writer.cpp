#include "index/segment_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "base/format.h"

namespace lar::index {
namespace {

constexpr std::size_t limit_dictionary_held = 1024 * 1024;

Result<Fd> make_file(const std::filesystem::path& path) {
    Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return fail_errno(lar::format("writing {}", path.filename().string()), errno);
    return file;
}

Result<> write_at(const Fd& file, std::string_view bytes, std::uint64_t at) {
    while (!bytes.empty()) {
        const ssize_t n = ::pwrite(file.number(), bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno("writing the index", errno);
        bytes.remove_prefix(static_cast<std::size_t>(n));
        at += static_cast<std::uint64_t>(n);
    }
    return {};
}

template <class T>
std::string_view bytes_of(const std::vector<T>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

void append_posting(std::string& out, std::uint64_t distance, const FieldCounts& counts) {
    const bool plain = counts == FieldCounts{1, 0, 0, 0};
    append_varint(out, distance << 1 | (plain ? 1 : 0));
    if (plain) return;
    unsigned fields = 0;
    for (std::size_t field = 0; field < field_count; ++field)
        if (counts[field] > 0) fields |= 1U << field;
    out += static_cast<char>(fields);
    for (const std::uint32_t count : counts)
        if (count > 0) append_varint(out, count);
}

// Up to limit_impacts pairs that no posting surpasses: the most exact ones, joined until they are few enough.
void set_impacts(BlockFacts& facts, std::vector<Impact> pairs) {
    std::ranges::sort(pairs, [](const Impact& a, const Impact& b) {
        return a.length != b.length ? a.length < b.length : a.count > b.count;
    });
    std::vector<Impact> kept;  // longer bodies only where they hold the term more often
    for (const Impact& pair : pairs)
        if (kept.empty() || pair.count > kept.back().count) kept.push_back(pair);
    while (kept.size() > limit_impacts) {
        // The two neighbours whose joining says least that is not so.
        std::size_t best = 0;
        double least = std::numeric_limits<double>::max();
        for (std::size_t i = 0; i + 1 < kept.size(); ++i) {
            const double lost = static_cast<double>(kept[i + 1].count) / (kept[i].count + 0.5) *
                                (kept[i + 1].length + 1.0) / (kept[i].length + 1.0);
            if (lost >= least) continue;
            least = lost;
            best = i;
        }
        kept[best].count = kept[best + 1].count;
        kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    }
    std::ranges::copy(kept, facts.impacts.begin());
    facts.impact_count = static_cast<std::uint16_t>(kept.size());
}

}  // namespace

Result<SegmentWriter> SegmentWriter::to_file(const std::filesystem::path& path) {
    SegmentWriter writer;
    writer.path_ = path;
    writer.unfinished_ = path.string() + ".part";
    writer.file_ = TRY(make_file(writer.unfinished_));
    return writer;
}

SegmentWriter SegmentWriter::in_memory() { return SegmentWriter(); }

SegmentWriter::~SegmentWriter() {
    if (file_) ::unlink(unfinished_.c_str());
}

// ---- bytes ----

Result<> SegmentWriter::append(std::string_view bytes) {
    written_ += bytes.size();
    while (chunk_.size() + bytes.size() >= sum_chunk_bytes) {
        const std::size_t taken = sum_chunk_bytes - chunk_.size();
        chunk_ += bytes.substr(0, taken);
        bytes.remove_prefix(taken);
        TRY_VOID(flush_chunk());
    }
    chunk_ += bytes;
    return {};
}

Result<> SegmentWriter::flush_chunk() {
    if (chunk_.empty()) return {};
    const std::uint64_t at = sizeof(SegmentHeader) + sums_.size() * sum_chunk_bytes;
    sums_.push_back(checksum(as_bytes(chunk_)));
    if (file_) {
        TRY_VOID(write_at(file_, chunk_, at));
    } else {
        memory_ += chunk_;
    }
    chunk_.clear();
    return {};
}

// ---- passages ----

Result<> SegmentWriter::begin(Documents documents) {
    const std::size_t count = documents.ids.size();
    if (count > std::numeric_limits<std::uint32_t>::max() || documents.lengths.size() != count * length_bytes)
        return fail(Code::internal, "a segment's passages and lengths do not fit");
    header_.documents = static_cast<std::uint32_t>(count);
    header_.first_id = count > 0 ? documents.ids.front() : 0;
    if (!file_) memory_.resize(sizeof(SegmentHeader));
    lengths_ = std::move(documents.lengths);
    for (const std::int64_t id : documents.ids) {
        const std::int64_t distance = id - header_.first_id;
        if (distance < 0 || distance > std::numeric_limits<std::uint32_t>::max())
            return fail(Code::too_large, "passages of a segment lie too far apart");
        const auto small = static_cast<std::uint32_t>(distance);
        TRY_VOID(append({reinterpret_cast<const char*>(&small), sizeof small}));
    }
    TRY_VOID(append(lengths_));
    const std::uint64_t begin = sizeof(SegmentHeader);
    header_.ids_at = begin;
    header_.lengths_at = begin + count * id_bytes;
    header_.postings_at = begin + written_;
    return {};
}

// ---- terms ----

void SegmentWriter::begin_term(std::string_view term) {
    term_ = term.substr(0, limit_stored_term_bytes);
    size_ = 0;
    next_place_ = block_from_ = 0;
    block_->size = 0;
    facts_.clear();
    list_at_ = sizeof(SegmentHeader) + written_;
}

Result<> SegmentWriter::add(std::uint32_t place, const FieldCounts& counts) {
    ASSERT(place >= next_place_ && place < header_.documents);
    PostingBlock& block = *block_;
    block.places[block.size] = place;
    for (std::size_t field = 0; field < field_count; ++field)
        block.counts[field][block.size] = std::min(counts[field], limit_counts[field]);
    ++block.size;
    ++size_;
    next_place_ = std::uint64_t{place} + 1;
    return block.size == pack_numbers ? close_block() : Result<>();
}

Result<> SegmentWriter::close_block() {
    const std::uint64_t list_bytes = sizeof(SegmentHeader) + written_ - list_at_;
    encoded_.clear();
    if (block_->size == pack_numbers)
        write_packed(encoded_);
    else
        write_varints(encoded_);
    if (list_bytes + encoded_.size() > std::numeric_limits<std::uint32_t>::max())
        return fail(Code::too_large, "a term is in too many passages for one segment");
    facts_.push_back(size_ >= pack_numbers ? facts_of_block() : BlockFacts());
    facts_.back().end = static_cast<std::uint32_t>(list_bytes + encoded_.size());
    block_from_ = next_place_;
    block_->size = 0;
    return append(encoded_);
}

void SegmentWriter::write_packed(std::string& out) {
    std::array<std::uint32_t, pack_numbers> numbers;
    std::uint64_t next = block_from_;
    for (std::size_t i = 0; i < pack_numbers; ++i) {
        numbers[i] = static_cast<std::uint32_t>(block_->places[i] - next);
        next = std::uint64_t{block_->places[i]} + 1;
    }
    const unsigned place_bits = bits_needed(numbers);
    auto& body = block_->counts[0];
    unsigned flags = 0;
    if (std::ranges::min(body) > 0) {
        flags = counts_less_one;
        for (std::uint32_t& count : body) --count;
    }
    std::array<unsigned, field_count> bits{bits_needed(body)};
    for (std::size_t field = 1; field < field_count; ++field) {
        bits[field] = bits_needed(block_->counts[field]);
        if (bits[field] > 0) flags |= 1U << field;
    }
    out += static_cast<char>(place_bits);
    out += static_cast<char>(bits[0]);
    out += static_cast<char>(flags);
    for (std::size_t field = 1; field < field_count; ++field)
        if (bits[field] > 0) out += static_cast<char>(bits[field]);
    append_pack(out, numbers, place_bits);
    for (std::size_t field = 0; field < field_count; ++field) append_pack(out, block_->counts[field], bits[field]);
    if ((flags & counts_less_one) != 0)
        for (std::uint32_t& count : body) ++count;
}

void SegmentWriter::write_varints(std::string& out) {
    std::uint64_t next = block_from_;
    for (std::uint32_t i = 0; i < block_->size; ++i) {
        FieldCounts counts;
        for (std::size_t field = 0; field < field_count; ++field) counts[field] = block_->counts[field][i];
        append_posting(out, block_->places[i] - next, counts);
        next = std::uint64_t{block_->places[i]} + 1;
    }
}

BlockFacts SegmentWriter::facts_of_block() const {
    BlockFacts facts;
    facts.last_place = static_cast<std::uint32_t>(next_place_ - 1);
    facts.lengths.fill(255);
    std::vector<Impact> pairs;
    pairs.reserve(block_->size);
    const auto* const packed = reinterpret_cast<const unsigned char*>(lengths_.data());
    for (std::uint32_t i = 0; i < block_->size; ++i) {
        const FieldCounts lengths = unpack_lengths(packed, block_->places[i]);
        pairs.push_back({static_cast<std::uint16_t>(block_->counts[0][i]), static_cast<std::uint16_t>(lengths[0])});
        for (std::size_t other = 0; other + 1 < field_count; ++other) {
            facts.counts[other] =
                std::max(facts.counts[other], static_cast<std::uint8_t>(block_->counts[other + 1][i]));
            facts.lengths[other] = std::min(facts.lengths[other], static_cast<std::uint8_t>(lengths[other + 1]));
        }
    }
    set_impacts(facts, std::move(pairs));
    return facts;
}

Result<> SegmentWriter::end_term() {
    if (size_ == 0) return {};
    if (size_ > 1 && block_->size > 0) TRY_VOID(close_block());
    add_to_dictionary();
    if (size_ >= pack_numbers) TRY_VOID(append(bytes_of(facts_)));
    if (dictionary_.size() < limit_dictionary_held || !file_) return {};
    if (!spilled_) {
        const std::string name = path_.string() + ".terms";
        spilled_ = TRY(make_file(name));
        if (::unlink(name.c_str()) != 0) return fail_errno("writing the index", errno);
    }
    TRY_VOID(write_at(spilled_, dictionary_, spilled_bytes_));
    spilled_bytes_ += dictionary_.size();
    dictionary_.clear();
    return {};
}

void SegmentWriter::add_to_dictionary() {
    ASSERT(header_.terms == 0 || last_term_ < term_);
    const bool begins_group = header_.terms % group_terms == 0;
    if (begins_group) {
        groups_.push_back(spilled_bytes_ + dictionary_.size());
        lists_end_ = 0;
    }
    const std::size_t shared =
        begins_group ? 0 : static_cast<std::size_t>(std::ranges::mismatch(last_term_, term_).in1 - last_term_.begin());
    append_varint(dictionary_, shared);
    append_varint(dictionary_, term_.size() - shared);
    dictionary_ += std::string_view(term_).substr(shared);
    append_varint(dictionary_, size_);
    if (size_ == 1) {
        FieldCounts counts;
        for (std::size_t field = 0; field < field_count; ++field) counts[field] = block_->counts[field][0];
        append_posting(dictionary_, block_->places[0], counts);
    } else {
        const std::uint64_t begin = list_at_ - header_.postings_at;
        const std::uint64_t bytes = facts_.back().end;
        append_varint(dictionary_, begin - lists_end_);
        append_varint(dictionary_, bytes);
        lists_end_ = begin + bytes + (size_ < pack_numbers ? 0 : facts_.size() * sizeof(BlockFacts));
    }
    last_term_ = term_;
    ++header_.terms;
}

// ---- the end ----

Result<> SegmentWriter::append_dictionary() {
    std::string piece(sum_chunk_bytes, '\0');
    for (std::uint64_t at = 0; at < spilled_bytes_;) {
        const ssize_t n = ::pread(spilled_.number(), piece.data(),
                                  std::min<std::uint64_t>(piece.size(), spilled_bytes_ - at), static_cast<off_t>(at));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return fail_errno("reading back the terms of the index", errno);
        TRY_VOID(append(std::string_view(piece).substr(0, static_cast<std::size_t>(n))));
        at += static_cast<std::uint64_t>(n);
    }
    return append(dictionary_);
}

Result<> SegmentWriter::finish() {
    header_.dictionary_at = sizeof(SegmentHeader) + written_;
    TRY_VOID(append_dictionary());
    header_.groups_at = sizeof(SegmentHeader) + written_;
    TRY_VOID(append(bytes_of(groups_)));
    header_.sums_at = sizeof(SegmentHeader) + written_;
    TRY_VOID(flush_chunk());
    header_.file_bytes = header_.sums_at + sums_.size() * sizeof(std::uint64_t);
    header_.sum_of_sums = checksum(as_bytes(bytes_of(sums_)));
    header_.sum_of_header =
        checksum({reinterpret_cast<const unsigned char*>(&header_), offsetof(SegmentHeader, sum_of_header)});
    const std::string_view header(reinterpret_cast<const char*>(&header_), sizeof header_);
    if (!file_) {
        memory_ += bytes_of(sums_);
        memory_.replace(0, header.size(), header);
        return {};
    }
    TRY_VOID(write_at(file_, bytes_of(sums_), header_.sums_at));
    TRY_VOID(write_at(file_, header, 0));
    if (::fsync(file_.number()) != 0) return fail_errno("writing the index", errno);
    if (::rename(unfinished_.c_str(), path_.c_str()) != 0) return fail_errno("writing the index", errno);
    file_.reset();
    const Fd folder(::open(path_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.number()) != 0) return fail_errno("writing the index", errno);
    return {};
}

}  // namespace lar::index
