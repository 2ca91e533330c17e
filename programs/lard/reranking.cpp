#include "reranking.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "models/embedding.h"
#include "recall/trust.h"

namespace lar::lard {
namespace {

using namespace std::chrono_literals;

constexpr auto pause_for_others = 1s;
constexpr std::int64_t limit_patience_us = 5 * us_per_second;
constexpr std::int64_t keep_loaded_us = 60 * us_per_second;
constexpr std::uint8_t behind_all = 2, before_all = 0;
constexpr std::uint64_t grown = 2;        // so many times as many passages, or so few, are another collection
constexpr double weight_of_latest = 0.3;  // in what is known of its speed
constexpr double forgotten_by_refusal = 0.95;
constexpr double share_of_time = 0.8;  // that may be planned for

std::size_t bytes_of(const std::string& question, std::span<const std::string> texts) {
    std::size_t bytes = question.size() * texts.size();
    for (const std::string& text : texts) bytes += text.size();
    return bytes;
}

}  // namespace

Reranking::Reranking(Options options, store::Store& store, api::ModelRooms rooms, const Clock& clock)
    : options_(std::move(options)), store_(store), rooms_(std::move(rooms)), clock_(clock) {}

Result<> Reranking::start(std::function<bool()> others_at_work) {
    if (options_.model == "off") return {};
    others_at_work_ = std::move(others_at_work);
    return rounds_.start({.name = "reranking", .round = [this] { return look(); }});
}

// The model that is named, else the only one that gives scores.
Result<std::optional<Reranking::Maker>> Reranking::choose() const {
    const auto maker_of = [](const models::Model& model) {
        return Maker{.name = models::short_form(model.reference),
                     .loadable = models::loadable_of(model),
                     .options = model.parameters};
    };
    if (!options_.model.empty()) {
        const models::Model model = TRY(api::find_model(rooms_.catalogue, options_.model));
        if (!models::gives_scores(model))
            return fail(Code::invalid,
                        "recall.rerank names '" + options_.model + "', which does not give scores to texts");
        return maker_of(model);
    }
    std::optional<Maker> only;
    for (const models::Listed& listed : rooms_.catalogue.list()) {
        if (!listed.problem.empty()) continue;
        const auto model = rooms_.catalogue.find(listed.reference);
        if (!model || !models::gives_scores(*model)) continue;
        Maker maker = maker_of(*model);
        if (only && only->loadable.key != maker.loadable.key)
            return fail(Code::conflict, "several models rerank: name one as recall.rerank in config.toml");
        only = std::move(maker);
    }
    return only;
}

Result<> Reranking::look() {
    auto chosen = choose();
    if (!chosen || !*chosen) {
        const std::scoped_lock lock(lock_);
        maker_.reset();
        return chosen ? Result<>{} : std::unexpected(chosen.error());
    }
    const Maker maker = std::move(**chosen);
    store::Reader reader = TRY(store_.reader());
    const std::uint64_t passages = TRY(reader.passages_in({}));
    bool known = false;
    {
        const std::scoped_lock lock(lock_);
        maker_ = maker;
        known = measured_ && measured_->key == maker.loadable.key && passages < grown * measured_->passages &&
                measured_->passages < grown * passages;
        if (!known) measured_.reset();
    }
    if (known || passages == 0) return {};
    // Not for ever: who is never alone measures beside the others.
    const std::int64_t until_us = clock_.monotonic_us() + limit_patience_us;
    while (others_at_work_() && clock_.monotonic_us() < until_us) {
        if (!rounds_.pause(pause_for_others)) return {};
    }
    Measured measured = TRY(measure(maker, reader, passages));
    const std::scoped_lock lock(lock_);
    measured_ = std::move(measured);
    return {};
}

Result<Reranking::Measured> Reranking::measure(const Maker& maker, store::Reader& reader, std::uint64_t passages) {
    Measured found{.key = maker.loadable.key, .trust = 0, .passages = passages};
    const auto live = TRY(reader.passage_ranges({}));
    const auto lineups = TRY(recall::lineups(TRY(recall::known_items(live, reader)), reader));
    if (lineups.size() < recall::least_known_items) return found;
    const auto stopping = [this] { return rounds_.stopping(); };
    const auto session = TRY(api::open_vectors(
        rooms_.engines, {.model = maker.loadable, .options = maker.options, .keep_alive_us = keep_loaded_us},
        stopping));
    std::size_t right = 0;
    for (const recall::Lineup& lineup : lineups) {
        const std::int64_t begin = clock_.monotonic_us();
        const auto scores = TRY(session->score(lineup.words, lineup.texts, behind_all, stopping));
        note_speed(bytes_of(lineup.words, lineup.texts), clock_.monotonic_us() - begin);
        right += recall::knows(lineup, scores) ? 1U : 0U;
    }
    found.trust = recall::trust(right, lineups.size(), lineups.size());
    log_info("{} knows {} of {} passages among others like them: trusted {:.0f} %", maker.name, right, lineups.size(),
             found.trust * 100);
    return found;
}

void Reranking::note_speed(std::size_t bytes, std::int64_t us) {
    if (bytes == 0) return;
    const double latest = static_cast<double>(us) / static_cast<double>(bytes);
    const std::scoped_lock lock(lock_);
    us_per_byte_ = us_per_byte_ > 0 ? us_per_byte_ + weight_of_latest * (latest - us_per_byte_) : latest;
}

recall::Reranker::Facts Reranking::facts() const {
    const std::scoped_lock lock(lock_);
    if (!maker_ || !measured_ || measured_->key != maker_->loadable.key) return {};
    return {.model = maker_->name, .trust = measured_->trust};
}

std::size_t Reranking::affordable(std::span<const std::size_t> bytes) {
    const std::scoped_lock lock(lock_);
    double us = share_of_time * static_cast<double>(options_.question_us);
    std::size_t count = 0;
    for (; count < bytes.size(); ++count) {
        us -= us_per_byte_ * static_cast<double>(bytes[count]);
        if (us < 0) break;
    }
    // What was measured while the machine was busy must not hold for ever: each question refused for it lowers it a
    // bit.
    if (count < recall::least_reranked) us_per_byte_ *= forgotten_by_refusal;
    return count;
}

Result<std::vector<float>> Reranking::score(const std::string& question, std::vector<std::string> texts) {
    const std::int64_t begin = clock_.monotonic_us();
    const std::int64_t until = begin + options_.question_us;
    const auto late = [&] { return rounds_.stopping() || clock_.monotonic_us() >= until; };
    std::optional<Maker> maker;
    {
        const std::scoped_lock lock(lock_);
        maker = maker_;
    }
    if (!maker) return fail(Code::not_found, "there is no reranking model");
    const auto session = api::open_vectors(rooms_.engines, {.model = maker->loadable, .options = maker->options}, late);
    if (!session) return fail(Code::unavailable, "it is not loaded yet, or others use it");
    const std::size_t bytes = bytes_of(question, texts);
    const std::int64_t asked = clock_.monotonic_us();
    auto scores = (*session)->score(question, std::move(texts), before_all, late);
    // One that was too slow counts as what it took so far, so that fewer are asked for next time.
    note_speed(bytes, clock_.monotonic_us() - asked);
    if (!scores) return fail(Code::unavailable, "it took longer than it may");
    return scores;
}

}  // namespace lar::lard
