// What `lar` prints: colours and widths on a terminal, plain text everywhere else.
//
// Text of the user's sources goes through printable() before it is printed, so that a file cannot send
// escape sequences to the terminal. Widths are counted in columns, not bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "failure.h"

namespace lar::cli {

enum class Style : std::uint8_t { plain, strong, faint, good, warning, bad, place };

class Output {
public:
    struct Facts {
        bool interactive = false;  // a terminal
        bool colour = false;
        std::size_t columns = 100;
    };
    // What descriptor 1 or 2 is, with NO_COLOR, TERM and COLUMNS taken into account.
    static Output of(int descriptor);
    Output(int descriptor, Facts facts) : descriptor_(descriptor), facts_(facts) {}

    bool interactive() const { return facts_.interactive; }
    std::size_t columns() const { return facts_.columns; }
    // The columns running text should fill: a line longer than a hundred is hard to read.
    std::size_t text_columns() const { return facts_.columns < 100 ? facts_.columns : 100; }

    std::string styled(Style style, std::string_view text) const;
    // Unconverted, as it is. Once the reader went away (a closed pipe) the rest is dropped and broken() holds.
    void print(std::string_view text);
    void line(std::string_view text = {});
    bool broken() const { return broken_; }

private:
    int descriptor_;
    Facts facts_;
    bool broken_ = false;
};

// Columns that a text takes on a terminal: combining marks none, wide characters two.
std::size_t display_width(std::string_view text);
// At most `columns` wide, with an ellipsis where something was cut off; a path loses its beginning.
std::string shortened(std::string_view text, std::size_t columns);
std::string shortened_path(std::string_view path, std::size_t columns);
// Words moved to lines of at most `columns`; lines after the first begin with `indent` spaces. Line ends that are
// there already stay, and lines that begin with a space (code) are left as they are.
std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent);

// A path or name in one line, whatever it is made of: a line end in it shows as \n.
std::string printable_path(std::string_view path);

// Rows under a header, columns aligned. Line ends within a cell become spaces.
class Table {
public:
    enum class Align : std::uint8_t { left, right };
    struct Column {
        std::string name;
        Align align = Align::left;
    };
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
    void row(std::vector<std::string> cells);
    bool empty() const { return rows_.empty(); }
    // The last column is shortened to the terminal's width; elsewhere nothing is.
    std::string text(const Output& output) const;

private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

std::string count_text(std::uint64_t number);                                            // 12,345
std::string counted(std::uint64_t number, std::string_view one, std::string_view many);  // "1 file", "12,345 files"
std::string size_text(std::uint64_t bytes);                                              // 1.2 MB
std::string dollars_text(double dollars);                                                // $0.12, $0.000340
std::string milliseconds_text(double milliseconds);                                      // 14 ms, 0.4 ms
std::string duration_text(double seconds);  // 2.5 s, 3 min 20 s, 5 h 2 min, 3 days
// "just now", "5 minutes ago", "yesterday 14:03", "3 days ago", "2026-03-01". An unreadable time stays as it is.
std::string ago_text(std::string_view rfc3339, std::int64_t now_us, const Zone& zone);
std::string date_text(std::string_view rfc3339, const Zone& zone);  // 2026-03-01

}  // namespace lar::cli
