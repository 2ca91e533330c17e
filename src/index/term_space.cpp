#include "index/term_space.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

#include "base/fd.h"
#include "base/format.h"
#include "base/identity.h"

namespace lar::index {
namespace {

static_assert(std::endian::native == std::endian::little, "spaces are mapped as they are");

constexpr std::uint32_t least_holders = 2;        // one passage alone says nothing of what goes together
constexpr std::size_t passages_in_dimension = 4;  // at least
constexpr float largest_byte = 127;

// After it: the hashes of the terms, ascending; a factor for each; its place, in bytes.
struct SpaceHeader {
    std::array<char, 8> magic;
    std::uint32_t version, dimensions;
    std::uint64_t terms, passages, sources;
    std::array<char, 64> body_hash;
    std::array<char, 64> hash;  // of what stands before it
};
constexpr std::array<char, 8> space_magic{'L', 'a', 'r', 'S', 'p', 'a', 'c', 'e'};
constexpr std::uint32_t space_version = 1;
constexpr std::size_t keys_at = sizeof(SpaceHeader);
static_assert(keys_at % sizeof(std::uint64_t) == 0);

constexpr std::size_t factors_at(std::size_t terms) { return keys_at + terms * sizeof(std::uint64_t); }
constexpr std::size_t places_at(std::size_t terms) { return factors_at(terms) + terms * sizeof(float); }
constexpr std::size_t end_of(std::size_t terms, std::size_t dimensions) {
    return places_at(terms) + terms * dimensions;
}

std::string hash_of_space(const SpaceHeader& header) {
    return hash_hex({reinterpret_cast<const char*>(&header), offsetof(SpaceHeader, hash)});
}

// FNV-1a, stirred, because its upper bits hardly know of the last letters.
std::uint64_t key_of(std::string_view term) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : term) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash = (hash ^ (hash >> 32U)) * 0x9FB21C651E98DF25;
    return hash ^ (hash >> 28U);
}

// Each term once, ascending, with what it weighs by how often it occurs.
std::vector<std::pair<std::uint64_t, float>> weighed_terms(std::span<const Token> tokens) {
    std::vector<std::uint64_t> keys;
    keys.reserve(tokens.size());
    for (const Token& token : tokens) keys.push_back(key_of(token.term));
    std::ranges::sort(keys);
    std::vector<std::pair<std::uint64_t, float>> weighed;
    for (std::size_t first = 0, end = 0; first < keys.size(); first = end) {
        while (end < keys.size() && keys[end] == keys[first]) ++end;
        weighed.emplace_back(keys[first], 1 + std::log(static_cast<float>(end - first)));
    }
    return weighed;
}

template <class T>
void append(std::string& bytes, std::span<const T> values) {
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

}  // namespace

bool TermSpaceBuilder::add(std::span<const Token> tokens) {
    const auto weighed = weighed_terms(tokens);
    if (rows_.ends.size() == limit_space_passages || rows_.columns.size() + weighed.size() > limit_space_entries)
        return false;
    for (const auto& [key, weight] : weighed) {
        const auto [number, is_new] = numbers_.try_emplace(key, static_cast<std::uint32_t>(holders_.size()));
        if (is_new) holders_.push_back(0);
        ++holders_[number->second];
        rows_.columns.push_back(number->second);
        rows_.values.push_back(weight);
    }
    rows_.ends.push_back(rows_.columns.size());
    return true;
}

// The hashes of the terms that are taken, ascending; the rows hold these alone afterwards, each of length one.
std::vector<std::uint64_t> TermSpaceBuilder::choose_terms() {
    std::vector<std::pair<std::uint32_t, std::uint64_t>> known;
    for (const auto& [key, number] : numbers_)
        if (holders_[number] >= least_holders) known.emplace_back(holders_[number], key);
    std::ranges::sort(known, std::ranges::greater());
    if (known.size() > limit_space_terms) known.resize(limit_space_terms);
    std::vector<std::uint64_t> keys;
    for (const auto& [holders, key] : known) keys.push_back(key);
    std::ranges::sort(keys);

    constexpr auto left_out = UINT32_MAX;
    std::vector<std::uint32_t> columns(holders_.size(), left_out);
    for (std::uint32_t column = 0; column < keys.size(); ++column) columns[numbers_.at(keys[column])] = column;
    numbers_ = {};
    const auto passages = static_cast<float>(rows_.ends.size());
    std::size_t first = 0, kept = 0;
    for (std::size_t& row_end : rows_.ends) {
        const std::size_t begin = kept, end = std::exchange(row_end, 0);
        float squares = 0;
        for (std::size_t i = first; i < end; ++i) {
            const std::uint32_t number = rows_.columns[i];
            if (columns[number] == left_out) continue;
            const float idf = std::log((passages + 1) / (static_cast<float>(holders_[number]) + 0.5F));
            rows_.columns[kept] = columns[number];
            rows_.values[kept] = rows_.values[i] * idf;
            squares += rows_.values[kept] * rows_.values[kept];
            ++kept;
        }
        const float scale = squares > 0 ? 1 / std::sqrt(squares) : 0;
        for (std::size_t i = begin; i < kept; ++i) rows_.values[i] *= scale;
        first = end;
        row_end = kept;
    }
    rows_.columns.resize(kept);
    rows_.values.resize(kept);
    rows_.width = keys.size();
    std::vector<std::uint32_t> holders(keys.size());
    for (std::size_t number = 0; number < columns.size(); ++number)
        if (columns[number] != left_out) holders[columns[number]] = holders_[number];
    holders_ = std::move(holders);
    return keys;
}

Result<std::string> TermSpaceBuilder::finish(const SpaceOrigin& origin, const std::function<bool()>& stopping) && {
    const auto passages = static_cast<float>(rows_.ends.size());
    const std::vector<std::uint64_t> keys = choose_terms();
    const std::size_t dimensions =
        std::min(limit_space_dimensions, std::min(rows_.ends.size(), keys.size()) / passages_in_dimension);
    const std::vector<float> places = TRY(right_factors(rows_, dimensions, stopping));
    rows_ = {};

    std::vector<float> factors;
    std::string bytes_of_places;
    bytes_of_places.reserve(places.size());
    for (std::size_t term = 0; term < keys.size(); ++term) {
        const std::span<const float> place = std::span(places).subspan(term * dimensions, dimensions);
        float largest = 0;
        for (const float value : place) largest = std::max(largest, std::abs(value));
        const float idf = std::log((passages + 1) / (static_cast<float>(holders_[term]) + 0.5F));
        factors.push_back(idf * largest / largest_byte);
        for (const float value : place)
            bytes_of_places.push_back(
                static_cast<char>(std::lrint(largest > 0 ? value / largest * largest_byte : 0.0F)));
    }
    std::string body;
    append(body, std::span(keys));
    append(body, std::span<const float>(factors));
    body += bytes_of_places;
    SpaceHeader header{.magic = space_magic,
                       .version = space_version,
                       .dimensions = static_cast<std::uint32_t>(dimensions),
                       .terms = keys.size(),
                       .passages = origin.passages,
                       .sources = origin.sources,
                       .body_hash = {},
                       .hash = {}};
    std::ranges::copy(hash_hex(body), header.body_hash.begin());
    std::ranges::copy(hash_of_space(header), header.hash.begin());
    return std::string(reinterpret_cast<const char*>(&header), sizeof header) + body;
}

Result<TermSpace> TermSpace::open(const std::filesystem::path& path) {
    const Fd file = TRY(open_read_only(path));
    struct stat status{};
    if (::fstat(file.number(), &status) != 0) return fail_errno("fstat", errno);
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size < sizeof(SpaceHeader) || size > end_of(limit_space_terms, limit_space_dimensions))
        return fail(Code::corrupt, lar::format("{} is no space of terms", path.string()));
    void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.number(), 0);
    if (bytes == MAP_FAILED) return fail_errno(lar::format("cannot map {}", path.string()), errno);
    TermSpace space(static_cast<const std::uint8_t*>(bytes), size);
    TRY_VOID(space.check());
    space.release_pages();
    return space;
}

Result<> TermSpace::check() {
    SpaceHeader header;
    std::memcpy(&header, bytes_, sizeof header);
    const std::string_view body(reinterpret_cast<const char*>(bytes_) + keys_at, size_ - keys_at);
    if (header.magic != space_magic || header.version != space_version ||
        hash_of_space(header) != std::string_view(header.hash) || header.terms > limit_space_terms ||
        header.dimensions > limit_space_dimensions || end_of(header.terms, header.dimensions) != size_ ||
        hash_hex(body) != std::string_view(header.body_hash))
        return fail(Code::corrupt, "the space of terms is damaged");
    dimensions_ = header.dimensions;
    terms_ = header.terms;
    origin_ = {.passages = header.passages, .sources = header.sources};
    return {};
}

TermSpace::TermSpace(TermSpace&& other) noexcept
    : bytes_(std::exchange(other.bytes_, nullptr)),
      size_(other.size_),
      dimensions_(other.dimensions_),
      terms_(other.terms_),
      origin_(other.origin_) {}

TermSpace::~TermSpace() {
    if (bytes_ != nullptr) ::munmap(const_cast<std::uint8_t*>(bytes_), size_);
}

bool TermSpace::place(std::span<const Token> tokens, std::span<float> into) const {
    ASSERT(into.size() == dimensions_);
    const std::span keys(reinterpret_cast<const std::uint64_t*>(bytes_ + keys_at), terms_);
    const auto* factors = reinterpret_cast<const float*>(bytes_ + factors_at(terms_));
    const auto* places = reinterpret_cast<const std::int8_t*>(bytes_ + places_at(terms_));
    std::ranges::fill(into, 0.0F);
    for (const auto& [key, weight] : weighed_terms(tokens)) {
        const auto found = std::ranges::lower_bound(keys, key);
        if (found == keys.end() || *found != key) continue;
        const auto term = static_cast<std::size_t>(found - keys.begin());
        const float factor = weight * factors[term];
        const std::int8_t* place = places + term * dimensions_;
        for (std::size_t i = 0; i < into.size(); ++i) into[i] += factor * static_cast<float>(place[i]);
    }
    float squares = 0;
    for (const float value : into) squares += value * value;
    if (!(squares > 0)) return false;
    const float scale = 1 / std::sqrt(squares);
    for (float& value : into) value *= scale;
    return true;
}

void TermSpace::release_pages() const { ::madvise(const_cast<std::uint8_t*>(bytes_), size_, MADV_DONTNEED); }

}  // namespace lar::index
