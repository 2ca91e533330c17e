// For this room's tests: a tiny model in this process, asked and stepped until it has nothing left to do.
#pragma once

#include <gtest/gtest.h>
#include <tiny_model.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "inference/backends.h"
#include "inference/model.h"

namespace lar::inference {

struct Told {
    std::string text;
    std::vector<wire::Piece> pieces;
    wire::Started started;
    std::optional<wire::Finished> finished;
    std::optional<wire::EngineFailed> failed;
};

class ModelTest : public testing::Test {
protected:
    static void SetUpTestSuite() {
        static const Result<std::string> device = load_backends(LAR_GGML_BACKENDS);
        ASSERT_TRUE(device) << device.error().message;
    }
    void SetUp() override {
        std::string pattern = testing::TempDir() + "lar-model-XXXXXX";
        home_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override {
        model_.reset();
        std::filesystem::remove_all(home_);
    }

    void load(const testing_support::TinyModel& tiny, wire::LoadModel how) {
        load_file(testing_support::write_tiny_model(home_, tiny)[0], how);
    }
    void load_file(const std::filesystem::path& file, wire::LoadModel how) {
        model_.reset();
        ModelFiles files;
        files.parts.push_back(std::move(open_read_only(file).value()));
        auto weights = Weights::load(std::move(files), false, {});
        ASSERT_TRUE(weights) << weights.error().message;
        auto model = Model::make(
            std::move(*weights), how, 2, [this](wire::EngineEvent event) { hear(std::move(event)); }, loaded_);
        ASSERT_TRUE(model) << model.error().message;
        model_ = std::move(*model);
    }
    void run() {
        while (!model_->idle()) model_->step(look_);
    }
    // Asks them together and steps to the end; what was told, in their order.
    std::vector<Told> tell(std::vector<wire::Generate> requests) {
        told_.clear();
        std::vector<std::uint64_t> ids;
        for (wire::Generate& request : requests) {
            request.id = ++last_id_;
            ids.push_back(request.id);
            model_->take(std::move(request));
        }
        run();
        std::vector<Told> result;
        for (const std::uint64_t id : ids) result.push_back(std::move(told_[id]));
        return result;
    }
    Told tell(wire::Generate request) { return std::move(tell(std::vector{std::move(request)}).front()); }

    static wire::Generate greedy(const std::string& text, std::uint32_t tokens) {
        return {.prompt = wire::TextPrompt{.text = text},
                .sampling = {.temperature = 0},
                .max_tokens = tokens,
                .ignore_end = true};
    }
    static wire::Generate drawn(const std::string& text, std::uint32_t tokens, std::uint32_t seed) {
        wire::Generate request = greedy(text, tokens);
        request.sampling = {.seed = seed, .temperature = 1.2F, .top_k = 0, .top_p = 1, .min_p = 0};
        return request;
    }

    void hear(wire::EngineEvent event) {
        if (auto* started = std::get_if<wire::Started>(&event)) {
            told_[started->id].started = *started;
        } else if (auto* piece = std::get_if<wire::Piece>(&event)) {
            told_[piece->id].text += piece->text;
            told_[piece->id].pieces.push_back(std::move(*piece));
            if (on_piece_) on_piece_(told_[piece->id].pieces.back());
        } else if (auto* finished = std::get_if<wire::Finished>(&event)) {
            order_.push_back(finished->id);
            told_[finished->id].finished = std::move(*finished);
        } else if (auto* failed = std::get_if<wire::EngineFailed>(&event)) {
            told_[failed->id].failed = std::move(*failed);
        } else {
            others_.push_back(std::move(event));
        }
    }

    std::filesystem::path home_;
    std::unique_ptr<Model> model_;
    wire::Loaded loaded_;
    std::map<std::uint64_t, Told> told_;
    std::vector<std::uint64_t> order_;  // of the ends
    std::vector<wire::EngineEvent> others_;
    std::function<void()> look_ = [] {};
    std::function<void(const wire::Piece&)> on_piece_;
    std::uint64_t last_id_ = 0;
};

}  // namespace lar::inference
