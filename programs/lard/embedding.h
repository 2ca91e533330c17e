// The vectors of all passages, made in the background by an installed model, and the nearest ones to a question.
//
// One thread of low priority. It wakes when something may have changed (wake()), sees which model there is to be and
// which passages lack a vector, and has an engine make them in small batches; before each it waits until
// nobody else is at work: no indexing, no request, no other engine with something to do. What was made is kept in
// segments every few hundred passages, so a kill costs seconds of work and a restart goes on. Another model begins a
// generation of its own, and the old one answers until that is complete (recall/passage_vectors.h).
//
// Questions get a little time: a model that must be loaded first is loaded for the next one.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "api/engine_vectors.h"
#include "api/model_rooms.h"
#include "base/time.h"
#include "models/embedding.h"
#include "recall/dense.h"
#include "recall/passage_vectors.h"
#include "rounds.h"
#include "store/store.h"
#include "wire/api.h"

namespace lar::lard {

class Embedding final : public recall::Dense {
public:
    struct Options {
        std::filesystem::path folder;
        std::string model;                   // "none": no vectors; empty: the only one there is
        std::int64_t question_us = 150'000;  // for a question's vector
    };
    static Result<std::unique_ptr<Embedding>> open(Options options, store::Store& store, api::ModelRooms rooms,
                                                   const Clock& clock);

    // When lard serves, and before its server goes. `others_at_work` is called on the thread.
    Result<> start(std::function<bool()> others_at_work);
    void stop() { rounds_.stop(); }

    void wake() { rounds_.wake(); }  // any thread
    wire::ApiEmbedding state() const;
    // Nothing made from any passage but these stays: what is being made of others is dropped (ingest::Derived).
    Result<recall::VectorsErased> retain(std::span<const store::PassageRange> live);
    bool idle() const { return rounds_.idle(); }  // what it keeps in memory is of no use for now
    void release_memory() const { vectors_->release_memory(); }

    Result<> verify() const { return vectors_->verify(); }

    double trust() const override { return vectors_->trust(); }

    Result<std::vector<recall::DenseHit>> nearest(const std::string& question, std::size_t count,
                                                  std::optional<std::span<const store::PassageRange>> within) override;

private:
    // A model and the space of its vectors.
    struct Maker {
        std::string space, name;
        models::Loadable loadable;
        wire::ModelOptions options;
        models::EmbeddingStyle style;
    };
    Embedding(Options options, store::Store& store, api::ModelRooms rooms, const Clock& clock,
              std::unique_ptr<recall::PassageVectors> vectors);

    // One round, until nothing is left to do.
    Result<> work();
    Result<std::optional<Maker>> choose();
    Result<> embed_missing(const Maker& maker, store::Reader& reader, const std::vector<index::VectorKey>& missing);
    // Vectors of the next passages, added to `pending`.
    struct Pending {
        std::vector<index::VectorKey> keys;
        std::vector<float> values;
    };
    Result<> embed_some(const Maker& maker, api::VectorSession& session, store::Reader& reader,
                        std::span<const index::VectorKey> ids, Pending& pending);
    Result<> keep(Pending& pending, store::Reader& reader);
    // Unless it was, with about as many passages as there are.
    Result<> measure_trust(const Maker& maker, store::Reader& reader, std::span<const store::PassageRange> live,
                           std::uint64_t passages);
    Result<> wait_for_others(const Maker& maker);
    bool others_compute(const Maker& maker);
    std::optional<Maker> maker_of_questions();
    static Maker maker_of(const models::Model& model);
    void say(const std::function<void(wire::ApiEmbedding&)>& change);

    Options options_;
    store::Store& store_;
    api::ModelRooms rooms_;
    const Clock& clock_;
    std::unique_ptr<recall::PassageVectors> vectors_;

    std::function<bool()> others_at_work_;
    std::atomic<bool> retained_ = false;  // since the last look at what is missing
    std::mutex keeping_;                  // between looking whether passages are there and keeping their vectors
    mutable std::mutex lock_;
    wire::ApiEmbedding state_;
    std::optional<Maker> questions_;           // of the serving space, when it was last looked for
    std::optional<store::PassagesMark> seen_;  // by the thread, as what follows
    std::optional<std::size_t> sources_seen_;
    Rounds rounds_;  // last: they use the rest
};

}  // namespace lar::lard
