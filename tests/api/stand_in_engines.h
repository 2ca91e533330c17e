// Engines that answer without a model, for the scripts: what was asked comes back, a word at a time.
//
// A text model says "You said: " and the prompt, each word a token; vectors are the length of the text, normalised or
// not. The window is 64 words. A prompt with "break off" ends the engine in the middle of the answer.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "models/details.h"
#include "models/engine.h"
#include "models/memory.h"

namespace lar::api {

class StandInFacts final : public models::FactsReader {
public:
    Result<wire::Facts> facts(Fd file) override {
        std::string text(7, '\0');
        if (::pread(file.number(), text.data(), text.size(), 0) != 7)
            return fail(Code::invalid, "this is no GGUF file");
        if (text == "a model")
            return wire::Facts{.architecture = "llama",
                               .parameters = 260'000,
                               .quantization = "all F32",
                               .file_bytes = 7,
                               .context_tokens = 64,
                               .embedding_length = 2,
                               .layers = 1,
                               .heads = 1,
                               .kv_heads = 1,
                               .head_length_k = 8,
                               .head_length_v = 8,
                               .vocabulary = 512,
                               .metadata = {{"llama.context_length", "uint32", "64", 0},
                                            {"tokenizer.ggml.tokens", "array of string", "", 512}}};
        if (text == "vectors")
            return wire::Facts{.architecture = "bert",
                               .parameters = 1000,
                               .file_bytes = 7,
                               .context_tokens = 64,
                               .embedding_length = 2,
                               .layers = 1,
                               .heads = 1,
                               .kv_heads = 1,
                               .head_length_k = 8,
                               .head_length_v = 8,
                               .pooling = "mean"};
        return fail(Code::invalid, "this is no GGUF file");
    }
    Result<std::vector<wire::TensorFact>> tensors(Fd) override {
        return std::vector<wire::TensorFact>{{.name = "token_embd.weight", .type = "F32", .shape = {2, 512}}};
    }
};

class StandInEngines final : public models::EngineStarter, public models::MemoryMeter {
public:
    std::function<void(std::function<void()>)> post;

    Result<models::Memory> now() const override { return models::Memory{1ULL << 34, 1ULL << 34}; }
    Result<std::unique_ptr<models::Engine>> start(const std::string&, models::OpenModel, wire::LoadModel load,
                                                  TellNews tell) override {
        auto engine = std::make_unique<Engine>(*this, tell);
        post([alive = std::weak_ptr(engine->alive), tell, load] {
            if (alive.lock())
                tell(wire::Loaded{
                    .context_tokens = load.context_tokens, .sequences = load.sequences, .embedding_length = 2});
        });
        return engine;
    }

private:
    class Engine final : public models::Engine {
    public:
        Engine(StandInEngines& home, TellNews tell) : home_(home), tell_(std::move(tell)) {}

        std::uint64_t request(wire::EngineRequest request, TakeEvent take) override {
            const std::uint64_t id = ++last_id_;
            home_.post([this, alive = std::weak_ptr(alive), request = std::move(request), take = std::move(take)] {
                if (alive.lock()) std::visit([&](const auto& one) { answer(one, take); }, request);
            });
            return id;
        }
        void cancel(std::uint64_t) override {}
        void end() override {
            home_.post([alive = std::weak_ptr(alive), tell = tell_] {
                if (alive.lock()) tell(models::EngineEnded{{Code::unavailable, "ended"}});
            });
        }
        std::uint64_t private_bytes() const override { return 0; }
        const std::shared_ptr<bool> alive = std::make_shared<bool>(true);

    private:
        static std::string text_of(const wire::Prompt& prompt) {
            if (const auto* text = std::get_if<wire::TextPrompt>(&prompt)) return text->text;
            if (const auto* chat = std::get_if<wire::ChatPrompt>(&prompt)) return chat->messages;
            if (const auto* tokens = std::get_if<wire::TokenPrompt>(&prompt))
                return std::to_string(tokens->tokens.size()) + " tokens";
            return "a gap";
        }
        static std::vector<std::string> words_of(std::string_view text) {
            std::vector<std::string> words;
            for (const std::string_view word : split(text, ' '))
                words.emplace_back(std::string(words.empty() ? "" : " ") + std::string(word));
            return words;
        }

        void answer(const wire::Generate& asked, const TakeEvent& take) {
            const std::vector<std::string> prompt = words_of(text_of(asked.prompt));
            const auto tokens = static_cast<std::uint32_t>(prompt.size());
            std::uint32_t dropped = 0;
            if (tokens >= 64 && asked.overflow == wire::Overflow::refuse)
                return take(wire::EngineFailed{.code = "too_large",
                                               .message = "the prompt does not fit",
                                               .prompt_tokens = tokens,
                                               .context_tokens = 64});
            if (tokens >= 64) dropped = tokens - 32;
            take(wire::Started{.prompt_tokens = tokens - dropped});
            wire::Finished finished{.prompt_tokens = tokens - dropped, .dropped_tokens = dropped, .context = {1, 2, 3}};
            for (const std::string& word : words_of("You said: " + text_of(asked.prompt))) {
                if (asked.max_tokens && finished.generated_tokens == *asked.max_tokens) {
                    finished.reason = wire::FinishReason::length;
                    break;
                }
                wire::Piece piece{.text = word, .tokens = 1};
                if (asked.logprobs)
                    piece.logprobs = {{.chosen = {1, word, {104}, -0.25F}, .alternatives = {{1, word, {104}, -0.25F}}}};
                take(std::move(piece));
                if (finished.generated_tokens++ == 3 && text_of(asked.prompt).contains("break off"))
                    return take(wire::EngineFailed{.code = "unavailable", .message = "the engine stopped: it crashed"});
            }
            take(std::move(finished));
        }
        void answer(const wire::Embed& asked, const TakeEvent& take) {
            for (std::size_t i = 0; i < asked.texts.size() + asked.tokens.size(); ++i) {
                const std::string text = i < asked.texts.size()
                                             ? asked.texts[i]
                                             : std::string(asked.tokens[i - asked.texts.size()].size(), 'x');
                const auto length = static_cast<float>(text.size());
                take(wire::Embedded{.index = static_cast<std::uint32_t>(i),
                                    .tokens = 2,
                                    .truncated = asked.truncate && text.size() > 20,
                                    .last = i + 1 == asked.texts.size() + asked.tokens.size(),
                                    .values = asked.normalise ? std::vector{0.6F, 0.8F} : std::vector{length, 0.0F}});
            }
        }
        void answer(const wire::Tokenize&, const TakeEvent& take) { take(wire::Tokens{.tokens = {1, 9, 9}}); }
        void answer(const auto&, const TakeEvent& take) {
            take(wire::EngineFailed{.code = "internal", .message = "not in this play"});
        }

        StandInEngines& home_;
        TellNews tell_;
        std::uint64_t last_id_ = 0;
    };
};

}  // namespace lar::api
