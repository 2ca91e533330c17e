#include "tiny_model.h"

#include <ggml.h>
#include <gguf.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <random>
#include <utility>

#include "base/format.h"
#include "base/result.h"

namespace lar::testing_support {
namespace {

constexpr std::int64_t width = 64, layers = 2, heads = 4, kv_heads = 2, feed_forward = 96, window = 16;
constexpr std::size_t arena_bytes = 64 * 1024 * 1024;

// One file of weights with its metadata.
class File {
public:
    explicit File(std::uint32_t seed, bool quantized = false)
        : gguf_(gguf_init_empty()), random_(seed), quantized_(quantized) {
        ggml_ = ggml_init({.mem_size = arena_bytes, .mem_buffer = nullptr, .no_alloc = false});
    }
    ~File() {
        gguf_free(gguf_);
        ggml_free(ggml_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    void text(const std::string& key, const std::string& value) { gguf_set_val_str(gguf_, key.c_str(), value.c_str()); }
    void whole(const std::string& key, std::int64_t value) {
        gguf_set_val_u32(gguf_, key.c_str(), static_cast<std::uint32_t>(value));
    }
    void signed_whole(const std::string& key, std::int32_t value) { gguf_set_val_i32(gguf_, key.c_str(), value); }
    void small(const std::string& key, std::uint16_t value) { gguf_set_val_u16(gguf_, key.c_str(), value); }
    void real(const std::string& key, float value) { gguf_set_val_f32(gguf_, key.c_str(), value); }
    void flag(const std::string& key, bool value) { gguf_set_val_bool(gguf_, key.c_str(), value); }
    void texts(const std::string& key, const std::vector<std::string>& values) {
        std::vector<const char*> pointers;
        for (const std::string& value : values) pointers.push_back(value.c_str());
        gguf_set_arr_str(gguf_, key.c_str(), pointers.data(), pointers.size());
    }
    template <class T>
    void numbers(const std::string& key, gguf_type type, const std::vector<T>& values) {
        gguf_set_arr_data(gguf_, key.c_str(), type, values.data(), values.size());
    }

    // Random weights about `middle`.
    void tensor(const std::string& name, std::int64_t columns, std::int64_t rows = 0, float spread = 0,
                float middle = 0) {
        if (spread == 0) spread = 1.0F / std::sqrt(static_cast<float>(columns));
        ggml_tensor* made = rows == 0 ? ggml_new_tensor_1d(ggml_, GGML_TYPE_F32, columns)
                                      : ggml_new_tensor_2d(ggml_, GGML_TYPE_F32, columns, rows);
        ggml_set_name(made, name.c_str());
        auto* values = static_cast<float*>(made->data);
        for (std::int64_t i = 0; i < ggml_nelements(made); ++i)
            values[i] = middle + spread * (static_cast<float>(random_() % 20001) / 10000.0F - 1.0F);
        // What is looked up and added is not.
        const bool multiplied =
            rows > 1 && columns % block == 0 && name != "position_embd.weight" && name != "token_types.weight";
        gguf_add_tensor(gguf_, quantized_ && multiplied ? as_q8_0(made) : made);
    }
    void norm(const std::string& name, std::int64_t columns) { tensor(name, columns, 0, 0.1F, 1); }
    void with_bias(const std::string& name, std::int64_t columns, std::int64_t rows) {
        tensor(name + ".weight", columns, rows);
        tensor(name + ".bias", rows, 0, 0.1F);
    }
    void norm_with_bias(const std::string& name, std::int64_t columns) {
        norm(name + ".weight", columns);
        tensor(name + ".bias", columns, 0, 0.1F);
    }
    std::int32_t tensors() const { return static_cast<std::int32_t>(gguf_get_n_tensors(gguf_)); }
    void write(const std::filesystem::path& path) const { ASSERT(gguf_write_to_file(gguf_, path.c_str(), false)); }

private:
    static constexpr std::int64_t block = 32;

    ggml_tensor* as_q8_0(const ggml_tensor* exact) {
        ggml_tensor* made = ggml_new_tensor_2d(ggml_, GGML_TYPE_Q8_0, exact->ne[0], exact->ne[1]);
        ggml_set_name(made, exact->name);
        ggml_quantize_chunk(GGML_TYPE_Q8_0, static_cast<const float*>(exact->data), made->data, 0, exact->ne[1],
                            exact->ne[0], nullptr);
        return made;
    }

    gguf_context* gguf_;
    ggml_context* ggml_;
    std::mt19937 random_;
    bool quantized_;
};

std::vector<std::string> words() {
    return {"▁the", "▁a", "▁cat", "▁dog", "▁sat",  "▁on", "▁mat", "▁once", "▁upon", "▁time", "▁név", "é",
            "▁日",  "本", "語",   "▁End", "▁User", ":",   "\n",   ".",     ",",     "▁",     "e",    "t"};
}

std::int64_t add_sentencepiece_vocabulary(File& file) {
    std::vector<std::string> tokens{"<unk>", "<s>", "</s>"};
    std::vector<float> scores{0, 0, 0};
    std::vector<std::int32_t> types{2, 3, 3};  // unknown, control, control
    const auto add = [&](const std::string& token, float score, std::int32_t type) {
        tokens.push_back(token);
        scores.push_back(score);
        types.push_back(type);
    };
    for (int byte = 0; byte < 256; ++byte) add(lar::format("<0x{:02X}>", byte), 0, 6);
    for (const std::string& word : words()) add(word, -static_cast<float>(tokens.size()), 1);
    for (const char* special : {"<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|im_start|>", "<|im_end|>"})
        add(special, 0, 3);
    file.text("tokenizer.ggml.model", "llama");
    file.texts("tokenizer.ggml.tokens", tokens);
    file.numbers("tokenizer.ggml.scores", GGUF_TYPE_FLOAT32, scores);
    file.numbers("tokenizer.ggml.token_type", GGUF_TYPE_INT32, types);
    file.whole("tokenizer.ggml.bos_token_id", 1);
    file.whole("tokenizer.ggml.eos_token_id", 2);
    file.whole("tokenizer.ggml.unknown_token_id", 0);
    file.flag("tokenizer.ggml.add_bos_token", true);
    return static_cast<std::int64_t>(tokens.size());
}

std::int64_t add_wordpiece_vocabulary(File& file) {
    std::vector<std::string> tokens{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
    for (char letter = 'a'; letter <= 'z'; ++letter) {
        tokens.push_back(std::string("▁") + letter);
        tokens.emplace_back(1, letter);
    }
    for (const std::string& word : words())
        if (word.starts_with("▁") && std::ranges::find(tokens, word) == tokens.end()) tokens.push_back(word);
    file.text("tokenizer.ggml.model", "bert");
    file.texts("tokenizer.ggml.tokens", tokens);
    file.numbers("tokenizer.ggml.token_type", GGUF_TYPE_INT32, std::vector<std::int32_t>(tokens.size(), 1));
    file.whole("tokenizer.ggml.bos_token_id", 2);
    file.whole("tokenizer.ggml.eos_token_id", 3);
    file.whole("tokenizer.ggml.seperator_token_id", 3);
    file.whole("tokenizer.ggml.unknown_token_id", 1);
    file.whole("tokenizer.ggml.padding_token_id", 0);
    file.whole("tokenizer.ggml.cls_token_id", 2);
    file.whole("tokenizer.ggml.mask_token_id", 4);
    file.whole("tokenizer.ggml.token_type_count", 2);
    return static_cast<std::int64_t>(tokens.size());
}

std::string name_of(Architecture architecture) {
    switch (architecture) {
        case Architecture::llama: return "llama";
        case Architecture::gemma3: return "gemma3";
        case Architecture::mamba: return "mamba";
        case Architecture::bert:
        case Architecture::bert_rank: return "bert";
    }
    return "";
}

void add_shape(File& file, const TinyModel& model) {
    const std::string name = name_of(model.architecture);
    file.text("general.architecture", name);
    file.text("general.name", "Tiny " + name);
    file.whole("general.file_type", 0);
    file.whole(name + ".context_length", model.context_tokens);
    file.whole(name + ".embedding_length", width);
    file.whole(name + ".block_count", layers);
    file.whole(name + ".feed_forward_length", model.architecture == Architecture::mamba ? 0 : feed_forward);
    file.whole(name + ".attention.head_count", model.architecture == Architecture::mamba ? 0 : heads);
    const bool grouped = model.architecture == Architecture::llama || model.architecture == Architecture::gemma3;
    if (grouped) file.whole(name + ".attention.head_count_kv", kv_heads);
    file.real(name + ".attention.layer_norm_rms_epsilon", 1e-5F);
    file.real(name + ".attention.layer_norm_epsilon", 1e-5F);
    if (!model.chat_template.empty()) file.text("tokenizer.chat_template", model.chat_template);
}

void add_attention(File& file, const std::string& block, std::int64_t head_length) {
    file.tensor(block + "attn_q.weight", width, heads * head_length);
    file.tensor(block + "attn_k.weight", width, kv_heads * head_length);
    file.tensor(block + "attn_v.weight", width, kv_heads * head_length);
    file.tensor(block + "attn_output.weight", heads * head_length, width);
}
void add_feed_forward(File& file, const std::string& block) {
    file.tensor(block + "ffn_gate.weight", width, feed_forward);
    file.tensor(block + "ffn_up.weight", width, feed_forward);
    file.tensor(block + "ffn_down.weight", feed_forward, width);
}

void add_llama_block(File& file, const std::string& block) {
    file.norm(block + "attn_norm.weight", width);
    add_attention(file, block, width / heads);
    file.norm(block + "ffn_norm.weight", width);
    add_feed_forward(file, block);
}

void add_gemma3_block(File& file, const std::string& block) {
    for (const char* norm : {"attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm"})
        file.norm(block + norm + ".weight", width);
    for (const char* norm : {"attn_q_norm", "attn_k_norm"}) file.norm(block + norm + ".weight", width / heads);
    add_attention(file, block, width / heads);
    add_feed_forward(file, block);
}

constexpr std::int64_t inner = 2 * width, state = 16, step_rank = 8, convolution = 4;
void add_mamba_block(File& file, const std::string& block) {
    file.norm(block + "attn_norm.weight", width);
    file.tensor(block + "ssm_in.weight", width, 2 * inner);
    file.tensor(block + "ssm_conv1d.weight", convolution, inner);
    file.tensor(block + "ssm_conv1d.bias", inner, 0, 0.1F);
    file.tensor(block + "ssm_x.weight", inner, step_rank + 2 * state);
    file.tensor(block + "ssm_dt.weight", step_rank, inner);
    file.tensor(block + "ssm_dt.bias", inner, 0, 0.1F);
    file.tensor(block + "ssm_a", state, inner, 0.4F, -1);
    file.tensor(block + "ssm_d", inner, 0, 0.1F, 1);
    file.tensor(block + "ssm_out.weight", inner, width);
}

void add_bert_block(File& file, const std::string& block) {
    for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"}) file.with_bias(block + name, width, width);
    file.norm_with_bias(block + "attn_output_norm", width);
    file.with_bias(block + "ffn_up", width, feed_forward);
    file.with_bias(block + "ffn_down", feed_forward, width);
    file.norm_with_bias(block + "layer_output_norm", width);
}

void add_block(File& file, Architecture architecture, std::int64_t number) {
    const std::string block = lar::format("blk.{}.", number);
    switch (architecture) {
        case Architecture::llama: return add_llama_block(file, block);
        case Architecture::gemma3: return add_gemma3_block(file, block);
        case Architecture::mamba: return add_mamba_block(file, block);
        case Architecture::bert:
        case Architecture::bert_rank: return add_bert_block(file, block);
    }
}

std::int64_t add_specifics(File& file, const TinyModel& model) {
    switch (model.architecture) {
        case Architecture::llama:
            file.whole("llama.rope.dimension_count", width / heads);
            return add_sentencepiece_vocabulary(file);
        case Architecture::gemma3:
            file.whole("gemma3.attention.key_length", width / heads);
            file.whole("gemma3.attention.value_length", width / heads);
            file.whole("gemma3.attention.sliding_window", window);
            return add_sentencepiece_vocabulary(file);
        case Architecture::mamba:
            file.whole("mamba.ssm.conv_kernel", convolution);
            file.whole("mamba.ssm.inner_size", inner);
            file.whole("mamba.ssm.state_size", state);
            file.whole("mamba.ssm.time_step_rank", step_rank);
            return add_sentencepiece_vocabulary(file);
        case Architecture::bert:
        case Architecture::bert_rank:
            file.flag("bert.attention.causal", false);
            file.whole("bert.pooling_type", model.architecture == Architecture::bert ? 1 : 4);
            return add_wordpiece_vocabulary(file);
    }
    return 0;
}

void add_ends(File& file, const TinyModel& model, std::int64_t vocabulary) {
    file.tensor("token_embd.weight", width, vocabulary, 0.5F);
    if (name_of(model.architecture) != "bert") return file.norm("output_norm.weight", width);
    file.tensor("position_embd.weight", width, model.context_tokens, 0.1F);
    file.tensor("token_types.weight", width, 2, 0.1F);
    file.norm_with_bias("token_embd_norm", width);
    if (model.architecture != Architecture::bert_rank) return;
    file.with_bias("cls", width, width);
    file.with_bias("cls.output", width, 1);
}

// Counted by making them: what a split model says of all its parts.
std::int32_t tensors_of(Architecture architecture) {
    File file(0);
    add_ends(file, {.architecture = architecture}, 8);
    for (std::int64_t layer = 0; layer < layers; ++layer) add_block(file, architecture, layer);
    return file.tensors();
}

}  // namespace

std::vector<std::filesystem::path> write_tiny_model(const std::filesystem::path& folder, const TinyModel& model) {
    std::vector<std::filesystem::path> paths;
    for (std::uint32_t part = 0; part < model.parts; ++part) {
        File file(model.seed + part, model.quantized);
        if (model.parts > 1) {
            file.small("split.no", static_cast<std::uint16_t>(part));
            file.small("split.count", static_cast<std::uint16_t>(model.parts));
            file.signed_whole("split.tensors.count", tensors_of(model.architecture));
        }
        if (part == 0) {
            add_shape(file, model);
            add_ends(file, model, add_specifics(file, model));
        }
        for (std::int64_t layer = 0; layer < layers; ++layer)
            if (static_cast<std::uint32_t>(layer) % model.parts == part) add_block(file, model.architecture, layer);
        paths.push_back(folder / lar::format("tiny-{}-{}{}.gguf", name_of(model.architecture), part,
                                             model.quantized ? "-q8_0" : ""));
        file.write(paths.back());
    }
    return paths;
}

std::filesystem::path write_tiny_adapter(const std::filesystem::path& folder) {
    constexpr std::int64_t rank = 4;
    File file(99);
    file.text("general.architecture", "llama");
    file.text("general.type", "adapter");
    file.text("adapter.type", "lora");
    file.real("adapter.lora.alpha", 32);
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        const std::string output = lar::format("blk.{}.attn_output.weight", layer);
        file.tensor(output + ".lora_a", width, rank, 1);
        file.tensor(output + ".lora_b", rank, width, 1);
    }
    const std::filesystem::path path = folder / "tiny-adapter.gguf";
    file.write(path);
    return path;
}

std::filesystem::path shared_model(const std::string& name) {
    const char* named = std::getenv("LAR_SHARED");
    const std::filesystem::path shared = named && *named != '\0'
                                             ? std::filesystem::path(named)
                                             : std::filesystem::path(LAR_TREE).parent_path() / "shared";
    std::error_code error;
    const std::filesystem::path path = shared / "models" / name;
    return std::filesystem::exists(path, error) ? path : std::filesystem::path();
}

}  // namespace lar::testing_support
