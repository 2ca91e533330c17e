#include "index/vector_segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "base/format.h"
#include "base/identity.h"
#include "index/vector_kernels.h"

namespace lar::index {
namespace {

static_assert(std::endian::native == std::endian::little, "segments are mapped as they are");

constexpr std::size_t page_bytes = 4096;
constexpr std::size_t pending_bytes = 256 * 1024;  // of one part, before it is written
constexpr float largest_step = 32767;

struct Header {
    std::array<char, 8> magic;
    std::uint32_t version, dimensions;
    std::uint64_t rows, seed;
    std::array<char, 64> body_hash;  // of all pages after this one
    std::array<char, 64> hash;       // of what stands before it
};
constexpr std::array<char, 8> magic{'L', 'a', 'r', 'V', 'e', 'c', 't', 's'};
constexpr std::uint32_t version = 1;

std::string hash_of(const Header& header) {
    std::array<char, offsetof(Header, hash)> bytes;
    std::memcpy(bytes.data(), &header, bytes.size());
    return hash_hex({bytes.data(), bytes.size()});
}

template <class T>
std::string_view bytes_of(std::span<const T> values) {
    return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

float float_at(const void* bytes) {
    float value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

std::uint64_t next_page(std::uint64_t bytes) { return (bytes + page_bytes - 1) / page_bytes * page_bytes; }

}  // namespace

SegmentPlan::SegmentPlan(const VectorLayout& layout, std::size_t rows)
    : blocks((rows + rows_in_block - 1) / rows_in_block),
      block_stride(block_bytes(layout.padded)),
      coarse_stride(sizeof(float) + layout.padded),
      centre(page_bytes),
      keys(next_page(centre + layout.padded * sizeof(float))),
      codes(next_page(keys + rows * sizeof(VectorKey))),
      coarse(next_page(codes + blocks * block_stride)),
      fine(next_page(coarse + rows * coarse_stride)),
      end(next_page(fine + rows * layout.padded)) {}

Result<VectorSegment> VectorSegment::open(const std::filesystem::path& path, const VectorLayout& layout) {
    const Fd file = TRY(open_read_only(path));
    const auto corrupt = [&] {
        return fail(Code::corrupt, lar::format("{} is no segment of this index", path.string()));
    };
    struct stat status{};
    if (::fstat(file.number(), &status) != 0) return fail_errno("fstat", errno);
    Header header;
    if (::pread(file.number(), &header, sizeof header, 0) != static_cast<ssize_t>(sizeof header)) return corrupt();
    if (header.magic != magic || header.version != version || hash_of(header) != std::string_view(header.hash))
        return corrupt();
    if (header.dimensions != layout.dimensions || header.seed != layout.seed || header.rows > limit_segment_rows)
        return corrupt();
    const SegmentPlan plan(layout, header.rows);
    if (static_cast<std::uint64_t>(status.st_size) != plan.end) return corrupt();
    void* bytes = ::mmap(nullptr, plan.end, PROT_READ, MAP_SHARED, file.number(), 0);
    if (bytes == MAP_FAILED) return fail_errno(lar::format("cannot map {}", path.string()), errno);
    return VectorSegment(static_cast<const std::uint8_t*>(bytes), layout, header.rows);
}

VectorSegment::VectorSegment(const std::uint8_t* bytes, const VectorLayout& layout, std::size_t rows)
    : bytes_(bytes), layout_(layout), rows_(rows), plan_(layout, rows) {}

VectorSegment::VectorSegment(VectorSegment&& other) noexcept
    : bytes_(std::exchange(other.bytes_, nullptr)), layout_(other.layout_), rows_(other.rows_), plan_(other.plan_) {}

VectorSegment::~VectorSegment() {
    if (bytes_ != nullptr) ::munmap(const_cast<std::uint8_t*>(bytes_), plan_.end);
}

std::span<const float> VectorSegment::centre() const {
    return {reinterpret_cast<const float*>(bytes_ + plan_.centre), layout_.padded};
}

std::span<const VectorKey> VectorSegment::keys() const {
    return {reinterpret_cast<const VectorKey*>(bytes_ + plan_.keys), rows_};
}

std::optional<std::size_t> VectorSegment::find(VectorKey key) const {
    const auto all = keys();
    const auto found = std::ranges::lower_bound(all, key);
    if (found == all.end() || *found != key) return std::nullopt;
    return static_cast<std::size_t>(found - all.begin());
}

float VectorSegment::scale(std::size_t row) const {
    const std::uint8_t* scales = codes(row / rows_in_block) + layout_.padded / dimensions_in_group * 16;
    return float_at(scales + row % rows_in_block * sizeof(float));
}

float VectorSegment::step(std::size_t row) const { return float_at(bytes_ + plan_.coarse + row * plan_.coarse_stride); }

const std::int8_t* VectorSegment::coarse(std::size_t row) const {
    return reinterpret_cast<const std::int8_t*>(bytes_ + plan_.coarse + row * plan_.coarse_stride + sizeof(float));
}

void VectorSegment::decode(std::size_t row, std::span<float> rotated) const {
    const auto middle = centre();
    const std::int8_t* upper = coarse(row);
    const std::uint8_t* lower = fine(row);
    const float unit = step(row);
    for (std::size_t i = 0; i < layout_.padded; ++i)
        rotated[i] = middle[i] + unit * static_cast<float>(upper[i] * 256 + lower[i]);
}

void VectorSegment::release_pages() const { ::madvise(const_cast<std::uint8_t*>(bytes_), plan_.end, MADV_DONTNEED); }

Result<> VectorSegment::verify() const {
    Header header;
    std::memcpy(&header, bytes_, sizeof header);
    const std::string_view body(reinterpret_cast<const char*>(bytes_ + page_bytes), plan_.end - page_bytes);
    if (hash_hex(body) != std::string_view(header.body_hash))
        return fail(Code::corrupt, "a segment of vectors is damaged; it has to be made anew");
    return {};
}

Result<VectorSegmentWriter> VectorSegmentWriter::create(const std::filesystem::path& path, const VectorLayout& layout,
                                                        std::size_t rows, std::span<const float> centre) {
    ASSERT(rows <= limit_segment_rows && centre.size() == layout.padded);
    VectorSegmentWriter writer(path, layout, rows);
    writer.file_ = Fd(::open(writer.temporary_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!writer.file_) return fail_errno(lar::format("cannot write {}", writer.temporary_.string()), errno);
    // Takes the room, so that a full disk is known now and not in the middle.
    if (const int error = ::posix_fallocate(writer.file_.number(), 0, static_cast<off_t>(writer.plan_.end)); error != 0)
        return fail_errno(lar::format("cannot write {}", writer.temporary_.string()), error);
    writer.centre_.assign(centre.begin(), centre.end());
    Part part{.at = writer.plan_.centre, .pending = std::string(bytes_of(centre))};
    TRY_VOID(writer.flush(part));
    return writer;
}

VectorSegmentWriter::VectorSegmentWriter(std::filesystem::path path, const VectorLayout& layout, std::size_t rows)
    : path_(std::move(path)),
      temporary_(path_.string() + ".new"),
      layout_(layout),
      rows_(rows),
      plan_(layout, rows),
      residual_(layout.padded),
      keys_{.at = plan_.keys, .pending = {}},
      codes_{.at = plan_.codes, .pending = {}},
      coarse_{.at = plan_.coarse, .pending = {}},
      fine_{.at = plan_.fine, .pending = {}},
      block_(plan_.block_stride, '\0'),
      coarse_row_(plan_.coarse_stride, '\0'),
      fine_row_(layout.padded, '\0') {}

VectorSegmentWriter::~VectorSegmentWriter() {
    if (file_) ::unlink(temporary_.c_str());
}

Result<> VectorSegmentWriter::flush(Part& part) {
    std::string_view rest = part.pending;
    while (!rest.empty()) {
        const ssize_t n = ::pwrite(file_.number(), rest.data(), rest.size(), static_cast<off_t>(part.at));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno(lar::format("cannot write {}", temporary_.string()), errno);
        rest.remove_prefix(static_cast<std::size_t>(n));
        part.at += static_cast<std::uint64_t>(n);
    }
    part.pending.clear();
    return {};
}

Result<> VectorSegmentWriter::append(Part& part, std::string_view bytes) {
    part.pending += bytes;
    return part.pending.size() < pending_bytes ? Result<>{} : flush(part);
}

void VectorSegmentWriter::encode_signs(std::size_t row, std::span<const float> residual) {
    const bool upper = row >= rows_in_block / 2;
    for (std::size_t group = 0; group < residual.size() / dimensions_in_group; ++group) {
        unsigned signs = 0;
        for (std::size_t i = 0; i < dimensions_in_group; ++i)
            signs |= static_cast<unsigned>(residual[group * dimensions_in_group + i] >= 0) << i;
        char& byte = block_[group * 16 + row % 16];
        byte = static_cast<char>(static_cast<unsigned char>(byte) | (upper ? signs << 4 : signs));
    }
    float squares = 0, absolutes = 0, offset = 0;
    for (std::size_t i = 0; i < residual.size(); ++i) {
        squares += residual[i] * residual[i];
        absolutes += std::abs(residual[i]);
        offset += residual[i] * centre_[i];
    }
    const float scale = absolutes > 0 ? squares / absolutes : 0;
    char* scales = block_.data() + residual.size() / dimensions_in_group * 16;
    std::memcpy(scales + row * sizeof scale, &scale, sizeof scale);
    std::memcpy(scales + (rows_in_block + row) * sizeof offset, &offset, sizeof offset);
}

Result<> VectorSegmentWriter::finish_block() {
    TRY_VOID(append(codes_, block_));
    std::ranges::fill(block_, '\0');
    return {};
}

Result<> VectorSegmentWriter::add(VectorKey key, std::span<const float> rotated) {
    ASSERT(added_ < rows_ && rotated.size() == layout_.padded);
    float largest = 0;
    for (std::size_t i = 0; i < rotated.size(); ++i) {
        residual_[i] = rotated[i] - centre_[i];
        largest = std::max(largest, std::abs(residual_[i]));
    }
    encode_signs(added_ % rows_in_block, residual_);

    const float step = largest / largest_step;
    const float steps = largest > 0 ? largest_step / largest : 0;
    std::memcpy(coarse_row_.data(), &step, sizeof step);
    for (std::size_t i = 0; i < residual_.size(); ++i) {
        const int value = static_cast<int>(std::lrint(residual_[i] * steps));
        coarse_row_[sizeof step + i] = static_cast<char>(value >> 8);
        fine_row_[i] = static_cast<char>(value & 0xFF);
    }
    TRY_VOID(append(keys_, {reinterpret_cast<const char*>(&key), sizeof key}));
    TRY_VOID(append(coarse_, coarse_row_));
    TRY_VOID(append(fine_, fine_row_));
    ++added_;
    return added_ % rows_in_block == 0 ? finish_block() : Result<>{};
}

// Read back from the file: what was written is what is hashed.
Result<std::string> VectorSegmentWriter::hash_of_body() {
    void* bytes = ::mmap(nullptr, plan_.end, PROT_READ, MAP_SHARED, file_.number(), 0);
    if (bytes == MAP_FAILED) return fail_errno("mmap", errno);
    std::string hash = hash_hex({static_cast<const char*>(bytes) + page_bytes, plan_.end - page_bytes});
    ::munmap(bytes, plan_.end);
    return hash;
}

Result<> VectorSegmentWriter::finish() {
    ASSERT(added_ == rows_);
    if (added_ % rows_in_block != 0) TRY_VOID(finish_block());
    for (Part* part : {&keys_, &codes_, &coarse_, &fine_}) TRY_VOID(flush(*part));

    Header header{.magic = magic,
                  .version = version,
                  .dimensions = static_cast<std::uint32_t>(layout_.dimensions),
                  .rows = rows_,
                  .seed = layout_.seed,
                  .body_hash = {},
                  .hash = {}};
    std::ranges::copy(TRY(hash_of_body()), header.body_hash.begin());
    std::ranges::copy(hash_of(header), header.hash.begin());
    Part part{.at = 0, .pending = std::string(reinterpret_cast<const char*>(&header), sizeof header)};
    TRY_VOID(flush(part));
    if (::fsync(file_.number()) != 0) return fail_errno("fsync", errno);
    if (::rename(temporary_.c_str(), path_.c_str()) != 0)
        return fail_errno(lar::format("cannot rename {}", temporary_.string()), errno);
    file_.reset();
    return {};
}

}  // namespace lar::index
