// What an engine may say at all; whether it may say it now is engines.cpp's.
#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "engines.h"

namespace lar::lard {
namespace {

constexpr std::size_t limit_short_text = 4096;  // names, reasons, types
constexpr std::size_t limit_vector = 65'536;    // numbers of one embedding
constexpr std::size_t limit_dimensions = 8;     // of a tensor; ggml has four

Result<> engine_lie(std::string_view what) {
    return fail(Code::corrupt, lar::format("the engine sent {} and was stopped", what));
}

bool is_short(const std::string& text) { return text.size() <= limit_short_text; }

Result<> check_chance(const wire::TokenChance& chance) {
    if (chance.token < 0 || !is_short(chance.text) || chance.bytes.size() > limit_short_text)
        return engine_lie("a token that is none");
    if (!std::isfinite(chance.logprob) || chance.logprob > 0.01F) return engine_lie("a probability that is none");
    return {};
}

struct EngineValidator {
    Result<> operator()(const wire::EngineReady& ready) const {
        return is_short(ready.build) && is_short(ready.library) ? Result<>() : engine_lie("a greeting over its limit");
    }
    Result<> operator()(const wire::Facts& facts) const {
        if (!is_short(facts.architecture) || !is_short(facts.name) || !is_short(facts.quantization) ||
            !is_short(facts.pooling))
            return engine_lie("facts over their limits");
        if (facts.chat_template.size() > wire::limit_template_bytes) return engine_lie("a template over its limit");
        if (facts.metadata.size() > wire::limit_metadata_entries || facts.tensors.size() > wire::limit_tensors)
            return engine_lie("too many facts");
        for (const wire::TensorFact& tensor : facts.tensors)
            if (!is_short(tensor.name) || !is_short(tensor.type) || tensor.shape.size() > limit_dimensions)
                return engine_lie("a tensor over its limits");
        std::size_t bytes = 0;
        for (const wire::MetadataEntry& entry : facts.metadata) bytes += entry.key.size() + entry.value.size();
        return bytes > 2 * wire::limit_metadata_bytes ? engine_lie("metadata over their limit") : Result<>();
    }
    Result<> operator()(const wire::Loading& loading) const {
        return loading.progress >= 0 && loading.progress <= 1 ? Result<>() : engine_lie("a progress that is none");
    }
    Result<> operator()(const wire::Loaded& loaded) const {
        if (loaded.context_tokens == 0 || loaded.sequences == 0 || loaded.sequences > wire::limit_sequences)
            return engine_lie("a window that is none");
        return is_short(loaded.pooling) && is_short(loaded.device) && is_short(loaded.layers)
                   ? Result<>()
                   : engine_lie("words over their limits");
    }
    Result<> operator()(const wire::Started&) const { return {}; }
    Result<> operator()(const wire::Piece& piece) const {
        if (!is_utf8(piece.text)) return engine_lie("text that is not UTF-8");
        for (const wire::ChosenToken& token : piece.logprobs) {
            TRY_VOID(check_chance(token.chosen));
            if (token.alternatives.size() > wire::limit_logprobs) return engine_lie("too many alternatives");
            for (const wire::TokenChance& other : token.alternatives) TRY_VOID(check_chance(other));
        }
        return {};
    }
    Result<> operator()(const wire::Finished& finished) const {
        if (finished.context.size() > wire::limit_context_told) return engine_lie("a context over its limit");
        if (finished.queued_us < 0 || finished.prompt_us < 0 || finished.generation_us < 0)
            return engine_lie("a time before its beginning");
        if (finished.entropy && !(std::isfinite(*finished.entropy) && *finished.entropy >= 0))
            return engine_lie("an entropy that is none");
        return {};
    }
    Result<> operator()(const wire::Embedded& embedded) const {
        if (embedded.index >= wire::limit_inputs || embedded.values.size() > limit_vector)
            return engine_lie("a vector over its limit");
        return std::ranges::all_of(embedded.values, [](float value) { return std::isfinite(value); })
                   ? Result<>()
                   : engine_lie("a vector that is none");
    }
    Result<> operator()(const wire::Scored& scored) const {
        if (scored.scores.size() > wire::limit_score_texts) return engine_lie("too many scores");
        return std::ranges::all_of(scored.scores, [](float value) { return std::isfinite(value); })
                   ? Result<>()
                   : engine_lie("a score that is none");
    }
    Result<> operator()(const wire::Tokens&) const { return {}; }
    Result<> operator()(const wire::Rendered& rendered) const {
        return is_utf8(rendered.text) ? Result<>() : engine_lie("text that is not UTF-8");
    }
    Result<> operator()(const wire::EngineFailed& failed) const {
        return is_utf8(failed.message) && failed.message.size() <= 4 * limit_short_text
                   ? Result<>()
                   : engine_lie("a reason over its limit");
    }
};

}  // namespace

Result<> validate(const wire::EngineEvent& event) { return std::visit(EngineValidator{}, event); }

}  // namespace lar::lard
