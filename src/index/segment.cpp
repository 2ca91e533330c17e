#include "index/segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "base/format.h"

namespace lar::index {
namespace {

std::unexpected<Error> damaged(std::string_view what, std::source_location where = std::source_location::current()) {
    return fail(Code::corrupt, lar::format("a segment of the index is damaged ({})", what), where);
}

template <class T>
T read_as(const unsigned char* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

std::uint64_t sum_of_header(const SegmentHeader& header) {
    return checksum({reinterpret_cast<const unsigned char*>(&header), offsetof(SegmentHeader, sum_of_header)});
}

Result<> read_counts(ByteReader& reader, std::uint8_t fields, FieldCounts& counts) {
    counts = {};
    for (std::size_t field = 0; field < field_count; ++field) {
        if ((fields >> field & 1) == 0) continue;
        const std::uint64_t count = reader.varint();
        if (count == 0 || count > limit_counts[field]) return damaged("a count");
        counts[field] = static_cast<std::uint32_t>(count);
    }
    return {};
}

Result<> read_posting(ByteReader& reader, std::uint64_t& next_place, std::uint32_t documents, std::uint32_t& place,
                      FieldCounts& counts) {
    const std::uint64_t head = reader.varint();
    next_place += head >> 1;
    if (!reader.ok() || head >> 1 > documents || next_place >= documents) return damaged("a posting");
    place = static_cast<std::uint32_t>(next_place++);
    counts = {1, 0, 0, 0};
    if ((head & 1) == 0) TRY_VOID(read_counts(reader, reader.byte(), counts));
    return reader.ok() ? Result<>() : damaged("a posting");
}

}  // namespace

std::string pack_lengths(const FieldCounts& lengths) {
    std::string packed{static_cast<char>(lengths[0] & 0xff), static_cast<char>(lengths[0] >> 8)};
    for (std::size_t field = 1; field < field_count; ++field) packed += static_cast<char>(lengths[field]);
    return packed;
}

// ---- opening ----

Segment::~Segment() {
    if (mapped_) ::munmap(const_cast<unsigned char*>(bytes_.data()), bytes_.size());
}

Result<Segment::Shared> Segment::open(const std::filesystem::path& path) {
    const Fd file = TRY(open_read_only(path));
    struct stat facts{};
    if (::fstat(file.number(), &facts) != 0) return fail_errno("looking at a segment of the index", errno);
    const auto size = static_cast<std::size_t>(facts.st_size);
    if (!S_ISREG(facts.st_mode) || size < sizeof(SegmentHeader)) return damaged("it is too short");
    void* const bytes = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.number(), 0);
    if (bytes == MAP_FAILED) return fail_errno("mapping a segment of the index", errno);
    std::unique_ptr<Segment> segment(new Segment);
    segment->bytes_ = {static_cast<const unsigned char*>(bytes), size};
    segment->mapped_ = true;
    return made(std::move(segment));
}

Result<Segment::Shared> Segment::of(std::string bytes) {
    std::unique_ptr<Segment> segment(new Segment);
    segment->owned_ = std::move(bytes);
    segment->bytes_ = as_bytes(segment->owned_);
    if (segment->bytes_.size() < sizeof(SegmentHeader)) return damaged("it is too short");
    return made(std::move(segment));
}

Result<Segment::Shared> Segment::made(std::unique_ptr<Segment> segment) {
    TRY_VOID(segment->look_at_header());
    return Shared(std::move(segment));
}

Result<> Segment::look_at_header() {
    const auto header = read_as<SegmentHeader>(bytes_.data());
    if (header.magic != segment_magic) return damaged("it is none");
    if (header.version != segment_version)
        return damaged(lar::format("version {}, this Lar reads {}", header.version, segment_version));
    if (header.sum_of_header != sum_of_header(header)) return damaged("its header");
    const std::array borders{std::uint64_t{sizeof(SegmentHeader)},
                             header.ids_at,
                             header.lengths_at,
                             header.postings_at,
                             header.dictionary_at,
                             header.groups_at,
                             header.sums_at,
                             header.file_bytes};
    if (!std::ranges::is_sorted(borders) || header.file_bytes != bytes_.size() || header.ids_at != borders[0])
        return damaged("its parts");
    const std::uint64_t chunks = (header.sums_at - header.ids_at + sum_chunk_bytes - 1) / sum_chunk_bytes;
    const std::uint64_t groups = (header.terms + group_terms - 1) / group_terms;
    if (header.terms > header.file_bytes ||
        header.lengths_at - header.ids_at != std::uint64_t{header.documents} * id_bytes ||
        header.postings_at - header.lengths_at != std::uint64_t{header.documents} * length_bytes ||
        header.sums_at - header.groups_at != groups * sizeof(std::uint64_t) ||
        header.file_bytes - header.sums_at != chunks * sizeof(std::uint64_t))
        return damaged("its parts");
    if (checksum(bytes_.subspan(header.sums_at)) != header.sum_of_sums) return damaged("its checksums");
    compared_ = std::vector<std::atomic<bool>>(chunks);
    header_ = header;
    return {};
}

Result<std::span<const unsigned char>> Segment::view(std::uint64_t at, std::uint64_t size) const {
    if (at < header_.ids_at || at > header_.sums_at || size > header_.sums_at - at) return damaged("a place in it");
    if (size == 0) return std::span<const unsigned char>();
    const std::uint64_t base = header_.ids_at;
    for (std::uint64_t chunk = (at - base) / sum_chunk_bytes; chunk <= (at + size - 1 - base) / sum_chunk_bytes;
         ++chunk) {
        if (compared_[chunk].load(std::memory_order_relaxed)) continue;
        const std::uint64_t begin = base + chunk * sum_chunk_bytes;
        const std::uint64_t end = std::min(begin + sum_chunk_bytes, header_.sums_at);
        const auto sum = read_as<std::uint64_t>(bytes_.data() + header_.sums_at + chunk * sizeof(std::uint64_t));
        if (checksum(bytes_.subspan(begin, end - begin)) != sum) return damaged("a checksum");
        compared_[chunk].store(true, std::memory_order_relaxed);
    }
    return bytes_.subspan(at, size);
}

void Segment::release_memory() const {
    if (mapped_) ::madvise(const_cast<unsigned char*>(bytes_.data()), bytes_.size(), MADV_DONTNEED);
}

// ---- passages ----

Result<std::int64_t> Segment::id_at(std::uint32_t place) const {
    if (place >= header_.documents) return damaged("a place of a passage");
    const auto bytes = TRY(view(header_.ids_at + std::uint64_t{place} * id_bytes, id_bytes));
    return header_.first_id + unpack_id(bytes.data(), 0);
}

Result<std::int64_t> Segment::last_id() const {
    if (header_.documents == 0) return header_.first_id;
    return id_at(header_.documents - 1);
}

Result<std::uint32_t> Segment::first_place_from(std::int64_t id) const {
    if (id <= header_.first_id) return 0;
    std::uint32_t low = 0;
    std::uint32_t high = header_.documents;
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        if (TRY(id_at(middle)) < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

Result<std::optional<std::uint32_t>> Segment::place_of(std::int64_t id) const {
    const std::uint32_t place = TRY(first_place_from(id));
    if (place == header_.documents || TRY(id_at(place)) != id) return std::nullopt;
    return place;
}

Result<std::span<const unsigned char>> Segment::ids() const {
    return view(header_.ids_at, header_.lengths_at - header_.ids_at);
}

Result<std::span<const unsigned char>> Segment::lengths() const {
    return view(header_.lengths_at, header_.postings_at - header_.lengths_at);
}

// ---- terms ----

Result<std::uint64_t> Segment::group_at(std::uint64_t number) const {
    const auto bytes = TRY(view(header_.groups_at + number * sizeof(std::uint64_t), sizeof(std::uint64_t)));
    return read_as<std::uint64_t>(bytes.data());
}

Result<std::span<const unsigned char>> Segment::group(std::uint64_t number) const {
    const std::uint64_t size = header_.groups_at - header_.dictionary_at;
    const std::uint64_t begin = TRY(group_at(number));
    const std::uint64_t end = number + 1 < groups() ? TRY(group_at(number + 1)) : size;
    if (begin > end || end > size) return damaged("a group of terms");
    return view(header_.dictionary_at + begin, end - begin);
}

Result<std::string_view> Segment::first_term(std::uint64_t number) const {
    ByteReader reader(TRY(group(number)));
    const std::uint64_t shared = reader.varint();
    const std::string_view term = reader.bytes(reader.varint());
    return reader.ok() && shared == 0 ? Result<std::string_view>(term) : damaged("a term");
}

Result<TermWalk> Segment::walk_near(std::string_view term) const {
    // The last group whose first term is not after the one that is looked for.
    std::uint64_t low = 0;
    std::uint64_t high = groups();
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (TRY(first_term(middle)) <= term)
            low = middle + 1;
        else
            high = middle;
    }
    TermWalk walk(*this);
    if (low > 0) TRY_VOID(walk.begin_group(low - 1));
    return walk;
}

Result<std::optional<Segment::List>> Segment::find(std::string_view term) const {
    TermWalk walk = TRY(walk_near(term));
    while (TRY(walk.next()) && walk.term() <= term)
        if (walk.term() == term) return walk.list();
    return std::nullopt;
}

Result<> TermWalk::begin_group(std::uint64_t number) {
    taken_ = number * group_terms;
    reader_ = ByteReader(TRY(segment_->group(number)));
    term_.clear();
    next_list_ = 0;
    return {};
}

Result<bool> TermWalk::next() {
    if (taken_ == segment_->terms()) return false;
    if (taken_ % group_terms == 0) TRY_VOID(begin_group(taken_ / group_terms));
    TRY_VOID(read_entry());
    ++taken_;
    return true;
}

Result<> TermWalk::read_entry() {
    const std::uint64_t shared = reader_.varint();
    const std::string_view rest = reader_.bytes(reader_.varint());
    if (!reader_.ok() || shared > term_.size() || shared + rest.size() > limit_stored_term_bytes)
        return damaged("a term");
    term_.resize(shared);
    term_ += rest;
    const std::uint64_t size = reader_.varint();
    if (!reader_.ok() || size == 0 || size > segment_->documents()) return damaged("a term's number of passages");
    list_ = {.size = static_cast<std::uint32_t>(size)};
    if (size == 1) {
        std::uint64_t next_place = 0;
        auto& [place, counts] = list_.single.emplace();
        return read_posting(reader_, next_place, segment_->documents(), place, counts);
    }
    const std::uint64_t distance = reader_.varint();
    list_.bytes = reader_.varint();
    const SegmentHeader& header = segment_->header_;
    const std::uint64_t room = header.dictionary_at - header.postings_at;
    if (!reader_.ok() || distance > room || list_.bytes > room) return damaged("where a term's postings are");
    next_list_ += distance;
    list_.at = header.postings_at + next_list_;
    const std::uint64_t facts = size < pack_numbers ? 0 : Segment::blocks_of(list_) * sizeof(BlockFacts);
    if (next_list_ + list_.bytes + facts > room) return damaged("where a term's postings are");
    next_list_ += list_.bytes + facts;
    return {};
}

// ---- postings ----

Result<std::vector<BlockFacts>> Segment::facts_of(const List& list) const {
    std::vector<BlockFacts> facts;
    if (list.size < pack_numbers) return facts;
    facts.resize(blocks_of(list));
    const auto bytes = TRY(view(list.at + list.bytes, facts.size() * sizeof(BlockFacts)));
    std::memcpy(facts.data(), bytes.data(), bytes.size());
    for (std::size_t i = 0; i < facts.size(); ++i) {
        const bool rises =
            i == 0 || (facts[i - 1].last_place < facts[i].last_place && facts[i - 1].end <= facts[i].end);
        if (!rises || facts[i].last_place >= header_.documents || facts[i].end > list.bytes ||
            facts[i].impact_count > limit_impacts)
            return damaged("what is said of postings");
    }
    return facts;
}

namespace {

Result<> read_varint_postings(std::span<const unsigned char> bytes, std::uint64_t next_place, std::uint32_t documents,
                              PostingBlock& block) {
    ByteReader reader(bytes);
    block.other_fields = 0;
    for (std::uint32_t i = 0; i < block.size; ++i) {
        FieldCounts counts;
        TRY_VOID(read_posting(reader, next_place, documents, block.places[i], counts));
        for (std::size_t field = 0; field < field_count; ++field) {
            block.counts[field][i] = counts[field];
            if (field > 0 && counts[field] > 0) block.other_fields |= static_cast<std::uint8_t>(1U << field);
        }
    }
    return {};
}

Result<> read_packed_postings(std::span<const unsigned char> bytes, std::uint64_t next_place, std::uint32_t last_place,
                              PostingBlock& block) {
    ByteReader reader(bytes);
    const unsigned place_bits = reader.byte();
    std::array<unsigned, field_count> bits{reader.byte()};
    const std::uint8_t flags = reader.byte();
    block.other_fields = flags & other_fields_mask;
    for (std::size_t field = 1; field < field_count; ++field)
        if ((flags >> field & 1) != 0) bits[field] = reader.byte();
    std::size_t wanted = pack_bytes(place_bits);
    for (const unsigned each : bits) wanted += pack_bytes(each);
    if (!reader.ok() || place_bits > limit_pack_bits || std::ranges::max(bits) > limit_pack_bits ||
        reader.left() != wanted)
        return damaged("a block of postings");
    const unsigned char* at = reader.at();
    read_pack(at, place_bits, block.places);
    at += pack_bytes(place_bits);
    for (std::uint32_t& place : block.places) {
        next_place += place;
        place = static_cast<std::uint32_t>(next_place++);
    }
    if (next_place != std::uint64_t{last_place} + 1) return damaged("a block of postings");
    for (std::size_t field = 0; field < field_count; ++field) {
        if (field > 0 && (flags >> field & 1) == 0) continue;
        read_pack(at, bits[field], block.counts[field]);
        at += pack_bytes(bits[field]);
    }
    if ((flags & counts_less_one) != 0)
        for (std::uint32_t& count : block.counts[0]) ++count;
    return {};
}

}  // namespace

Result<> Segment::read_block(const List& list, std::span<const BlockFacts> facts, std::uint32_t number,
                             PostingBlock& block) const {
    if (list.single) {
        block.size = 1;
        block.other_fields = 0;
        block.places[0] = list.single->first;
        for (std::size_t field = 0; field < field_count; ++field) {
            block.counts[field][0] = list.single->second[field];
            if (field > 0 && list.single->second[field] > 0)
                block.other_fields |= static_cast<std::uint8_t>(1U << field);
        }
        return {};
    }
    if (facts.empty()) {
        block.size = list.size;
        return read_varint_postings(TRY(view(list.at, list.bytes)), 0, header_.documents, block);
    }
    const std::uint64_t begin = number == 0 ? 0 : facts[number - 1].end;
    const std::uint64_t next_place = number == 0 ? 0 : std::uint64_t{facts[number - 1].last_place} + 1;
    const auto bytes = TRY(view(list.at + begin, facts[number].end - begin));
    block.size = std::min<std::uint32_t>(pack_numbers, list.size - number * static_cast<std::uint32_t>(pack_numbers));
    if (block.size == pack_numbers) return read_packed_postings(bytes, next_place, facts[number].last_place, block);
    TRY_VOID(read_varint_postings(bytes, next_place, header_.documents, block));
    return block.places[block.size - 1] == facts[number].last_place ? Result<>() : damaged("a block of postings");
}

Result<> Segment::check() const {
    TRY_VOID(view(header_.ids_at, header_.sums_at - header_.ids_at));
    for (std::uint32_t place = 1; place < header_.documents; ++place)
        if (TRY(id_at(place - 1)) >= TRY(id_at(place))) return damaged("the order of its passages");
    TermWalk walk(*this);
    PostingBlock block;
    for (std::string before; TRY(walk.next()); before = walk.term()) {
        if (!before.empty() && before >= walk.term()) return damaged("the order of its terms");
        const auto facts = TRY(facts_of(walk.list()));
        for (std::uint32_t number = 0; number < blocks_of(walk.list()); ++number)
            TRY_VOID(read_block(walk.list(), facts, number, block));
    }
    return {};
}

}  // namespace lar::index
