#include "show.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "base/text.h"

namespace lar::cli {
namespace {

constexpr std::size_t short_commit_digits = 10;
constexpr std::size_t shown_hit_lines = 6;
constexpr std::size_t shown_also = 3;

std::string lines_text(const wire::ApiPlace& place) {
    if (place.line_first == 0) return place.page == 0 ? std::string() : lar::format(" p. {}", place.page);
    if (place.line_last <= place.line_first) return lar::format(":{}", place.line_first);
    return lar::format(":{}-{}", place.line_first, place.line_last);
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    for (const std::string& part : parts) {
        if (!out.empty()) out += separator;
        out += printable(part);
    }
    return out;
}

bool is_commit_like(const wire::ApiPlace& place) { return place.kind == "commit" || place.kind == "stash"; }

// ", line 7", ", lines 7, 9 and 12"; nothing for none.
std::string quoted_text(const std::vector<std::uint32_t>& lines) {
    if (lines.empty()) return {};
    std::string text = lines.size() == 1 ? ", line " : ", lines ";
    for (std::size_t i = 0; i < lines.size(); ++i)
        text += (i == 0 ? "" : i + 1 < lines.size() ? ", " : " and ") + std::to_string(lines[i]);
    return text;
}

// The window as the receipt shows it.
std::string window_text(const wire::ApiReceipt& receipt, const Look& look) {
    const auto moment = [&](const std::string& rfc3339) {
        const auto time = parse_rfc3339(rfc3339, look.zone);
        if (!time) return printable(rfc3339);
        const CivilTime civil = civil_in(look.zone, time->us);
        std::string text = to_date(look.zone, time->us);
        if (civil.hour != 0 || civil.minute != 0) text += lar::format(" {:02}:{:02}", civil.hour, civil.minute);
        return text;
    };
    std::string text;
    if (receipt.since) text += "since " + moment(*receipt.since);
    if (receipt.until) text += (text.empty() ? "until " : " until ") + moment(*receipt.until);
    return text;
}

}  // namespace

std::string place_text(const wire::ApiPlace& place) {
    const std::string path = printable_path(place.path);
    if (is_commit_like(place)) {
        std::string text = lar::format("{} {}", place.kind, printable(place.commit).substr(0, short_commit_digits));
        return path.empty() ? text : text + " " + path + lines_text(place);
    }
    if (place.kind == "working_tree") return "uncommitted " + path + lines_text(place);
    if (place.kind == "branch") return "branches " + path;
    return path + lines_text(place);
}

std::string described_place(const wire::ApiPlace& place, const std::string& title, const Look& look,
                            const std::vector<std::uint32_t>& quoted) {
    std::string text = look.output.styled(Style::place, place_text(place) + quoted_text(quoted));
    std::string facts;
    const std::string source = printable(place.source);
    if (is_commit_like(place)) {
        const std::vector<std::string> known{title, place.author, date_text(place.time, look.zone)};
        std::vector<std::string> said;
        std::ranges::copy_if(known, std::back_inserter(said), [](const std::string& one) { return !one.empty(); });
        text += " — " + joined(said, ", ");
        facts = lar::format("  ({})", source);
    } else if (place.kind == "pushed") {
        // Its path is whatever id a program chose; the title says what it is.
        if (!title.empty()) text += " — " + printable(title);
        facts = lar::format("  ({} to {}{})", place.kind, source,
                            place.time.empty() ? "" : ", " + date_text(place.time, look.zone));
    } else if (place.time.empty()) {
        facts = lar::format("  ({} in {})", place.kind, source);
    } else {
        const std::string_view kind = place.kind == "working_tree" ? "diff" : std::string_view(place.kind);
        facts = lar::format("  ({} in {}, changed {})", kind, source, ago_text(place.time, look.now_us, look.zone));
    }
    return text + look.output.styled(Style::faint, facts);
}

namespace {

// "also in a.c:3-9, b.c:1-7 and 4 more"; nothing for none.
std::string places_text(std::string_view words, const std::vector<const wire::ApiPlace*>& places) {
    std::string text;
    for (std::size_t i = 0; i < std::min(places.size(), shown_also); ++i)
        text += (i == 0 ? std::string(words) + " " : ", ") + place_text(*places[i]);
    if (places.size() > shown_also) text += lar::format(" and {} more", places.size() - shown_also);
    return text;
}

}  // namespace

std::string also_text(const wire::ApiPlace& place, const std::vector<wire::ApiPlace>& also) {
    std::vector<const wire::ApiPlace*> same, alike;
    for (const wire::ApiPlace& one : also) (one.hash == place.hash ? same : alike).push_back(&one);
    const std::string text = places_text("also in", same);
    return text + (same.empty() || alike.empty() ? "" : "; ") + places_text("nearly the same in", alike);
}

std::string sentence_text(const wire::ApiSentence& sentence, const Look& look) {
    std::string text = printable(sentence.text);
    while (text.ends_with('\n') || text.ends_with(' ')) text.pop_back();
    std::string marks;
    for (const std::uint32_t number : sentence.citations) marks += lar::format("[{}]", number);
    const bool unsupported = sentence.support == "unsupported";
    if (marks.empty() && sentence.support != "unchecked")
        marks = "[no source]";
    else if (unsupported)
        marks += "[not what it says]";
    const Style style = unsupported || sentence.citations.empty() ? Style::warning : Style::place;
    const std::string_view before = sentence.space == "\n\n" ? "\n" : "";
    if (marks.empty())
        return std::string(before) + (look.output.interactive() ? wrapped(text, look.output.text_columns(), 0) : text) +
               "\n";
    // The marks take part in the wrapping as they look, and are coloured afterwards.
    if (!text.ends_with(marks)) text += (text.contains('\n') ? "\n" : " ") + marks;
    std::string out = look.output.interactive() ? wrapped(text, look.output.text_columns(), 0) : text;
    out.resize(out.size() - marks.size());
    return std::string(before) + out + look.output.styled(style, marks) + "\n";
}

std::string sentences_text(const wire::ApiAnswer& answer, const Look& look) {
    std::string text;
    for (const wire::ApiSentence& sentence : answer.sentences) text += sentence_text(sentence, look);
    return text;
}

std::string citation_text(const wire::ApiCitation& citation, const Look& look) {
    std::string text = look.output.styled(Style::strong, lar::format("[{}]", citation.number)) + " " +
                       described_place(citation.place, citation.title, look, citation.lines);
    if (citation.state == "changed") text += look.output.styled(Style::warning, "  changed since");
    if (citation.state == "missing") text += look.output.styled(Style::warning, "  no longer there");
    if (!citation.also.empty())
        text += "\n    " + look.output.styled(Style::faint, also_text(citation.place, citation.also));
    return text + "\n";
}

namespace {

std::string model_text(const wire::ApiModelUse& model) {
    std::string text = lar::format("{} sent, {} of them reused", counted(model.prompt_tokens, "token", "tokens"),
                                   count_text(model.reused_tokens));
    if (model.dropped_tokens > 0) text += lar::format(", {} dropped", count_text(model.dropped_tokens));
    text += lar::format(" · {} written", count_text(model.generated_tokens));
    if (model.compared_tokens > 0)
        text += lar::format(", {} more of a second answer to compare with", count_text(model.compared_tokens));
    if (model.finish == "length" || model.finish == "window") text += ", then there was no room";
    return text + " · first text after " + milliseconds_text(model.first_text_milliseconds);
}

}  // namespace

std::string receipt_text(const wire::ApiReceipt& receipt, const Look& look) {
    std::vector<std::string> where{"computed " + (receipt.computed.empty() ? "on this machine" : receipt.computed)};
    if (!receipt.air_gap.empty()) where.push_back("held by " + receipt.air_gap);
    where.push_back("sources: " + (receipt.sources.empty() ? "none" : joined(receipt.sources, ", ")));
    if (const std::string window = window_text(receipt, look); !window.empty()) where.push_back(window);
    if (!receipt.hints.empty()) where.push_back("understood: " + joined(receipt.hints, "; "));
    std::vector<std::string> what{
        lar::format("{} of {} used, {} searched", count_text(receipt.passages_used),
                    counted(receipt.passages_considered, "matching passage", "matching passages"),
                    count_text(receipt.passages_searched))};
    std::vector<std::string> left_out;
    for (const wire::LeftOut& one : receipt.left_out)
        if (one.count > 0) left_out.push_back(lar::format("{} {}", count_text(one.count), one.reason));
    if (!left_out.empty()) what.push_back("left out: " + joined(left_out, ", "));
    what.push_back(milliseconds_text(receipt.milliseconds));
    what.push_back(lar::format("bytes out: {}", count_text(receipt.bytes_out)));
    std::vector<std::string> wrote;
    if (receipt.model) wrote.push_back(model_text(*receipt.model));
    for (const std::string& remark : receipt.remarks) wrote.push_back(remark);
    std::string text;
    for (const auto& parts : {where, what, wrote}) {
        if (parts.empty()) continue;
        const std::string line = joined(parts, " · ");
        text += look.output.styled(Style::faint,
                                   look.output.interactive() ? wrapped(line, look.output.text_columns(), 2) : line) +
                "\n";
    }
    return text;
}

std::string not_found_text(const wire::ApiReceipt& receipt) {
    if (receipt.sources.empty()) return "Lar has no sources yet: `lar add PATH` gives it a folder or a repository.\n";
    if (receipt.since || receipt.until) return "I did not find it in your sources within that time.\n";
    return "I did not find it in your sources.\n";
}

namespace {

// So that one sees whether it is worth a look. Who changed what, and when, stands in the line above already.
std::string first_line(const wire::ApiNearest& nearest) {
    constexpr std::string_view behind_introduction = " — ";
    std::string_view text = nearest.text;
    if (nearest.citation.place.kind == "commit") {
        const std::size_t at = text.find(behind_introduction);
        text = at == std::string_view::npos ? std::string_view() : text.substr(at + behind_introduction.size());
    }
    return printable(trim(text.substr(0, text.find('\n'))));
}

std::string nearest_text(const wire::ApiAnswer& answer, const Look& look) {
    if (answer.nearest.empty()) return {};
    std::string text = "\nWhat comes nearest, and may be about something else (`lar open N`):\n";
    for (const wire::ApiNearest& nearest : answer.nearest) {
        text += citation_text(nearest.citation, look);
        if (const std::string line = first_line(nearest); !line.empty())
            text += "    " + look.output.styled(Style::faint, shortened(line, look.output.text_columns() - 4)) + "\n";
    }
    return text;
}

}  // namespace

std::string grounds_text(const wire::ApiAnswer& answer, const Look& look) {
    std::string text;
    if (answer.outcome == "not_found") text += not_found_text(answer.receipt);
    if (!answer.citations.empty()) text += "\n";
    for (const wire::ApiCitation& citation : answer.citations) text += citation_text(citation, look);
    return text + nearest_text(answer, look) + "\n" + receipt_text(answer.receipt, look);
}

std::string answer_text(const wire::ApiAnswer& answer, const Look& look) {
    return sentences_text(answer, look) + grounds_text(answer, look);
}

std::string hit_text(const wire::ApiHit& hit, const Look& look) {
    std::string text = look.output.styled(Style::strong, lar::format("{}.", hit.rank)) + " " +
                       described_place(hit.place, hit.title, look) +
                       look.output.styled(Style::faint, lar::format("  {:.2f}", hit.score)) + "\n";
    if (!hit.also.empty()) text += "   " + look.output.styled(Style::faint, also_text(hit.place, hit.also)) + "\n";
    if (!hit.context.empty()) text += "   " + look.output.styled(Style::faint, printable(hit.context)) + "\n";
    std::size_t shown = 0;
    const std::string body = printable(hit.text);
    const std::vector<std::string_view> lines = split_lines(body);
    for (const std::string_view line : lines) {
        if (trim(line).empty()) continue;
        if (shown++ == shown_hit_lines) {
            text += look.output.styled(Style::faint, "   …") + "\n";
            break;
        }
        text +=
            "   " + (look.output.interactive() ? shortened(line, look.output.columns() - 3) : std::string(line)) + "\n";
    }
    return text;
}

}  // namespace lar::cli
