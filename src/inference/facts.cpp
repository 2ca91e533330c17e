#include "inference/facts.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <map>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "inference/library.h"

namespace lar::inference {
namespace {

constexpr std::size_t window_bytes = 256 * 1024;
constexpr std::size_t limit_key_bytes = 256;
constexpr std::size_t limit_name_bytes = 512;

// ggml's reader asks for a few bytes at a time; the file is read in larger pieces, only forward and only its beginning.
class Window {
public:
    explicit Window(int file) : file_(file) {}

    static std::size_t read(void* self, void* output, std::uint64_t offset, std::size_t size) {
        return static_cast<Window*>(self)->copy(static_cast<char*>(output), offset, size);
    }

private:
    std::size_t copy(char* output, std::uint64_t offset, std::size_t size) {
        std::size_t done = 0;
        while (done < size) {
            const std::uint64_t place = offset + done;
            if (place < start_ || place >= start_ + filled_) {
                if (place >= limit_header_bytes || !fill(place)) break;
            }
            const std::size_t there = std::min<std::size_t>(size - done, start_ + filled_ - place);
            std::copy_n(bytes_.data() + (place - start_), there, output + done);
            done += there;
        }
        return done;
    }
    bool fill(std::uint64_t place) {
        start_ = place;
        filled_ = 0;
        if (::lseek(file_, static_cast<off_t>(place), SEEK_SET) < 0) return false;
        while (filled_ < bytes_.size()) {
            const ssize_t n = ::read(file_, bytes_.data() + filled_, bytes_.size() - filled_);
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) break;
            filled_ += static_cast<std::size_t>(n);
        }
        return filled_ > 0;
    }

    int file_;
    std::uint64_t start_ = 0;
    std::size_t filled_ = 0;
    std::vector<char> bytes_ = std::vector<char>(window_bytes);
};

std::string bounded(std::string_view foreign, std::size_t limit) {
    return to_utf8_lossy(utf8_prefix(foreign.substr(0, limit), limit));
}

std::string as_quotation(std::string_view foreign) {
    std::string text = "\"";
    for (const char c : to_utf8_lossy(foreign)) {
        if (c == '"' || c == '\\')
            (text += '\\') += c;
        else if (static_cast<unsigned char>(c) < 0x20)
            text += lar::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            text += c;
    }
    return text += '"';
}

template <class Number>
std::string number(Number value) {
    if constexpr (std::is_floating_point_v<Number>)
        if (!std::isfinite(value)) return "null";  // JSON has no other word for it
    std::array<char, 64> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), end.ptr};
}

template <class Number>
std::string number_at(const void* data, std::size_t i) {
    return number(static_cast<const Number*>(data)[i]);
}

std::string element(gguf_type type, const void* data, std::size_t i) {
    switch (type) {
        case GGUF_TYPE_UINT8: return number_at<std::uint8_t>(data, i);
        case GGUF_TYPE_INT8: return number_at<std::int8_t>(data, i);
        case GGUF_TYPE_UINT16: return number_at<std::uint16_t>(data, i);
        case GGUF_TYPE_INT16: return number_at<std::int16_t>(data, i);
        case GGUF_TYPE_UINT32: return number_at<std::uint32_t>(data, i);
        case GGUF_TYPE_INT32: return number_at<std::int32_t>(data, i);
        case GGUF_TYPE_FLOAT32: return number_at<float>(data, i);
        case GGUF_TYPE_UINT64: return number_at<std::uint64_t>(data, i);
        case GGUF_TYPE_INT64: return number_at<std::int64_t>(data, i);
        case GGUF_TYPE_FLOAT64: return number_at<double>(data, i);
        case GGUF_TYPE_BOOL: return static_cast<const std::int8_t*>(data)[i] != 0 ? "true" : "false";
        default: return "null";
    }
}

std::string type_name(gguf_type type) {
    switch (type) {
        case GGUF_TYPE_UINT8: return "uint8";
        case GGUF_TYPE_INT8: return "int8";
        case GGUF_TYPE_UINT16: return "uint16";
        case GGUF_TYPE_INT16: return "int16";
        case GGUF_TYPE_UINT32: return "uint32";
        case GGUF_TYPE_INT32: return "int32";
        case GGUF_TYPE_FLOAT32: return "float32";
        case GGUF_TYPE_UINT64: return "uint64";
        case GGUF_TYPE_INT64: return "int64";
        case GGUF_TYPE_FLOAT64: return "float64";
        case GGUF_TYPE_BOOL: return "bool";
        case GGUF_TYPE_STRING: return "string";
        default: return "unknown";
    }
}

// The file's metadata by name. ggml aborts when asked for a value of another type than it has, so types are looked at.
class Metadata {
public:
    explicit Metadata(const gguf_context* file) : file_(file) {}

    std::string text(const std::string& key, std::size_t limit = limit_name_bytes) const {
        const std::int64_t id = find(key);
        if (id < 0 || gguf_get_kv_type(file_, id) != GGUF_TYPE_STRING) return "";
        return bounded(gguf_get_val_str(file_, id), limit);
    }
    // A whole number, or the largest of an array of them (heads may differ by layer).
    std::optional<std::uint64_t> whole(const std::string& key) const {
        const std::int64_t id = find(key);
        if (id < 0) return std::nullopt;
        const gguf_type type = gguf_get_kv_type(file_, id);
        if (type == GGUF_TYPE_STRING) return std::nullopt;
        if (type != GGUF_TYPE_ARRAY) return parse(element(type, gguf_get_val_data(file_, id), 0));
        const gguf_type inner = gguf_get_arr_type(file_, id);
        if (inner == GGUF_TYPE_STRING) return std::nullopt;
        std::optional<std::uint64_t> most;
        for (std::size_t i = 0; i < std::min(gguf_get_arr_n(file_, id), wire::limit_metadata_entries); ++i)
            most = std::max(most, parse(element(inner, gguf_get_arr_data(file_, id), i)));
        return most;
    }
    std::uint32_t small(const std::string& key) const {
        return static_cast<std::uint32_t>(std::min<std::uint64_t>(whole(key).value_or(0), UINT32_MAX));
    }
    bool has(const std::string& key) const { return find(key) >= 0; }
    std::size_t length(const std::string& key) const {
        const std::int64_t id = find(key);
        return id >= 0 && gguf_get_kv_type(file_, id) == GGUF_TYPE_ARRAY ? gguf_get_arr_n(file_, id) : 0;
    }
    bool array_has(const std::string& key, std::string_view wanted) const {
        const std::int64_t id = find(key);
        if (id < 0 || gguf_get_kv_type(file_, id) != GGUF_TYPE_ARRAY ||
            gguf_get_arr_type(file_, id) != GGUF_TYPE_STRING)
            return false;
        for (std::size_t i = 0; i < gguf_get_arr_n(file_, id); ++i)
            if (gguf_get_arr_str(file_, id, i) == wanted) return true;
        return false;
    }

    wire::MetadataEntry entry(std::int64_t id) const {
        wire::MetadataEntry entry{.key = bounded(gguf_get_key(file_, id), limit_key_bytes)};
        const gguf_type type = gguf_get_kv_type(file_, id);
        if (type == GGUF_TYPE_STRING) {
            const std::string_view text = gguf_get_val_str(file_, id);
            entry.type = "string";
            entry.length = text.size();
            if (text.size() <= wire::limit_metadata_text) entry.value = as_quotation(text);
        } else if (type == GGUF_TYPE_ARRAY) {
            const gguf_type inner = gguf_get_arr_type(file_, id);
            entry.type = "array of " + type_name(inner);
            entry.length = gguf_get_arr_n(file_, id);
            if (entry.length <= wire::limit_metadata_array) entry.value = array(id, inner, entry.length);
        } else {
            entry.type = type_name(type);
            entry.value = element(type, gguf_get_val_data(file_, id), 0);
        }
        return entry;
    }

private:
    std::int64_t find(const std::string& key) const { return gguf_find_key(file_, key.c_str()); }
    static std::optional<std::uint64_t> parse(const std::string& digits) {
        std::uint64_t value = 0;
        const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return end.ec == std::errc() && end.ptr == digits.data() + digits.size() ? std::optional(value) : std::nullopt;
    }
    std::string array(std::int64_t id, gguf_type inner, std::size_t length) const {
        std::string text = "[";
        for (std::size_t i = 0; i < length; ++i) {
            if (i > 0) text += ',';
            text += inner == GGUF_TYPE_STRING
                        ? as_quotation(
                              std::string_view(gguf_get_arr_str(file_, id, i)).substr(0, wire::limit_metadata_text))
                        : element(inner, gguf_get_arr_data(file_, id), i);
        }
        text += ']';
        return text.size() <= wire::limit_metadata_text ? text : "";
    }

    const gguf_context* file_;
};

std::string pooling_name(const Metadata& metadata, const std::string& architecture) {
    static constexpr std::array names{"", "mean", "cls", "last", "rank"};
    const std::uint64_t type = metadata.whole(architecture + ".pooling_type").value_or(0);
    return type < names.size() ? names.at(type) : "";
}

// The names under which models carry these tokens, where no key says which they are.
bool knows_infill(const Metadata& metadata) {
    const std::string key = "tokenizer.ggml.";
    for (const char* prefix : {"fim_pre_token_id", "prefix_token_id"})
        if (metadata.has(key + prefix)) return true;
    return std::ranges::any_of(std::array{"<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<PRE>", "▁<PRE>",
                                          "<|code_prefix|>", "<｜fim▁begin｜>"},
                               [&](const char* token) { return metadata.array_has(key + "tokens", token); });
}

// "Q4_K" of ggml's "q4_K".
std::string type_label(ggml_type type) {
    std::string label = ggml_type_name(type);
    for (char& c : label)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return label;
}

void add_tensors(wire::Facts& facts, const gguf_context* file, bool named) {
    std::map<ggml_type, std::uint64_t> bytes_by_type;
    for (std::int64_t i = 0; i < gguf_get_n_tensors(file); ++i) {
        const std::int64_t* shape = gguf_get_tensor_ne(file, i);
        const ggml_type type = gguf_get_tensor_type(file, i);
        std::uint64_t elements = 1;
        std::size_t dimensions = 1;
        for (std::size_t d = 0; d < GGML_MAX_DIMS; ++d) {
            elements *= static_cast<std::uint64_t>(shape[d]);
            if (shape[d] != 1) dimensions = d + 1;
        }
        facts.parameters += elements;
        bytes_by_type[type] += gguf_get_tensor_size(file, i);
        if (!named || facts.tensors.size() >= wire::limit_tensors) continue;
        facts.tensors.push_back({.name = bounded(gguf_get_tensor_name(file, i), wire::limit_tensor_name),
                                 .type = type_label(type),
                                 .shape = {shape, shape + dimensions}});
    }
    if (!facts.quantization.empty() || bytes_by_type.empty()) return;
    const auto most = std::ranges::max_element(bytes_by_type, {}, [](const auto& pair) { return pair.second; });
    facts.quantization = type_label(most->first);
}

void add_metadata(wire::Facts& facts, const gguf_context* file, const Metadata& metadata) {
    std::size_t bytes = 0;
    const auto count = std::min<std::int64_t>(gguf_get_n_kv(file), wire::limit_metadata_entries);
    for (std::int64_t i = 0; i < count; ++i) {
        wire::MetadataEntry entry = metadata.entry(i);
        bytes += entry.key.size() + entry.value.size();
        if (bytes > wire::limit_metadata_bytes) break;
        facts.metadata.push_back(std::move(entry));
    }
}

wire::Facts facts_of(const gguf_context* file, const wire::ReadFacts& request, std::uint64_t file_bytes) {
    const Metadata metadata(file);
    const std::string architecture = metadata.text("general.architecture", limit_key_bytes);
    const auto of_model = [&](const char* key) { return metadata.small(architecture + "." + key); };
    wire::Facts facts{.id = request.id,
                      .architecture = architecture,
                      .name = metadata.text("general.name"),
                      .file_bytes = file_bytes,
                      .context_tokens = of_model("context_length"),
                      .embedding_length = of_model("embedding_length"),
                      .layers = of_model("block_count"),
                      .heads = of_model("attention.head_count"),
                      .kv_heads = of_model("attention.head_count_kv"),
                      .head_length_k = of_model("attention.key_length"),
                      .head_length_v = of_model("attention.value_length"),
                      .pooling = pooling_name(metadata, architecture),
                      .adapter = metadata.text("general.type") == "adapter",
                      .infill = knows_infill(metadata)};
    if (facts.kv_heads == 0) facts.kv_heads = facts.heads;
    if (facts.heads > 0 && facts.head_length_k == 0) facts.head_length_k = facts.embedding_length / facts.heads;
    if (facts.heads > 0 && facts.head_length_v == 0) facts.head_length_v = facts.embedding_length / facts.heads;
    facts.vocabulary =
        static_cast<std::uint32_t>(std::min<std::size_t>(metadata.length("tokenizer.ggml.tokens"), UINT32_MAX));
    if (facts.vocabulary == 0) facts.vocabulary = of_model("vocab_size");
    facts.parts = std::max<std::uint32_t>(1, metadata.small("split.count"));
    if (const auto type = metadata.whole("general.file_type"); type && *type < LLAMA_FTYPE_GUESSED)
        facts.quantization = llama_ftype_name(static_cast<llama_ftype>(*type));
    const std::string chat_template = metadata.text("tokenizer.chat_template", wire::limit_template_bytes + 1);
    if (chat_template.size() <= wire::limit_template_bytes) facts.chat_template = chat_template;
    add_tensors(facts, file, request.tensors);
    add_metadata(facts, file, metadata);
    return facts;
}

// A download that broke off has its header, and not all of the tensors that the header names.
Result<> check_is_whole(const gguf_context* file, std::uint64_t file_bytes) {
    constexpr std::uint64_t absurd = std::uint64_t{1} << 60;  // of what a hostile header may name
    const std::uint64_t data = gguf_get_data_offset(file);
    std::uint64_t end = 0;
    for (std::int64_t i = 0; i < gguf_get_n_tensors(file); ++i)
        end = std::max(end, data + std::min<std::uint64_t>(gguf_get_tensor_offset(file, i), absurd) +
                                std::min<std::uint64_t>(gguf_get_tensor_size(file, i), absurd));
    if (end <= file_bytes) return {};
    return fail(Code::corrupt,
                lar::format("the file is cut short: it has {} of {} bytes; fetch or copy it again", file_bytes, end));
}

// What `look` makes of the header.
template <class Look>
auto with_header(int file, Look&& look)
    -> Result<decltype(look(std::declval<const gguf_context*>(), std::uint64_t{}))> {
    struct stat about{};
    if (::fstat(file, &about) != 0) return fail_errno("fstat", errno);
    if (!S_ISREG(about.st_mode)) return fail(Code::corrupt, "this is no regular file");
    const auto bytes = static_cast<std::uint64_t>(about.st_size);
    listen_to_library();
    Window window(file);
    const GgufHandle gguf = TRY(guarded("this is no GGUF file that can be read", [&] {
        return GgufHandle(
            gguf_init_from_callback(Window::read, &window, window_bytes, bytes, {.no_alloc = true, .ctx = nullptr}));
    }));
    if (!gguf) return fail(Code::corrupt, "this is no GGUF file that can be read" + last_complaint());
    TRY_VOID(check_is_whole(gguf.get(), bytes));
    return guarded("the GGUF file cannot be described", [&] { return look(gguf.get(), bytes); });
}

}  // namespace

Result<wire::Facts> read_facts(int file, const wire::ReadFacts& request) {
    return with_header(file,
                       [&](const gguf_context* gguf, std::uint64_t bytes) { return facts_of(gguf, request, bytes); });
}

Result<MatrixFormats> read_matrix_formats(int file) {
    return with_header(file, [](const gguf_context* gguf, std::uint64_t) {
        MatrixFormats formats;
        for (std::int64_t i = 0; i < gguf_get_n_tensors(gguf); ++i) {
            const ggml_type type = gguf_get_tensor_type(gguf, i);
            if (!ggml_is_quantized(type)) continue;
            formats.quantized.insert(type);
            formats.stacked |= gguf_get_tensor_ne(gguf, i)[2] > 1;
        }
        return formats;
    });
}

}  // namespace lar::inference
