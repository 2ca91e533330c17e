// Server-sent events (what /lar/v1 streams) and NDJSON lines: writing them, and reading events back.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lar::http {

inline constexpr std::string_view event_stream_type = "text/event-stream; charset=utf-8";
inline constexpr std::string_view json_lines_type = "application/x-ndjson";
inline constexpr std::size_t limit_event_bytes = 16 * 1024 * 1024;  // of one event, for a reader

struct Event {
    std::string name;  // empty: "message"
    std::string data;
};

// "event: NAME\ndata: …\n\n"; each line of the data gets a data: of its own.
std::string to_event(std::string_view name, std::string_view data);
std::string to_json_line(std::string_view json);

// Cuts a stream of bytes into events. Comments and fields other than event and data are ignored. Of lines of JSON each
// is an event without a name.
class EventReader {
public:
    enum class Form { events, lines };
    explicit EventReader(Form form = Form::events) : form_(form) {}
    // too_large beyond limit_event_bytes without an end.
    Result<std::vector<Event>> take(std::string_view bytes);

private:
    void take_line(std::string_view line, std::vector<Event>& events);

    Form form_;
    std::string pending_;
    Event event_;
    bool has_data_ = false;
};

}  // namespace lar::http
