// Where a document's text goes on its way out: cleaned, counted, and handed on in batches.
//
// A reader of a format calls add() for each block in reading order, and returns the first error it gets. add() asks
// the budget, so a document that computes for too long ends there, and one with too much text ends with too_large;
// what was added before stands. Text is made UTF-8 without control characters; outside of code, blanks are made one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/documents.h"

namespace lar::documents {

// How much computing a document may still cost: the process's own time, so that a busy machine takes nothing from it.
class Budget {
public:
    explicit Budget(std::int64_t cpu_ms);
    Result<> check() const;  // timeout when it is used up

private:
    std::int64_t limit_ms_;
    std::int64_t until_us_;
};

class Blocks {
public:
    struct Out {
        std::function<Result<>(wire::DocumentText&&)> text;
        std::function<Result<>(wire::MemberFailed&&)> member_failed;
    };
    Blocks(std::uint64_t id, Budget budget, Out out) : id_(id), budget_(budget), out_(std::move(out)) {}

    Result<> heading(std::string_view text, unsigned level);
    Result<> paragraph(std::string_view text) { return add(wire::BlockKind::paragraph, text); }
    Result<> item(std::string_view text) { return add(wire::BlockKind::item, text); }
    Result<> row(std::string_view text) { return add(wire::BlockKind::row, text); }
    Result<> code(std::string_view text) { return add(wire::BlockKind::code, text); }
    Result<> plain(std::string_view text) { return add(wire::BlockKind::plain, text); }

    // What follows stands on this page; 0: on none.
    void page(std::uint32_t number) { page_ = number; }
    // What follows is of this member, until another begins.
    Result<> begin_member(std::string_view path);
    Result<> member_failed(std::string_view path, const Error& error);
    Result<> flush();
    // Before work that adds nothing for a while.
    Result<> check() const { return budget_.check(); }

    bool any() const { return bytes_ > 0; }  // since the document began
    bool any_of_member() const { return bytes_ > member_begin_; }
    // Nothing more can be added: there is too much text already, or nobody takes it any more.
    bool closed() const { return closed_; }

private:
    Result<> add(wire::BlockKind kind, std::string_view text, unsigned level = 0);

    std::uint64_t id_;
    Budget budget_;
    Out out_;
    wire::DocumentText batch_;
    std::uint32_t page_ = 0;
    std::size_t batch_bytes_ = 0;
    std::size_t bytes_ = 0, member_begin_ = 0, count_ = 0;
    bool closed_ = false;
};

// Text as a block may have it: UTF-8, no control characters; `lines`: with its line ends, else blanks made one.
enum class Lines : std::uint8_t { kept, joined };
std::string clean(std::string_view text, Lines lines);
// The cells of a table's row that have something in them, as one line.
std::string row_of(const std::vector<std::string>& cells);
// A name: one line, not too long.
std::string clean_name(std::string_view text);

}  // namespace lar::documents
