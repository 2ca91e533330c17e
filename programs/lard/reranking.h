// An installed reranking model for recall (recall/rerank.h): which one, how far it is to be trusted here, and its
// scores within a little time.
//
// A thread of low priority looks, when something may have changed (wake()), whether there is such a model and whether
// it was measured with about as many passages as there are: it is shown passages of this collection beside those that
// words take for the same, and must know the right one (recall/trust.h). Measuring also tells how long it takes for a
// kilobyte, so that a question asks for no more than fits its time. The first token of an answer is promised within 80
// ms, so that time is small; a model that must be loaded first is loaded for the next question.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/engine_vectors.h"
#include "api/model_rooms.h"
#include "base/time.h"
#include "recall/rerank.h"
#include "rounds.h"
#include "store/store.h"

namespace lar::lard {

class Reranking final : public recall::Reranker {
public:
    struct Options {
        std::string model;                  // "off": none; empty: the only one there is
        std::int64_t question_us = 40'000;  // for the passages of one question
    };
    Reranking(Options options, store::Store& store, api::ModelRooms rooms, const Clock& clock);

    // When lard serves, and before its server goes. `others_at_work` is called on the thread.
    Result<> start(std::function<bool()> others_at_work);
    void stop() { rounds_.stop(); }
    void wake() { rounds_.wake(); }  // any thread

    Facts facts() const override;
    std::size_t affordable(std::span<const std::size_t> bytes) override;
    Result<std::vector<float>> score(const std::string& question, std::vector<std::string> texts) override;

private:
    struct Maker {
        std::string name;
        models::Loadable loadable;
        wire::ModelOptions options;
    };
    // What measuring a model found.
    struct Measured {
        std::string key;
        double trust = 0;
        std::uint64_t passages = 0;
    };

    Result<> look();
    Result<std::optional<Maker>> choose() const;
    Result<Measured> measure(const Maker& maker, store::Reader& reader, std::uint64_t passages);
    void note_speed(std::size_t bytes, std::int64_t us);

    const Options options_;
    store::Store& store_;
    api::ModelRooms rooms_;
    const Clock& clock_;

    std::function<bool()> others_at_work_;
    mutable std::mutex lock_;
    std::optional<Maker> maker_;
    std::optional<Measured> measured_;  // of maker_, or of the one before
    double us_per_byte_ = 0;            // 0: not known
    Rounds rounds_;                     // last: they use the rest
};

}  // namespace lar::lard
