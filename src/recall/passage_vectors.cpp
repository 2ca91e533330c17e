#include "recall/passage_vectors.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "base/fd.h"
#include "base/format.h"
#include "base/log.h"
#include "base/text.h"

namespace lar::recall {
namespace {

constexpr std::size_t limit_space_bytes = 4096;
constexpr std::size_t erased_told = 50;  // rows of each generation whose bytes are looked for
constexpr std::string_view space_file = "space", serving_file = "serving", trust_file = "trust",
                           vectors_folder = "index";

template <class T>
bool number(std::string_view text, T& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

std::string text_of(const VectorSpace& space) { return lar::format("{}\n{}\n", space.dimensions, space.model); }

std::optional<VectorSpace> space_of(const std::string& id, std::string_view text) {
    const std::vector<std::string_view> lines = split_lines(text);
    if (lines.size() < 2) return std::nullopt;
    VectorSpace space{.id = id, .model = std::string(lines[1])};
    if (!number(lines[0], space.dimensions)) return std::nullopt;
    return space;
}

// Whole numbers: thousandths of trust, and how many passages there were.
std::optional<MeasuredTrust> trust_of(std::string_view text) {
    const std::vector<std::string_view> lines = split_lines(text);
    std::uint64_t thousandths = 0, passages = 0;
    if (lines.size() < 2 || !number(lines[0], thousandths) || !number(lines[1], passages) || thousandths > 1000)
        return std::nullopt;
    return MeasuredTrust{.trust = static_cast<double>(thousandths) / 1000, .passages = passages};
}

Result<> erase(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) return fail_errno(lar::format("cannot remove {}", path.string()), error.value());
    return {};
}

bool is_name(std::string_view id) {
    return !id.empty() && id.size() <= 64 &&
           std::ranges::all_of(id, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); });
}

}  // namespace

Result<std::unique_ptr<PassageVectors>> PassageVectors::open(std::filesystem::path folder) {
    TRY_VOID(make_private_directory(folder));
    std::unique_ptr<PassageVectors> vectors(new PassageVectors(std::move(folder)));
    TRY_VOID(vectors->load_all());
    return vectors;
}

// corrupt: not a generation, or damaged.
Result<std::shared_ptr<PassageVectors::Generation>> PassageVectors::load(const std::string& id) const {
    const auto text = read_file(folder_ / id / space_file, limit_space_bytes);
    const auto space = text && is_name(id) ? space_of(id, *text) : std::nullopt;
    if (!space) return fail(Code::corrupt, lar::format("{} holds no vectors", (folder_ / id).string()));
    index::Vectors vectors = TRY(index::Vectors::open(folder_ / id / vectors_folder, space->dimensions));
    std::optional<MeasuredTrust> measured;
    if (const auto noted = read_file(folder_ / id / trust_file, limit_space_bytes)) measured = trust_of(*noted);
    return std::make_shared<Generation>(*space, std::move(vectors), measured);
}

// Of those that do not serve only one can be the wanted one; which, want() will say, and the others go then.
Result<> PassageVectors::load_all() {
    const auto text = read_file(folder_ / serving_file, limit_space_bytes);
    if (!text) return text.error().code == Code::not_found ? Result<>{} : std::unexpected(text.error());
    auto serving = load(std::string(trim(*text)));
    if (serving) {
        serving_ = std::move(*serving);
    } else {
        log_warning("vectors are made anew: {}", serving.error().message);
        TRY_VOID(erase(folder_ / serving_file));
    }
    return {};
}

std::optional<VectorSpace> PassageVectors::serving() const {
    const std::scoped_lock lock(lock_);
    return serving_ ? std::optional(serving_->space) : std::nullopt;
}

std::optional<VectorSpace> PassageVectors::wanted() const {
    const std::scoped_lock lock(lock_);
    return wanted_ ? std::optional(wanted_->space) : std::nullopt;
}

index::VectorCounts PassageVectors::counts() const {
    const std::scoped_lock lock(lock_);
    index::VectorCounts sum;
    for (const auto& generation : {serving_, wanted_ == serving_ ? nullptr : wanted_}) {
        if (!generation) continue;
        const index::VectorCounts counts = generation->vectors.counts();
        sum.live += counts.live;
        sum.dead += counts.dead;
        sum.segments += counts.segments;
        sum.bytes += counts.bytes;
    }
    return sum;
}

Result<> PassageVectors::want(const VectorSpace& space) {
    if (!is_name(space.id)) return fail(Code::invalid, "the space has no name");
    if (wanted_ && wanted_->space == space) return {};
    std::shared_ptr<Generation> generation;
    if (serving_ && serving_->space == space) {
        generation = serving_;
    } else {
        auto kept = load(space.id);
        if (kept && (*kept)->space == space) {
            generation = std::move(*kept);
        } else {
            const auto folder = folder_ / space.id;
            TRY_VOID(erase(folder));
            TRY_VOID(make_private_directory(folder));
            TRY_VOID(write_file_atomically(folder / space_file, text_of(space)));
            generation = TRY(load(space.id));
        }
    }
    if (!serving_) TRY_VOID(write_serving(space.id));
    {
        const std::scoped_lock lock(lock_);
        wanted_ = std::move(generation);
        if (!serving_) serving_ = wanted_;
    }
    return erase_others();
}

Result<> PassageVectors::want_none() {
    {
        const std::scoped_lock lock(lock_);
        serving_.reset();
        wanted_.reset();
    }
    TRY_VOID(erase(folder_ / serving_file));
    return erase_others();
}

Result<> PassageVectors::write_serving(const std::string& id) const {
    return write_file_atomically(folder_ / serving_file, id + "\n");
}

Result<> PassageVectors::erase_others() {
    std::error_code error;
    std::vector<std::filesystem::path> others;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
        const std::string name = entry.path().filename().string();
        const bool known =
            name == serving_file || (serving_ && name == serving_->space.id) || (wanted_ && name == wanted_->space.id);
        if (!known) others.push_back(entry.path());
    }
    if (error) return fail_errno(lar::format("cannot list {}", folder_.string()), error.value());
    for (const auto& other : others) TRY_VOID(erase(other));
    return {};
}

// What the generation that still serves has of passages that are gone goes as well: they must not be found.
VectorWork PassageVectors::plan(std::span<const store::PassageRange> live) const {
    VectorWork work;
    const auto compare = [&](const std::vector<index::VectorKey>& there, auto missing) {
        auto at = there.begin();
        for (const store::PassageRange& range : live) {
            for (; at != there.end() && *at < range.first; ++at) work.gone.push_back(*at);
            for (std::int64_t id = range.first; id < range.end; ++id) {
                if (at != there.end() && *at == id)
                    ++at;
                else
                    missing(id);
            }
        }
        work.gone.insert(work.gone.end(), at, there.end());
    };
    if (wanted_) compare(wanted_->vectors.keys(), [&](std::int64_t id) { work.missing.push_back(id); });
    if (serving_ && serving_ != wanted_) compare(serving_->vectors.keys(), [](std::int64_t) {});
    for (const store::PassageRange& range : live) work.passages += static_cast<std::uint64_t>(range.end - range.first);
    return work;
}

Result<> PassageVectors::add(std::span<const index::VectorKey> keys, std::span<const float> values) {
    ASSERT(wanted_ != nullptr);
    TRY_VOID(wanted_->vectors.add(keys, values));
    while (TRY(wanted_->vectors.merge())) {
    }
    return {};
}

// The generation that still serves is told as well, because what is gone must not be found.
Result<> PassageVectors::remove(std::span<const index::VectorKey> keys) {
    for (const auto& generation : {serving_, wanted_ == serving_ ? nullptr : wanted_}) {
        if (!generation) continue;
        TRY_VOID(generation->vectors.remove(keys));
        while (TRY(generation->vectors.merge())) {
        }
    }
    return {};
}

Result<> PassageVectors::complete() {
    if (!wanted_ || serving_ == wanted_) return {};
    TRY_VOID(write_serving(wanted_->space.id));
    {
        const std::scoped_lock lock(lock_);
        serving_ = wanted_;
    }
    return erase_others();
}

double PassageVectors::trust() const {
    const std::scoped_lock lock(lock_);
    return serving_ && serving_->measured ? serving_->measured->trust : 0;
}

std::optional<MeasuredTrust> PassageVectors::measured() const {
    const std::scoped_lock lock(lock_);
    return wanted_ ? wanted_->measured : std::nullopt;
}

Result<> PassageVectors::note(const MeasuredTrust& measured) {
    ASSERT(wanted_ != nullptr);
    TRY_VOID(write_file_atomically(folder_ / wanted_->space.id / trust_file,
                                   lar::format("{:.0f}\n{}\n", measured.trust * 1000, measured.passages)));
    const std::scoped_lock lock(lock_);
    wanted_->measured = measured;
    return {};
}

Result<std::vector<index::Neighbour>> PassageVectors::nearest_wanted(std::span<const float> query,
                                                                     std::size_t count) const {
    ASSERT(wanted_ != nullptr);
    return wanted_->vectors.nearest(query, count);
}

std::vector<std::shared_ptr<PassageVectors::Generation>> PassageVectors::generations() const {
    const std::scoped_lock lock(lock_);
    std::vector<std::shared_ptr<Generation>> all;
    for (const auto& generation : {serving_, wanted_ == serving_ ? nullptr : wanted_})
        if (generation) all.push_back(generation);
    return all;
}

// Of every folder of a generation, also of one that nobody has opened yet. One that cannot be read holds who knows
// what.
Result<index::VectorRows> PassageVectors::rows_besides(std::span<const index::KeyRange> live, std::size_t limit) const {
    index::VectorRows sum;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
        if (!entry.is_directory()) continue;
        const std::string id = entry.path().filename().string();
        const auto text = read_file(entry.path() / space_file, limit_space_bytes);
        const auto space = text ? space_of(id, *text) : std::nullopt;
        if (!space) return fail(Code::corrupt, lar::format("{} holds no vectors", entry.path().string()));
        const index::VectorRows one =
            TRY(index::Vectors::rows_besides(entry.path() / vectors_folder, space->dimensions, live, limit));
        sum.rows += one.rows;
        sum.files += one.files;
        sum.bytes += one.bytes;
        sum.pieces.insert(sum.pieces.end(), one.pieces.begin(), one.pieces.end());
    }
    if (error) return fail_errno(lar::format("cannot list {}", folder_.string()), error.value());
    return sum;
}

Result<VectorsErased> PassageVectors::retain(std::span<const store::PassageRange> live) {
    std::vector<index::KeyRange> kept;
    for (const store::PassageRange& range : live) kept.push_back({range.first, range.end});
    const index::VectorRows before = TRY(rows_besides(kept, erased_told));
    for (const auto& generation : generations()) {
        std::vector<index::VectorKey> gone;
        auto range = kept.begin();
        for (const index::VectorKey key : generation->vectors.keys()) {
            while (range != kept.end() && range->end <= key) ++range;
            if (range == kept.end() || key < range->first) gone.push_back(key);
        }
        TRY_VOID(generation->vectors.remove(gone));
        TRY_VOID(generation->vectors.scrub());
    }
    const index::VectorRows after = TRY(rows_besides(kept, 0));
    return VectorsErased{.before = before.rows,
                         .after = after.rows,
                         .files = after.files,
                         .bytes = after.bytes,
                         .pieces = before.pieces};
}

Result<> PassageVectors::scrub() {
    for (const auto& generation : generations()) TRY_VOID(generation->vectors.scrub());
    return {};
}

Result<std::vector<index::Neighbour>> PassageVectors::nearest(
    const VectorSpace& space, std::span<const float> query, std::size_t count,
    std::optional<std::span<const index::KeyRange>> within) const {
    std::shared_ptr<Generation> generation;
    {
        const std::scoped_lock lock(lock_);
        generation = serving_;
    }
    if (!generation || generation->space != space) return fail(Code::not_found, "there are no vectors of this space");
    return generation->vectors.nearest(query, count, within);
}

Result<> PassageVectors::verify() const {
    std::shared_ptr<Generation> serving, wanted;
    {
        const std::scoped_lock lock(lock_);
        serving = serving_;
        wanted = wanted_;
    }
    if (serving) TRY_VOID(serving->vectors.verify());
    return wanted && wanted != serving ? wanted->vectors.verify() : Result<>{};
}

void PassageVectors::release_memory() const {
    const std::scoped_lock lock(lock_);
    for (const auto& generation : {serving_, wanted_})
        if (generation) generation->vectors.release_memory();
}

}  // namespace lar::recall
