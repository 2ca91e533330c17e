// A segment of the lexical index with any bytes: refused, or searched, walked, checked and merged without a step beyond
// its end. After an 's' the checksums are written anew first, as by somebody who wants to be believed; otherwise a
// changed byte is hardly ever looked behind.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/merge.h"
#include "index/search.h"
#include "index/segment_writer.h"

namespace {

using namespace lar::index;

constexpr std::size_t limit_bytes = 1 << 20;

// False: no part is where checksums could be.
bool seal(std::string& bytes) {
    SegmentHeader header;
    if (bytes.size() < sizeof header) return false;
    std::memcpy(&header, bytes.data(), sizeof header);
    header.magic = segment_magic;
    header.version = segment_version;
    header.ids_at = sizeof header;
    header.file_bytes = bytes.size();
    if (header.sums_at < header.ids_at || header.sums_at > bytes.size()) return false;
    const auto all = as_bytes(bytes);
    std::string sums;
    for (std::uint64_t at = header.ids_at; at < header.sums_at; at += sum_chunk_bytes) {
        const std::uint64_t sum =
            checksum(all.subspan(at, std::min<std::uint64_t>(sum_chunk_bytes, header.sums_at - at)));
        sums.append(reinterpret_cast<const char*>(&sum), sizeof sum);
    }
    if (sums.size() != bytes.size() - header.sums_at) return false;
    std::memcpy(bytes.data() + header.sums_at, sums.data(), sums.size());
    header.sum_of_sums = checksum(as_bytes(sums));
    header.sum_of_header =
        checksum({reinterpret_cast<const unsigned char*>(&header), offsetof(SegmentHeader, sum_of_header)});
    std::memcpy(bytes.data(), &header, sizeof header);
    return true;
}

// An error is an answer; what is found must be what was asked for.
void search_all(const std::vector<LiveSegment>& segments) {
    const std::vector<WeightedTerm> terms{{"w0", 1}, {"w1", 0.5}, {"w2", 2}, {"w7", 1}, {"w30", 1}, {"", 1}};
    const Bm25 bm25{.passages = 300, .average_length = 8};
    const std::vector<IdRange> some{{0, 40}, {100, 7}, {1000, 1'000'000}};
    for (const Pruning pruning : {Pruning::on, Pruning::off})
        for (const auto* only : {static_cast<const std::vector<IdRange>*>(nullptr), &some}) {
            const auto found = search(segments, terms, bm25, {.limit = 5, .only = only, .pruning = pruning});
            if (found && found->size() > 5) std::abort();
        }
    static_cast<void>(document_frequencies(segments, std::array<std::string, 2>{"w0", "zz"}));
}

void merge_all(const std::vector<LiveSegment>& segments) {
    SegmentWriter writer = SegmentWriter::in_memory();
    if (!merge(segments, writer) || !writer.finish()) return;
    const auto merged = Segment::of(writer.take());
    if (!merged) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > limit_bytes) return 0;
    std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] == 's' && !seal(bytes)) return 0;
    const auto segment = Segment::of(std::move(bytes));
    if (!segment) return 0;
    static_cast<void>((*segment)->check());
    static_cast<void>((*segment)->place_of(7));
    static_cast<void>((*segment)->last_id());
    PlaceSet live = PlaceSet::all((*segment)->documents());
    if ((*segment)->documents() > 0) live.remove(0);
    const std::vector<LiveSegment> segments{{*segment, std::make_shared<PlaceSet>(std::move(live))}};
    search_all(segments);
    merge_all(segments);
    return 0;
}
