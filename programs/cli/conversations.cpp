#include "conversations.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"
#include "wire/fields.h"

namespace lar::cli {
namespace {

namespace fs = std::filesystem;
using wire::Fields;

constexpr std::array<std::string_view, 12> month_names = {"january",   "february", "march",    "april",
                                                          "may",       "june",     "july",     "august",
                                                          "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 6> category_names = {"",           "multi-hop",  "temporal", "open-domain",
                                                            "single-hop", "adversarial"};

std::optional<unsigned> number_in(std::string_view text) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// The turns that a piece of evidence names: itself, or every "D<session>:<turn>" in it.
std::vector<std::string> turns_named(std::string_view evidence, const std::set<std::string, std::less<>>& known) {
    if (known.contains(evidence)) return {std::string(evidence)};
    std::vector<std::string> named;
    const auto digits = [&](std::size_t& at) {
        const std::size_t begin = at;
        while (at < evidence.size() && evidence[at] >= '0' && evidence[at] <= '9') ++at;
        return number_in(evidence.substr(begin, at - begin));
    };
    for (std::size_t at = evidence.find('D'); at != std::string_view::npos; at = evidence.find('D', at)) {
        ++at;
        if (at < evidence.size() && evidence[at] == ':') ++at;
        const auto session = digits(at);
        if (!session || at == evidence.size() || evidence[at] != ':') continue;
        ++at;
        const auto turn = digits(at);
        if (!turn) continue;
        std::string id = lar::format("D{}:{}", *session, *turn);
        if (known.contains(id)) named.push_back(std::move(id));
    }
    return named;
}

Result<RecordedTurn> turn_of(std::string_view json, const std::string& where) {
    RecordedTurn turn;
    Fields fields = TRY(Fields::of(json, where));
    fields.read("id", turn.id).read("dia_id", turn.id).read("speaker", turn.speaker).read("text", turn.text);
    fields.read("image_caption", turn.caption).read("blip_caption", turn.caption).read("date_time", turn.said);
    TRY_VOID(fields.done());
    if (turn.id.empty()) return fail(Code::invalid, lar::format("'{}' has neither 'id' nor 'dia_id'", where));
    return turn;
}

Result<> read_turns(std::vector<RecordedTurn>& turns, std::string_view json, const std::string& where,
                    std::string_view said) {
    for (const std::string& one : TRY(wire::json_elements(json, where))) {
        turns.push_back(TRY(turn_of(one, lar::format("{}[{}]", where, turns.size()))));
        if (turns.back().said.empty()) turns.back().said = said;
        turns.back().time = moment_said(turns.back().said);
    }
    return {};
}

// "session_1", "session_2", … by their number, each with "session_1_date_time".
Result<> read_sessions(std::vector<RecordedTurn>& turns, std::string_view json, const std::string& where) {
    constexpr std::string_view prefix = "session_";
    Fields fields = TRY(Fields::of(json, where));
    std::map<unsigned, std::string> sessions;
    for (const Fields::Member& member : fields.members())
        if (member.name.starts_with(prefix))
            if (const auto number = number_in(std::string_view(member.name).substr(prefix.size())))
                sessions[*number] = member.name;
    for (const auto& [number, name] : sessions) {
        std::string said;
        fields.read(name + "_date_time", said);
        TRY_VOID(fields.done());
        if (fields.has(name)) TRY_VOID(read_turns(turns, fields.raw(name), fields.path_of(name), said));
    }
    return {};
}

Result<MemoryQuestion> question_of(std::string_view json, const std::string& where,
                                   const std::set<std::string, std::less<>>& turns) {
    MemoryQuestion question;
    wire::Json category, evidence;
    Fields fields = TRY(Fields::of(json, where));
    fields.read("id", question.id).read("question", question.text);
    fields.read("category", category).read("evidence", evidence);
    TRY_VOID(fields.done());
    if (question.text.empty()) return fail(Code::invalid, lar::format("'{}' has no 'question'", where));
    if (wire::kind_of(category.text) == wire::JsonKind::number)
        question.category = trim(category.text);
    else if (category.present())
        TRY_VOID(wire::read_value(category.text, fields.path_of("category"), question.category));
    if (const auto number = number_in(question.category).value_or(0); number > 0 && number < category_names.size())
        question.category = category_names[number];
    std::vector<std::string> named;
    if (wire::kind_of(evidence.text) == wire::JsonKind::string) {
        TRY_VOID(wire::read_value(evidence.text, fields.path_of("evidence"), named.emplace_back()));
    } else if (evidence.present()) {
        TRY_VOID(wire::read_value(evidence.text, fields.path_of("evidence"), named));
    }
    for (const std::string& one : named)
        for (std::string& turn : turns_named(one, turns))
            if (!std::ranges::contains(question.evidence, turn)) question.evidence.push_back(std::move(turn));
    return question;
}

Result<RecordedConversation> conversation_of(std::string_view json, const std::string& where, std::size_t number) {
    RecordedConversation conversation;
    Fields fields = TRY(Fields::of(json, where));
    fields.read("sample_id", conversation.id);
    TRY_VOID(fields.done());
    if (conversation.id.empty()) conversation.id = lar::format("conversation-{}", number + 1);
    if (fields.has("conversation"))
        TRY_VOID(read_sessions(conversation.turns, fields.raw("conversation"), fields.path_of("conversation")));
    else if (fields.has("turns"))
        TRY_VOID(read_turns(conversation.turns, fields.raw("turns"), fields.path_of("turns"), {}));
    if (conversation.turns.empty()) {
        return fail(Code::invalid, lar::format("'{}' has no turns: neither 'conversation' nor 'turns'", where));
    }
    std::set<std::string, std::less<>> known;
    for (const RecordedTurn& turn : conversation.turns)
        if (!known.insert(turn.id).second)
            return fail(Code::invalid, lar::format("two turns of {} are '{}'", conversation.id, turn.id));
    if (fields.has("qa"))
        for (const std::string& one : TRY(wire::json_elements(fields.raw("qa"), fields.path_of("qa")))) {
            const std::size_t count = conversation.questions.size();
            auto question = TRY(question_of(one, lar::format("{}[{}]", fields.path_of("qa"), count), known));
            if (question.id.empty()) question.id = lar::format("{}-q{:03}", conversation.id, count);
            conversation.questions.push_back(std::move(question));
        }
    return conversation;
}

Result<> append_file(std::vector<RecordedConversation>& all, const fs::path& file) {
    auto read = parse_conversations(TRY(read_file(file, limit_conversations_bytes)));
    if (!read) return fail(read.error().code, lar::format("{}: {}", file.filename().string(), read.error().message));
    std::ranges::move(*read, std::back_inserter(all));
    return {};
}

}  // namespace

std::string moment_said(std::string_view text) {
    const std::size_t on = text.find(" on ");
    if (on == std::string_view::npos) return {};
    // "1:56 pm" and "8 May, 2023"
    const auto hours = split(trim(text.substr(0, on)), ' ');
    auto words = split(trim(text.substr(on + 4)), ' ');
    std::erase(words, std::string_view());
    if (hours.size() != 2 || words.size() != 3) return {};
    const auto clock = split(hours[0], ':');
    const std::string half = to_lower_ascii(hours[1]), month = to_lower_ascii(words[1].substr(0, words[1].find(',')));
    const auto* const named = std::ranges::find(month_names, month);
    const auto hour = number_in(clock[0]), day = number_in(words[0]), year = number_in(words[2]);
    const auto minute = clock.size() == 2 ? number_in(clock[1]) : std::nullopt;
    if (!hour || !minute || !day || !year || named == month_names.end() || (half != "am" && half != "pm")) return {};
    if (*hour < 1 || *hour > 12 || *minute > 59 || *day < 1 || *day > 31 || *year > 9999) return {};
    return lar::format("{:04}-{:02}-{:02}T{:02}:{:02}:00", *year, named - month_names.begin() + 1, *day,
                       *hour % 12 + (half == "pm" ? 12 : 0), *minute);
}

Result<std::vector<RecordedConversation>> parse_conversations(std::string_view json) {
    std::vector<RecordedConversation> all;
    if (wire::kind_of(trim(json)) != wire::JsonKind::array) {
        all.push_back(TRY(conversation_of(json, "$", 0)));
        return all;
    }
    for (const std::string& one : TRY(wire::json_elements(json, "$")))
        all.push_back(TRY(conversation_of(one, lar::format("$[{}]", all.size()), all.size())));
    return all;
}

Result<std::vector<RecordedConversation>> read_conversations(const fs::path& place) {
    std::vector<RecordedConversation> all;
    std::error_code error;
    if (!fs::is_directory(place, error)) {
        TRY_VOID(append_file(all, place));
        return all;
    }
    std::vector<fs::path> files;
    for (fs::directory_iterator each(place, error), end; !error && each != end; each.increment(error))
        if (each->path().extension() == ".json") files.push_back(each->path());
    if (error) return fail(Code::unavailable, lar::format("reading {}: {}", place.string(), error.message()));
    if (files.empty()) return fail(Code::not_found, lar::format("{} has no file that ends in .json", place.string()));
    std::ranges::sort(files);
    for (const fs::path& file : files) TRY_VOID(append_file(all, file));
    return all;
}

}  // namespace lar::cli
