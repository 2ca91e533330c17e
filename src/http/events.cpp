#include "http/events.h"

#include <utility>

#include "base/text.h"

namespace lar::http {

std::string to_event(std::string_view name, std::string_view data) {
    std::string out;
    out.reserve(name.size() + data.size() + 32);
    if (!name.empty()) out.append("event: ").append(name).append("\n");
    for (const std::string_view line : split(data, '\n')) out.append("data: ").append(line).append("\n");
    return out += '\n';
}

std::string to_json_line(std::string_view json) { return std::string(json) + '\n'; }

Result<std::vector<Event>> EventReader::take(std::string_view bytes) {
    std::vector<Event> events;
    // What was there already holds no end of a line.
    std::size_t begin = 0, from = pending_.size();
    pending_ += bytes;
    for (std::size_t end; (end = pending_.find('\n', from)) != std::string::npos; begin = from = end + 1) {
        std::string_view line(pending_.data() + begin, end - begin);
        if (line.ends_with('\r')) line.remove_suffix(1);
        take_line(line, events);
    }
    pending_.erase(0, begin);
    if (pending_.size() + event_.data.size() > limit_event_bytes)
        return fail(Code::too_large, "an event of the stream does not end");
    return events;
}

void EventReader::take_line(std::string_view line, std::vector<Event>& events) {
    if (form_ == Form::lines) {
        if (!line.empty()) events.push_back({.data = std::string(line)});
        return;
    }
    if (line.empty()) {
        if (has_data_) events.push_back(std::exchange(event_, {}));
        event_ = {};
        has_data_ = false;
        return;
    }
    const std::string_view name = line.substr(0, line.find(':'));
    std::string_view value = name.size() < line.size() ? line.substr(name.size() + 1) : std::string_view();
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "event") {
        event_.name = value;
    } else if (name == "data") {
        if (std::exchange(has_data_, true)) event_.data += '\n';
        event_.data += value;
    }
}

}  // namespace lar::http
