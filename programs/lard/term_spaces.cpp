#include "term_spaces.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <span>
#include <system_error>
#include <utility>

#include "base/fd.h"
#include "base/format.h"
#include "base/log.h"
#include "recall/sample.h"
#include "store/languages.h"

namespace lar::lard {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t least_passages = 200;  // of fewer words say all there is
constexpr std::uint64_t same_of = 5;           // as long as the passages are four to six fifths of what they were
constexpr std::size_t passages_read_at_once = 200;
constexpr auto pause_of_indexing = 250ms;
constexpr std::int64_t limit_indexing_us = 60 * us_per_second;

bool is_of_about(const index::SpaceOrigin& origin, std::uint64_t passages) {
    return passages * same_of >= origin.passages * (same_of - 1) &&
           passages * (same_of - 1) <= origin.passages * same_of;
}

}  // namespace

Result<std::unique_ptr<TermSpaces>> TermSpaces::open(std::filesystem::path folder, store::Store& store,
                                                     const Clock& clock) {
    TRY_VOID(make_private_directory(folder));
    std::unique_ptr<TermSpaces> spaces(new TermSpaces(std::move(folder), store, clock));
    auto kept = index::TermSpace::open(spaces->file_);
    if (kept)
        spaces->space_ = std::make_shared<const index::TermSpace>(std::move(*kept));
    else if (kept.error().code != Code::not_found)
        log_warning("the space of terms is made anew: {}", kept.error().message);
    return spaces;
}

TermSpaces::TermSpaces(std::filesystem::path folder, store::Store& store, const Clock& clock)
    : file_(std::move(folder) / "terms"), store_(store), clock_(clock) {}

Result<> TermSpaces::start(std::function<bool()> indexing) {
    indexing_ = std::move(indexing);
    return rounds_.start({.name = "the space of terms",
                          .round = [this] { return work(); },
                          .failed =
                              [this](const Error& error) {
                                  say([&](wire::ApiSpace& state) {
                                      state.state = "failed";
                                      state.detail = error.message;
                                  });
                              }});
}

wire::ApiSpace TermSpaces::state() const {
    const std::scoped_lock lock(lock_);
    return state_;
}

std::shared_ptr<const index::TermSpace> TermSpaces::space() const {
    const std::scoped_lock lock(lock_);
    return space_;
}

void TermSpaces::release_memory() const {
    if (const auto current = space()) current->release_pages();
}

void TermSpaces::say(const std::function<void(wire::ApiSpace&)>& change) {
    const std::scoped_lock lock(lock_);
    change(state_);
}

Result<> TermSpaces::work() {
    store::Reader reader = TRY(store_.reader());
    // A source that was forgotten while nobody could be told.
    if (const auto current = space(); current && TRY(reader.sources()).size() < current->origin().sources) TRY(drop());
    std::uint64_t passages = TRY(reader.passages_in({}));
    const auto fits = [&] {
        const auto current = space();
        return current && is_of_about(current->origin(), passages);
    };
    if (passages >= least_passages && !fits()) {
        if (!wait_for_indexing()) return {};
        passages = TRY(reader.passages_in({}));
    }
    if (passages < least_passages) {
        TRY(drop());
        say([&](wire::ApiSpace& state) { state = {.looked_at = passages}; });
        return {};
    }
    if (!fits()) TRY_VOID(make(reader, {.passages = passages, .sources = TRY(reader.sources()).size()}));
    const auto current = space();
    say([&](wire::ApiSpace& state) {
        state.state = current ? "ready" : "waiting";  // for the next look, after it was dropped meanwhile
        state.looked_at = current ? passages : 0;
        state.passages = current ? current->origin().passages : 0;
        state.terms = current ? current->terms() : 0;
        state.bytes = current ? current->size_bytes() : 0;
        state.detail.clear();
    });
    return {};
}

bool TermSpaces::wait_for_indexing() {
    const std::int64_t until_us = clock_.monotonic_us() + limit_indexing_us;
    while (indexing_() && clock_.monotonic_us() < until_us) {
        say([](wire::ApiSpace& state) { state.state = "waiting"; });
        if (!rounds_.pause(pause_of_indexing)) return false;
    }
    return !rounds_.stopping();
}

Result<> TermSpaces::make(store::Reader& reader, const index::SpaceOrigin& origin) {
    say([](wire::ApiSpace& state) { state.state = "working"; });
    const std::int64_t begin_us = clock_.monotonic_us();
    const std::uint64_t dropped_before = dropped_;
    const auto stopping = [&] { return rounds_.stopping() || dropped_ != dropped_before; };
    std::vector<store::PassageId> drawn =
        recall::spread_over(TRY(reader.passage_ranges({})), index::limit_space_passages);
    // When their terms are too many, those that are taken are not the oldest.
    std::ranges::shuffle(drawn, std::mt19937(static_cast<std::mt19937::result_type>(drawn.size())));
    index::TermSpaceBuilder builder;
    bool room = true;
    for (std::size_t first = 0; first < drawn.size() && room; first += passages_read_at_once) {
        if (stopping()) return {};
        const auto some = std::span(drawn).subspan(first, std::min(passages_read_at_once, drawn.size() - first));
        for (const store::PlacedPassage& placed : TRY(reader.passages(some)))
            room = room && builder.add(recall::said_by(placed, store::analyse(placed.document, placed.passage)));
    }
    const auto bytes = std::move(builder).finish(origin, stopping);
    if (!bytes) return stopping() ? Result<>{} : std::unexpected(bytes.error());
    TRY_VOID(keep(*bytes, dropped_before));
    log_info("the space of terms was made from {} passages in {} ms", origin.passages,
             (clock_.monotonic_us() - begin_us) / 1000);
    return {};
}

Result<> TermSpaces::keep(const std::string& bytes, std::uint64_t dropped_before) {
    const std::scoped_lock keeping(keeping_);
    if (dropped_ != dropped_before) return {};
    TRY_VOID(write_file_atomically(file_, bytes));
    auto made = std::make_shared<const index::TermSpace>(TRY(index::TermSpace::open(file_)));
    const std::scoped_lock lock(lock_);
    space_ = std::move(made);
    return {};
}

Result<bool> TermSpaces::drop() {
    const std::scoped_lock keeping(keeping_);
    ++dropped_;
    std::error_code error;
    std::filesystem::remove(file_, error);
    if (error) return fail_errno(lar::format("cannot remove {}", file_.string()), error.value());
    bool there = false;
    {
        const std::scoped_lock lock(lock_);
        there = std::exchange(space_, nullptr) != nullptr;
        state_ = {.state = "waiting"};
    }
    if (there) wake();
    return there;
}

}  // namespace lar::lard
