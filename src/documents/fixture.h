// What the tests of documents share: files made on the spot, and what comes out of them.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/format.h"
#include "documents/document.h"

namespace lar::documents {

using Members = std::vector<std::pair<std::string, std::string>>;

enum class Container { zip, tar_gz };

// `window` as zlib wants it: -15 without a frame, 31 for gzip.
inline std::string deflated(std::string_view bytes, int window) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(::deflateBound(&stream, bytes.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

inline std::string little_endian(std::uint64_t value, std::size_t bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes; ++i, value >>= 8) out += static_cast<char>(value & 0xFF);
    return out;
}

inline std::string zip_of(const Members& members) {
    std::string bytes, table;
    for (const auto& [name, text] : members) {
        const std::string packed = deflated(text, -15);
        const auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
        const std::string facts = little_endian(20, 2) + little_endian(0, 2) + little_endian(8, 2) +
                                  little_endian(0, 4) + little_endian(crc, 4) + little_endian(packed.size(), 4) +
                                  little_endian(text.size(), 4) + little_endian(name.size(), 2) + little_endian(0, 2);
        table +=
            "PK\x01\x02" + little_endian(20, 2) + facts + little_endian(0, 10) + little_endian(bytes.size(), 4) + name;
        bytes += "PK\x03\x04" + facts + name + packed;
    }
    return bytes + table + "PK\x05\x06" + little_endian(0, 4) + little_endian(members.size(), 2) +
           little_endian(members.size(), 2) + little_endian(table.size(), 4) + little_endian(bytes.size(), 4) +
           little_endian(0, 2);
}

inline std::string tar_gz_of(const Members& members) {
    std::string tar;
    for (const auto& [name, text] : members) {
        std::string header(512, '\0');
        const auto put = [&](std::size_t at, std::string_view field) { header.replace(at, field.size(), field); };
        put(0, name);
        put(100, "0000644");
        put(124, lar::format("{:011o}", text.size()));
        put(136, "00000000000");
        put(148, "        ");
        put(156, "0");
        put(257, std::string_view("ustar\0"
                                  "00",
                                  8));
        unsigned sum = 0;
        for (const char c : header) sum += static_cast<unsigned char>(c);
        put(148, lar::format("{:06o}", sum) + '\0');
        tar += header + text + std::string((512 - text.size() % 512) % 512, '\0');
    }
    return deflated(tar + std::string(1024, '\0'), 31);
}

inline std::string archive_of(const Members& members, Container container = Container::zip) {
    return container == Container::zip ? zip_of(members) : tar_gz_of(members);
}

// Objects 1 … n as they stand between "obj" and "endobj"; the first is the catalog.
inline std::string pdf_of(const std::vector<std::string>& objects, std::string_view trailer = {}) {
    std::string bytes = "%PDF-1.4\n";
    std::vector<std::size_t> offsets;
    for (const std::string& object : objects) {
        offsets.push_back(bytes.size());
        bytes += lar::format("{} 0 obj\n{}\nendobj\n", offsets.size(), object);
    }
    const std::size_t table = bytes.size();
    bytes += lar::format("xref\n0 {}\n0000000000 65535 f \n", objects.size() + 1);
    for (const std::size_t offset : offsets) bytes += lar::format("{:010} 00000 n \n", offset);
    return bytes + lar::format("trailer\n<</Size {} /Root 1 0 R {}>>\nstartxref\n{}\n%%EOF\n", objects.size() + 1,
                               trailer, table);
}
inline std::string stream_of(std::string_view content) {
    return lar::format("<</Length {}>>\nstream\n{}\nendstream", content.size(), content);
}
// Pages of lines; `count` is what the page tree says of itself.
inline std::vector<std::string> pages_of(const std::vector<std::vector<std::string>>& pages, std::string count = {},
                                         std::string_view catalog = {}) {
    std::string kids;
    for (std::size_t i = 0; i < pages.size(); ++i) kids += lar::format("{} 0 R ", 4 + 2 * i);
    if (count.empty()) count = std::to_string(pages.size());
    std::vector<std::string> objects{lar::format("<</Type /Catalog /Pages 2 0 R {}>>", catalog),
                                     lar::format("<</Type /Pages /Kids [{}] /Count {}>>", kids, count),
                                     "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>"};
    for (const auto& lines : pages) {
        std::string content = "BT /F1 12 Tf 72 720 Td 14 TL";
        for (const std::string& line : lines) content += lar::format(" ({}) Tj T*", line);
        objects.push_back(
            lar::format("<</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {} 0 R "
                        "/Resources <</Font <</F1 3 0 R>>>>>>",
                        objects.size() + 2));
        objects.push_back(stream_of(content + " ET"));
    }
    return objects;
}

// "h2 Text", "p3: Text" (on page 3), "- Text", "| Text", "``` Text", "= Text": a block as a line.
inline std::string shown(const wire::Block& block) {
    std::string text = block.page > 0 ? lar::format("p{}: ", block.page) : std::string();
    switch (block.kind) {
        case wire::BlockKind::heading: text += lar::format("h{} ", block.level); break;
        case wire::BlockKind::paragraph: break;
        case wire::BlockKind::item: text += "- "; break;
        case wire::BlockKind::row: text += "| "; break;
        case wire::BlockKind::code: text += "``` "; break;
        case wire::BlockKind::plain: text += "= "; break;
    }
    return text + block.text;
}

struct Outcome {
    Result<Read> read = Read{};
    std::vector<std::string> blocks;  // as shown(); a member's begin with "MEMBER: "
    std::vector<std::string> failed;  // "MEMBER: code"

    Code code() const { return read ? Code::internal : read.error().code; }
};
inline Outcome outcome_of(wire::DocumentFormat format, std::string_view bytes, std::int64_t cpu_ms = 600'000) {
    Outcome outcome;
    Blocks blocks(7, Budget(cpu_ms),
                  {.text = [&](wire::DocumentText&& text) -> Result<> {
                       EXPECT_EQ(text.id, 7U);
                       for (const wire::Block& block : text.blocks)
                           outcome.blocks.push_back((text.member.empty() ? "" : text.member + ": ") + shown(block));
                       return {};
                   },
                   .member_failed = [&](wire::MemberFailed&& failed) -> Result<> {
                       outcome.failed.push_back(lar::format("{}: {}", failed.member, failed.code));
                       return {};
                   }});
    outcome.read = read_document(format, bytes, blocks);
    EXPECT_TRUE(blocks.flush());
    return outcome;
}

}  // namespace lar::documents
