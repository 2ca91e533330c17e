#include "consent/ledger.h"

#include <algorithm>
#include <charconv>
#include <deque>

#include "base/fd.h"
#include "base/format.h"
#include "base/log.h"
#include "base/text.h"
#include "wire/codec.h"

namespace lar::consent {
namespace {

constexpr std::size_t limit_head_bytes = 256;
constexpr std::size_t limit_spans = 1200;  // a hundred years of months

struct Content {
    std::string_view kind;
    std::string json;
};
Content content_of(const wire::LedgerEntry& entry) {
    struct Kinds {
        std::string_view operator()(const wire::LedgerHandoff&) const { return "handoff"; }
        std::string_view operator()(const wire::LedgerDownload&) const { return "download"; }
        std::string_view operator()(const wire::LedgerDenied&) const { return "denied"; }
        std::string_view operator()(const wire::LedgerComputed&) const { return "computed"; }
    };
    return {std::visit(Kinds(), entry), std::visit([](const auto& one) { return wire::to_json(one); }, entry)};
}

// What is not as it was written is listed without its content, and verify() names it.
template <class T>
void read_into(std::optional<T>& content, const store::LedgerRow& row) {
    if (auto read = wire::from_json<T>(row.content)) content = std::move(*read);
}

wire::ApiLedgerEntry entry_of(const store::LedgerRow& row, const Zone& zone) {
    wire::ApiLedgerEntry entry{.number = row.number,
                               .time = to_rfc3339({row.time_us, zone.offset_min_at(row.time_us)}),
                               .kind = printable(to_utf8_lossy(row.kind)),
                               .hash = row.hash};
    if (row.kind == "handoff") read_into(entry.handoff, row);
    if (row.kind == "download") read_into(entry.download, row);
    if (row.kind == "denied") read_into(entry.denied, row);
    if (row.kind == "computed") read_into(entry.computed, row);
    return entry;
}

void add(wire::ApiLedgerTotals& totals, wire::ApiLedgerSpan& span, const wire::ApiLedgerEntry& entry) {
    if (const auto& one = entry.computed) {
        if (one->output == "text") ++totals.answers;
        totals.prompt_tokens += one->prompt_tokens;
        totals.generated_tokens += one->generated_tokens;
        totals.cpu_seconds += one->cpu_seconds;
        (one->energy.starts_with("measured") ? totals.joules_measured : totals.joules_estimated) +=
            one->joules.value_or(0);
        totals.listed_cost += one->listed_cost.value_or(0);
        span.local_tokens += one->prompt_tokens + one->generated_tokens;
    }
    if (const auto& one = entry.handoff) {
        if (one->outcome == wire::handoff_leaves) ++totals.handoffs;
        totals.handed_prompt_tokens += one->prompt_tokens;
        totals.handed_generated_tokens += one->generated_tokens;
        totals.bytes_out += one->bytes_out;
        totals.bytes_in += one->bytes_in;
        totals.cost += one->cost;
        span.handed_tokens += one->prompt_tokens + one->generated_tokens;
    }
    if (const auto& one = entry.download) {
        ++totals.downloads;
        totals.download_bytes += one->bytes;
    }
    if (entry.denied) ++totals.denied;
}

struct Month {
    int year = 0, month = 0;
};
Result<Month> parse_month(std::string_view text) {
    Month parsed;
    const auto number = [](std::string_view digits, int& value) {
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return error == std::errc() && end == digits.data() + digits.size();
    };
    if (text.size() != 7 || text[4] != '-' || !number(text.substr(0, 4), parsed.year) ||
        !number(text.substr(5), parsed.month) || parsed.year < 1970 || parsed.month < 1 || parsed.month > 12)
        return fail(Code::invalid, lar::format("'{}' is no month: write it as 2026-11", printable(text)));
    return parsed;
}

// The stretches of time that a plot shows: the days of a month, or the months from the first entry on.
class Spans {
public:
    Spans(const Zone& zone, std::optional<Month> month) : zone_(zone), month_(month) {}

    // Entries come in the order of their numbers; a clock that was put back makes times go backwards.
    wire::ApiLedgerSpan& at(std::int64_t us) {
        const std::string name = to_date(zone_, us).substr(0, month_ ? 10 : 7);
        const auto found = std::ranges::find(spans_, name, &wire::ApiLedgerSpan::begins);
        if (found != spans_.end()) return *found;
        while (!spans_.empty() && spans_.back().begins < name && spans_.size() < limit_spans)
            if (spans_.push_back({following(spans_.back().begins)}); spans_.back().begins == name) return spans_.back();
        const auto place = std::ranges::lower_bound(spans_, name, {}, &wire::ApiLedgerSpan::begins);
        return *spans_.insert(place, wire::ApiLedgerSpan{name});
    }
    void begin_at(const std::string& name) { spans_.push_back({name}); }
    std::vector<wire::ApiLedgerSpan> take() { return std::move(spans_); }

private:
    std::string following(const std::string& name) const {
        CivilTime civil{.year = 1970, .month = 1, .day = 1, .hour = 12};
        std::from_chars(name.data(), name.data() + 4, civil.year);
        std::from_chars(name.data() + 5, name.data() + 7, civil.month);
        if (month_) std::from_chars(name.data() + 8, name.data() + 10, civil.day);
        ++(month_ ? civil.day : civil.month);
        return to_date(zone_, moment_of(zone_, civil)).substr(0, month_ ? 10 : 7);
    }

    const Zone& zone_;
    std::optional<Month> month_;
    std::vector<wire::ApiLedgerSpan> spans_;
};

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(store::Store& store, std::filesystem::path head, const Clock& clock,
                                             const Zone& zone) {
    std::unique_ptr<Ledger> ledger(new Ledger(store, std::move(head), clock, zone));
    const auto kept = ledger->kept_head();
    store::Reader reader = TRY(store.reader());
    ledger->head_holds_ =
        kept && (!*kept || (*kept)->number == 0 || TRY(reader.ledger_hash_at((*kept)->number)) == (*kept)->hash);
    if (!ledger->head_holds_) log_error("the end of the ledger is not where it was; `lar ledger verify` says more");
    return ledger;
}

Result<std::optional<store::LedgerHead>> Ledger::kept_head() const {
    const Result<std::string> text = read_file(head_file_, limit_head_bytes);
    if (!text && text.error().code == Code::not_found) return std::nullopt;
    if (!text) return std::unexpected(text.error());
    store::LedgerHead head;
    const auto pieces = split(trim(*text), ' ');
    if (pieces.size() == 2 && pieces[1].size() == 64) {
        const auto [end, error] = std::from_chars(pieces[0].data(), pieces[0].data() + pieces[0].size(), head.number);
        head.hash = pieces[1];
        if (error == std::errc() && end == pieces[0].data() + pieces[0].size() && head.number >= 0) return head;
    }
    return fail(Code::corrupt, lar::format("{} does not hold the end of a ledger", head_file_.string()));
}

Result<> Ledger::append(std::span<const wire::LedgerEntry> entries) {
    if (entries.empty()) return {};
    const std::scoped_lock lock(mutex_);
    store::LedgerHead head;
    TRY_VOID(store_.write([&](store::Writer& writer) -> Result<> {
        for (const wire::LedgerEntry& entry : entries) {
            const Content content = content_of(entry);
            head = TRY(writer.append_ledger(clock_.now_us(), content.kind, content.json));
        }
        return {};
    }));
    if (!head_holds_) return {};
    return write_file_atomically(head_file_, lar::format("{} {}\n", head.number, head.hash));
}

Result<wire::ApiLedger> Ledger::report(store::Reader& reader, std::string_view month, std::size_t limit) const {
    wire::ApiLedger report{.month = std::string(month)};
    std::optional<Month> wanted;
    TimeWindow window;
    if (!month.empty()) {
        wanted = TRY(parse_month(month));
        window.since_us = moment_of(zone_, {.year = wanted->year, .month = wanted->month});
        window.until_us = moment_of(zone_, {.year = wanted->year, .month = wanted->month + 1});
    }
    Spans spans(zone_, wanted);
    if (wanted) spans.begin_at(to_date(zone_, *window.since_us));
    std::deque<wire::ApiLedgerEntry> newest;
    for (std::int64_t after = 0;;) {
        const std::vector<store::LedgerRow> page = TRY(reader.ledger(after, window));
        for (const store::LedgerRow& row : page) {
            wire::ApiLedgerEntry entry = entry_of(row, zone_);
            add(report.totals, spans.at(row.time_us), entry);
            newest.push_back(std::move(entry));
            if (newest.size() > limit) newest.pop_front();
        }
        if (page.size() < store::limit_ledger_page) break;
        after = page.back().number;
    }
    report.spans = spans.take();
    report.entries.assign(std::make_move_iterator(newest.begin()), std::make_move_iterator(newest.end()));
    return report;
}

Result<wire::ApiLedgerCheck> Ledger::verify(store::Reader& reader) const {
    // The file before the rows: what is appended meanwhile is in the rows.
    const auto kept = [&] {
        const std::scoped_lock lock(mutex_);
        return kept_head();
    }();
    const store::LedgerCheck check = TRY(reader.check_ledger(kept ? *kept : std::optional<store::LedgerHead>()));
    wire::ApiLedgerCheck told{.entries = check.head.number, .head = check.head.hash};
    if (check.fault) {
        const store::LedgerFault& fault = *check.fault;
        told.fault = {.number = fault.number,
                      .kind = printable(to_utf8_lossy(fault.kind)),
                      .time = fault.kind.empty() ? std::string()
                                                 : to_rfc3339({fault.time_us, zone_.offset_min_at(fault.time_us)}),
                      .reason = fault.reason};
    } else if (!kept) {
        told.fault = {.number = check.head.number, .reason = kept.error().message};
    }
    told.holds = !told.fault;
    return told;
}

}  // namespace lar::consent
