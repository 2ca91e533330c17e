#include "embedding.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "base/format.h"
#include "base/identity.h"
#include "base/log.h"
#include "recall/trust.h"

namespace lar::lard {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t passages_in_request = 16;
constexpr std::size_t passages_in_segment = 512;
constexpr std::size_t limit_text_bytes = 8192;  // of one passage; models have windows of 512 tokens and some
constexpr std::int64_t keep_model_us = 60 * us_per_second;
constexpr auto look_pause = 100ms;
constexpr std::int64_t limit_wait_us = 5 * us_per_second;
constexpr std::uint8_t nobody_waits = 2, somebody_waits = 0;
constexpr std::string_view text_form = "1";  // another one whenever text_of() writes passages otherwise

// Title and headings say what a passage is about when its own words do not.
std::string text_of(const models::EmbeddingStyle& style, const store::PlacedPassage& placed) {
    std::string text = style.document;
    for (const std::string* part : {&placed.document.title, &placed.passage.context})
        if (!part->empty()) text += *part + "\n";
    text += placed.passage.text;
    if (text.size() > limit_text_bytes) {
        std::size_t end = limit_text_bytes;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // whole characters
        text.resize(end);
    }
    return text;
}

// To length one, so that products are cosines. False: it has none.
bool normalise(std::vector<float>& vector) {
    double squares = 0;
    for (const float value : vector) squares += static_cast<double>(value) * value;
    if (!std::isfinite(squares) || squares <= 0) return false;
    const double length = std::sqrt(squares);
    for (float& value : vector) value = static_cast<float>(value / length);
    return true;
}

}  // namespace

Result<std::unique_ptr<Embedding>> Embedding::open(Options options, store::Store& store, api::ModelRooms rooms,
                                                   const Clock& clock) {
    auto vectors = TRY(recall::PassageVectors::open(options.folder));
    return std::unique_ptr<Embedding>(
        new Embedding(std::move(options), store, std::move(rooms), clock, std::move(vectors)));
}

Result<> Embedding::start(std::function<bool()> others_at_work) {
    others_at_work_ = std::move(others_at_work);
    return rounds_.start({.name = "vectors of passages",
                          .round = [this] { return work(); },
                          .failed =
                              [this](const Error& error) {
                                  say([&](wire::ApiEmbedding& state) {
                                      state.state = error.code == Code::unavailable ? "waiting" : "failed";
                                      state.detail = error.message;
                                  });
                              }});
}

Embedding::Embedding(Options options, store::Store& store, api::ModelRooms rooms, const Clock& clock,
                     std::unique_ptr<recall::PassageVectors> vectors)
    : options_(std::move(options)),
      store_(store),
      rooms_(std::move(rooms)),
      clock_(clock),
      vectors_(std::move(vectors)) {}

wire::ApiEmbedding Embedding::state() const {
    const std::scoped_lock lock(lock_);
    return state_;
}

void Embedding::say(const std::function<void(wire::ApiEmbedding&)>& change) {
    const std::scoped_lock lock(lock_);
    change(state_);
}

Embedding::Maker Embedding::maker_of(const models::Model& model) {
    Maker maker{.space = {},
                .name = models::short_form(model.reference),
                .loadable = models::loadable_of(model),
                .options = model.parameters,
                .style = models::embedding_style(model.facts, model.reference.name)};
    std::string identity(text_form);
    for (const models::ModelFile& file : model.parts) identity += "\n" + file.hex;
    for (const models::ModelFile& file : model.adapters) identity += "\n" + file.hex;
    identity += "\n" + maker.style.query + "\n" + maker.style.document;
    maker.space = hash_hex(identity).substr(0, 16);
    return maker;
}

// The model that is named, else the only one that makes vectors and does nothing else. None: there are no vectors, and
// a sentence in the state.
Result<std::optional<Embedding::Maker>> Embedding::choose() {
    const auto none = [&](std::string state, std::string detail) -> Result<std::optional<Maker>> {
        seen_.reset();
        TRY_VOID(vectors_->want_none());
        say([&](wire::ApiEmbedding& told) { told = {.state = std::move(state), .detail = std::move(detail)}; });
        return std::optional<Maker>();
    };
    if (options_.model == "none") return none("off", "");
    if (!options_.model.empty()) {
        auto model = api::find_model(rooms_.catalogue, options_.model);
        if (!model) return none("none", "recall.embedding names '" + options_.model + "': " + model.error().message);
        if (!models::makes_vectors(*model))
            return none("none", "recall.embedding names '" + options_.model + "', which makes no vectors");
        return maker_of(*model);
    }
    std::optional<Maker> only;
    for (const models::Listed& listed : rooms_.catalogue.list()) {
        if (!listed.problem.empty() || !std::ranges::contains(listed.capabilities, models::Capability::embedding))
            continue;
        const auto model = rooms_.catalogue.find(listed.reference);
        if (!model || !models::makes_vectors(*model)) continue;
        Maker maker = maker_of(*model);
        if (only && only->space != maker.space)
            return none("none", "several models make vectors: name one as recall.embedding in config.toml");
        only = std::move(maker);
    }
    if (!only) return none("none", "");
    return only;
}

Result<> Embedding::work() {
    const auto maker = TRY(choose());
    if (!maker) return {};
    store::Reader reader = TRY(store_.reader());
    const store::PassagesMark mark = TRY(reader.passages_mark());
    const auto wanted = vectors_->wanted();
    const bool retained = retained_.exchange(false);
    if (seen_ == mark && !retained && wanted && wanted->id == maker->space) return {};
    say([&](wire::ApiEmbedding& state) {
        state.state = "working";
        state.model = maker->name;
        state.detail.clear();
    });

    if (!wanted || wanted->id != maker->space)
        TRY_VOID(vectors_->want(
            {.id = maker->space, .model = maker->name, .dimensions = maker->loadable.facts.embedding_length}));
    const std::vector<store::PassageRange> live = TRY(reader.passage_ranges({}));
    const recall::VectorWork todo = vectors_->plan(live);
    TRY_VOID(vectors_->remove(todo.gone));
    // A source was forgotten, or may have been before lard started: no trace of its vectors stays.
    const std::size_t sources = TRY(reader.sources()).size();
    if (!todo.gone.empty() && (!sources_seen_ || sources < *sources_seen_)) TRY_VOID(vectors_->scrub());
    sources_seen_ = sources;
    say([&](wire::ApiEmbedding& state) {
        const auto serving = vectors_->serving();
        state.serving = serving && serving->id != maker->space ? serving->model : "";
        state.passages = todo.passages;
        state.done = todo.passages - todo.missing.size();
    });
    if (!todo.missing.empty()) TRY_VOID(embed_missing(*maker, reader, todo.missing));
    TRY_VOID(measure_trust(*maker, reader, live, todo.passages));
    TRY_VOID(vectors_->complete());
    seen_ = mark;
    vectors_->release_memory();
    say([&](wire::ApiEmbedding& state) {
        state.state = "complete";
        state.serving.clear();
        state.bytes = vectors_->counts().bytes;
        if (todo.passages > 0 && vectors_->trust() <= 0) state.detail = "they find too little to be asked";
    });
    return {};
}

Result<> Embedding::embed_missing(const Maker& maker, store::Reader& reader,
                                  const std::vector<index::VectorKey>& missing) {
    Pending pending;
    std::unique_ptr<api::VectorSession> session;
    for (std::size_t first = 0; first < missing.size(); first += passages_in_request) {
        if (others_compute(maker)) {
            // Its memory may be what they need.
            session.reset();
            TRY_VOID(keep(pending, reader));
            TRY_VOID(wait_for_others(maker));
        }
        if (!session)
            session = TRY(api::open_vectors(
                rooms_.engines, {.model = maker.loadable, .options = maker.options, .keep_alive_us = keep_model_us},
                [this] { return rounds_.stopping(); }));
        const std::size_t count = std::min(passages_in_request, missing.size() - first);
        TRY_VOID(embed_some(maker, *session, reader, std::span(missing).subspan(first, count), pending));
        if (pending.keys.size() >= passages_in_segment) TRY_VOID(keep(pending, reader));
        say([&](wire::ApiEmbedding& state) { state.done += count; });
    }
    return keep(pending, reader);
}

Result<> Embedding::measure_trust(const Maker& maker, store::Reader& reader, std::span<const store::PassageRange> live,
                                  std::uint64_t passages) {
    constexpr std::uint64_t grown = 2;
    const auto measured = vectors_->measured();
    if (measured && passages < grown * measured->passages && measured->passages < grown * passages) return {};
    recall::MeasuredTrust found{.trust = 0, .passages = passages};
    const std::vector<recall::KnownItem> items = TRY(recall::known_items(live, reader));
    if (items.size() >= recall::least_known_items) {
        const auto stopping = [this] { return rounds_.stopping(); };
        const auto session = TRY(api::open_vectors(
            rooms_.engines, {.model = maker.loadable, .options = maker.options, .keep_alive_us = keep_model_us},
            stopping));
        std::vector<std::string> texts;
        for (const recall::KnownItem& item : items) texts.push_back(maker.style.query + item.words);
        auto vectors = TRY(session->embed(std::move(texts), nobody_waits, stopping));
        const std::size_t depth = recall::depth_of_search(passages);
        std::size_t near = 0;
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (!normalise(vectors[i])) continue;
            const auto nearest = TRY(vectors_->nearest_wanted(vectors[i], depth));
            near += std::ranges::contains(nearest, items[i].passage.value, &index::Neighbour::key) ? 1U : 0U;
        }
        const std::size_t by_words = TRY(recall::found_by_words(items, depth, reader));
        found.trust = recall::trust(near, by_words, items.size());
        log_info("{} finds {} of {} known passages, words find {}: trusted {:.0f} %", maker.name, near, items.size(),
                 by_words, found.trust * 100);
    }
    return vectors_->note(found);
}

// A passage whose vector is no vector is left without one; it is tried again when passages change.
Result<> Embedding::embed_some(const Maker& maker, api::VectorSession& session, store::Reader& reader,
                               std::span<const index::VectorKey> ids, Pending& pending) {
    std::vector<store::PassageId> wanted;
    for (const index::VectorKey id : ids) wanted.push_back({id});
    std::vector<std::string> texts;
    std::vector<index::VectorKey> keys;
    for (const store::PlacedPassage& placed : TRY(reader.passages(wanted))) {
        texts.push_back(text_of(maker.style, placed));
        keys.push_back(placed.passage.id.value);
    }
    if (texts.empty()) return {};
    auto vectors = TRY(session.embed(std::move(texts), nobody_waits, [this] { return rounds_.stopping(); }));
    for (std::size_t i = 0; i < vectors.size(); ++i) {
        if (vectors[i].size() != maker.loadable.facts.embedding_length)
            return fail(Code::corrupt, lar::format("{} makes vectors of {} numbers and says {}", maker.name,
                                                   vectors[i].size(), maker.loadable.facts.embedding_length));
        if (!normalise(vectors[i])) continue;
        pending.keys.push_back(keys[i]);
        pending.values.insert(pending.values.end(), vectors[i].begin(), vectors[i].end());
    }
    return {};
}

// Passages that went meanwhile, perhaps because they are to be forgotten, leave nothing.
Result<> Embedding::keep(Pending& pending, store::Reader& reader) {
    if (pending.keys.empty()) return {};
    const std::scoped_lock keeping(keeping_);
    std::vector<store::PassageId> made;
    for (const index::VectorKey key : pending.keys) made.push_back({key});
    const std::size_t dimensions = pending.values.size() / pending.keys.size();
    Pending there;
    auto values = pending.values.begin();
    auto key = pending.keys.begin();
    for (const store::PlacedPassage& placed : TRY(reader.passages(made))) {  // in the order asked
        for (; *key != placed.passage.id.value; ++key) values += static_cast<std::ptrdiff_t>(dimensions);
        there.keys.push_back(*key);
        there.values.insert(there.values.end(), values, values + static_cast<std::ptrdiff_t>(dimensions));
    }
    TRY_VOID(vectors_->add(there.keys, there.values));
    pending = {};
    return {};
}

Result<recall::VectorsErased> Embedding::retain(std::span<const store::PassageRange> live) {
    const std::scoped_lock keeping(keeping_);
    retained_ = true;
    return vectors_->retain(live);
}

// Requests of clients, indexing, and what other engines compute.
bool Embedding::others_compute(const Maker& maker) {
    if (others_at_work_()) return true;
    return api::engines_busy(rooms_.engines, maker.loadable.key, [this] { return rounds_.stopping(); }).value_or(true);
}

// Not for ever: who is never alone goes on slowly.
Result<> Embedding::wait_for_others(const Maker& maker) {
    say([](wire::ApiEmbedding& state) { state.state = "waiting"; });
    const std::int64_t until_us = clock_.monotonic_us() + limit_wait_us;
    // Twice in a row nobody: between two requests of one client there is a gap.
    for (int quiet = 0; quiet < 2 && clock_.monotonic_us() < until_us;) {
        if (!rounds_.pause(look_pause)) return fail(Code::unavailable, "Lar is stopping");
        quiet = others_compute(maker) ? 0 : quiet + 1;
    }
    say([](wire::ApiEmbedding& state) { state.state = "working"; });
    return {};
}

// Kept, because a catalogue reads files.
std::optional<Embedding::Maker> Embedding::maker_of_questions() {
    const auto serving = vectors_->serving();
    if (!serving) return std::nullopt;
    {
        const std::scoped_lock lock(lock_);
        if (questions_ && questions_->space == serving->id) return questions_;
    }
    const auto model = api::find_model(rooms_.catalogue, serving->model);
    if (!model || !models::makes_vectors(*model)) return std::nullopt;
    Maker maker = maker_of(*model);
    if (maker.space != serving->id) return std::nullopt;
    const std::scoped_lock lock(lock_);
    questions_ = maker;
    return maker;
}

Result<std::vector<recall::DenseHit>> Embedding::nearest(const std::string& question, std::size_t count,
                                                         std::optional<std::span<const store::PassageRange>> within) {
    const auto maker = maker_of_questions();
    if (!maker) return fail(Code::not_found, "there are no vectors");
    const std::int64_t until_us = clock_.monotonic_us() + options_.question_us;
    const auto late = [&] { return rounds_.stopping() || clock_.monotonic_us() >= until_us; };
    const auto session =
        TRY(api::open_vectors(rooms_.engines, {.model = maker->loadable, .options = maker->options}, late));
    auto vectors = TRY(session->embed({maker->style.query + question}, somebody_waits, late));
    if (vectors.size() != 1 || !normalise(vectors[0])) return fail(Code::unavailable, "the question has no vector");
    const recall::VectorSpace space{.id = maker->space, .model = maker->name, .dimensions = vectors[0].size()};
    std::vector<index::KeyRange> ranges;
    if (within)
        for (const store::PassageRange& range : *within) ranges.push_back({range.first, range.end});
    std::vector<recall::DenseHit> hits;
    for (const index::Neighbour& neighbour :
         TRY(vectors_->nearest(space, vectors[0], count,
                               within ? std::optional<std::span<const index::KeyRange>>(ranges) : std::nullopt)))
        hits.push_back({.passage = {neighbour.key}, .score = neighbour.score});
    return hits;
}

}  // namespace lar::lard
