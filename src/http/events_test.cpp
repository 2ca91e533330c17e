#include "http/events.h"

#include <gtest/gtest.h>

namespace lar::http {
namespace {

// The events of a stream that arrives in pieces of `size` bytes.
std::vector<std::string> read(std::string_view stream, std::size_t size) {
    EventReader reader;
    std::vector<std::string> seen;
    for (std::size_t at = 0; at < stream.size(); at += size) {
        const auto events = reader.take(stream.substr(at, size));
        EXPECT_TRUE(events) << events.error().message;
        for (const Event& event : *events) seen.push_back(event.name + ":" + event.data);
    }
    return seen;
}

TEST(Events, AreTheSameHoweverTheBytesArrive) {
    const std::string_view stream =
        ": a comment, as servers send to keep a connection\n\n"
        "data: {\"a\":1}\n\n"
        "event: error\r\nid: 7\r\ndata:no space\r\n\r\n"
        "data: one\ndata:  two\n\n"
        "retry: 5\n\n"
        "data\n\n"
        "data: [DONE]\n\n"
        "data: never ended";
    const std::vector<std::string> expected{":{\"a\":1}", "error:no space", ":one\n two", ":", ":[DONE]"};
    for (std::size_t size = 1; size <= stream.size(); ++size) EXPECT_EQ(read(stream, size), expected) << size;
}

TEST(Events, WhatIsWrittenIsReadBack) {
    const std::string stream = to_event("", "a\nb\n") + to_event("done", "");
    EXPECT_EQ(read(stream, 3), (std::vector<std::string>{":a\nb\n", "done:"}));
}

TEST(Events, OneWithoutAnEndIsTooLarge) {
    EventReader reader;
    const std::string line = "data: " + std::string(1024 * 1024, 'x') + "\n";
    Result<std::vector<Event>> taken;
    for (std::size_t bytes = 0; bytes < limit_event_bytes + line.size() && taken; bytes += line.size() - 8)
        taken = reader.take(line);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Code::too_large);
}

TEST(Events, LinesOfJsonAreEventsWithoutANameHoweverTheyAreCut) {
    EventReader reader(EventReader::Form::lines);
    std::vector<std::string> lines;
    for (const std::string_view piece : {"{\"a\"", ":1}\n{\"b\":2}\r\n\n{", "}\n"})
        for (const Event& event : *reader.take(piece)) lines.push_back(event.data);
    EXPECT_EQ(lines, (std::vector<std::string>{"{\"a\":1}", "{\"b\":2}", "{}"}));
}

}  // namespace
}  // namespace lar::http
