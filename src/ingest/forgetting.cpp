#include "ingest/forgetting.h"

#include <array>
#include <ctime>

#include "base/format.h"
#include "base/text.h"

namespace lar::ingest {
namespace {

constexpr std::size_t sample_bytes = 2000;
constexpr std::size_t shortest_sample_bytes = 24;  // a shorter text may stand anywhere by chance
constexpr std::array all_kinds = {store::DocumentKind::file,         store::DocumentKind::commit,
                                  store::DocumentKind::working_tree, store::DocumentKind::stash,
                                  store::DocumentKind::branch,       store::DocumentKind::pushed};

Result<std::vector<std::string>> take_samples(store::Reader& reader, const store::Source& source) {
    std::vector<std::string> samples;
    for (const store::DocumentKind kind : all_kinds) {
        for (const store::Document& document : TRY(reader.documents(source.id, kind, "", limit_samples))) {
            if (samples.size() == limit_samples) return samples;
            for (const store::PlacedPassage& placed : TRY(reader.passages_of(document.id, 1)))
                if (placed.passage.text.size() >= shortest_sample_bytes)
                    samples.emplace_back(utf8_prefix(placed.passage.text, sample_bytes));
        }
    }
    return samples;
}

}  // namespace

// A search that is going on keeps the log from being emptied; it is over in a moment.
Result<> scrub(store::Store& store) {
    constexpr int attempts = 20;
    constexpr timespec pause{.tv_sec = 0, .tv_nsec = 100'000'000};
    for (int attempt = 1;; ++attempt) {
        Result<> scrubbed = store.scrub();
        if (scrubbed || scrubbed.error().code != Code::conflict || attempt == attempts) return scrubbed;
        ::clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
    }
}

Result<wire::ApiForgotten> forget_source(store::Store& store, store::Reader& reader, const store::Source& source,
                                         Derived* derived, bool prove) {
    std::vector<std::string> samples;
    if (prove) samples = TRY(take_samples(reader, source));
    wire::ApiForgotten forgotten{.name = source.name};
    TRY_VOID(store.write([&](store::Writer& writer) -> Result<> {
        const store::Counts counts = TRY(writer.remove_source(source.id));
        forgotten.documents = counts.documents;
        forgotten.passages = counts.passages;
        return {};
    }));
    TRY_VOID(scrub(store));
    Erased erased;
    if (derived != nullptr) erased = TRY(derived->retain(TRY(reader.passage_ranges({}))));
    if (!prove) return forgotten;
    forgotten.proof = TRY(store.find_remains(samples));
    if (derived != nullptr) {
        forgotten.proof.append_range(erased.remains);
        std::vector<std::string> pieces = samples;
        pieces.append_range(erased.pieces);
        forgotten.proof.append_range(TRY(derived->find_remains(pieces)));
    }
    forgotten.proved = forgotten.proof.empty();
    if (!forgotten.proved) return forgotten;
    forgotten.proof.push_back(
        samples.empty() ? "it held no text long enough to look for"
                        : lar::format("{} passages of it were searched for in the bytes of the database and its log; "
                                      "none is there",
                                      samples.size()));
    forgotten.proof.append_range(erased.looked_at);
    return forgotten;
}

}  // namespace lar::ingest
