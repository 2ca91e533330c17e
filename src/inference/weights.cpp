#include "inference/weights.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "inference/facts.h"
#include "inference/library.h"
#include "inference/product.h"

namespace lar::inference {
namespace {

using File = LibraryHandle<std::FILE, std::fclose>;

Result<File> stream_of(Fd& descriptor) {
    File file(::fdopen(descriptor.number(), "rb"));
    if (!file) return fail_errno("fdopen", errno);
    descriptor.release();
    return file;
}

std::string pooling_of(const llama_model* model) {
    char architecture[64] = {}, value[16] = {};
    if (llama_model_meta_val_str(model, "general.architecture", architecture, sizeof(architecture)) < 0) return "";
    const std::string key = std::string(architecture) + ".pooling_type";
    if (llama_model_meta_val_str(model, key.c_str(), value, sizeof(value)) < 0) return "";
    switch (std::atoi(value)) {
        case LLAMA_POOLING_TYPE_MEAN: return "mean";
        case LLAMA_POOLING_TYPE_CLS: return "cls";
        case LLAMA_POOLING_TYPE_LAST: return "last";
        case LLAMA_POOLING_TYPE_RANK: return "rank";
        default: return "";
    }
}

Traits traits_of(const llama_model* model) {
    const bool keeps_a_state = llama_model_is_recurrent(model) || llama_model_is_hybrid(model);
    return {.makes_text = llama_model_has_decoder(model) && !llama_model_is_diffusion(model),
            .rolls_back = !keeps_a_state,
            .window = static_cast<std::uint32_t>(std::max(0, llama_model_n_swa(model))),
            .trained_context = static_cast<std::uint32_t>(std::max(0, llama_model_n_ctx_train(model))),
            .pooling = pooling_of(model)};
}

// Whether each quantized matrix is one that GraphKernels multiplies. Those of experts are stacked, and are not.
bool can_stay_as_in_file(const std::vector<Fd>& parts) {
    if (!has_tiles()) return false;
    bool any = false;
    for (const Fd& part : parts) {
        const Result<MatrixFormats> formats = read_matrix_formats(part.number());
        ::lseek(part.number(), 0, SEEK_SET);  // for libllama
        if (!formats) return false;           // which says why
        if (formats->stacked || !std::ranges::all_of(formats->quantized, can_multiply)) return false;
        any |= !formats->quantized.empty();
    }
    return any;
}

constexpr std::size_t limit_maps_bytes = 4 * 1024 * 1024;

// From the beginning: what is mapped is told as it is now.
std::string text_of_maps(const Fd& maps) {
    std::string text;
    if (!maps || ::lseek(maps.number(), 0, SEEK_SET) != 0) return text;
    char piece[16 * 1024];
    for (ssize_t n = 0; text.size() < limit_maps_bytes && (n = ::read(maps.number(), piece, sizeof(piece))) > 0;)
        text.append(piece, static_cast<std::size_t>(n));
    return text;
}

// Where the library packs weights, it keeps most in the processor's own layout, in memory of its own. What it read of
// the file stays mapped beside them, and would count as this process's for as long as it lives. A page that is wanted
// again comes back from the kernel's cache. Where the maps cannot be read, or say something else, the pages stay.
void let_go_of_mapped_pages(const Fd& maps, int file) {
    struct stat about{};
    if (::fstat(file, &about) != 0) return;
    // "7f12a0000000-7f12b0000000 r--s 00000000 fe:01 1234   /path"
    const std::string text = text_of_maps(maps);
    for (const std::string_view line : split_lines(text)) {
        unsigned long begin = 0, end = 0, inode = 0;
        char permissions[5] = {};
        if (std::sscanf(std::string(line).c_str(), "%lx-%lx %4s %*x %*x:%*x %lu", &begin, &end, permissions, &inode) !=
            4)
            continue;
        // Programs and libraries are mapped privately.
        if (inode != about.st_ino || permissions[3] != 's' || begin >= end) continue;
        ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
    }
}

}  // namespace

struct Weights::Parts {
    std::vector<File> files;  // the weights may be mapped from them
    ModelHandle model;
    std::vector<llama_adapter_lora*> adapters;  // freed with the model
    std::vector<float> scales;
    std::optional<Vocabulary> vocabulary;
    Traits traits;
    bool as_in_file = false;
    const Progress* progress = nullptr;

    static bool on_progress(float done, void* self) {
        const Progress& progress = *static_cast<Parts*>(self)->progress;
        if (progress) progress(done);
        return true;
    }
};

std::vector<std::string> part_names(const ModelFiles& files) {
    std::vector<std::string> names;
    for (const Fd& part : files.parts) names.push_back(lar::format("/proc/self/fd/{}", part.number()));
    return names;
}

Weights::Weights(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Weights::~Weights() = default;

Result<std::unique_ptr<Weights>> Weights::load(ModelFiles files, bool lock_memory, const Progress& progress) {
    auto parts = std::make_unique<Parts>();
    parts->progress = &progress;
    llama_model_params params = llama_model_default_params();
    params.n_gpu_layers = 0;
    params.load_mode = lock_memory ? LLAMA_LOAD_MODE_MMAP_MLOCK : LLAMA_LOAD_MODE_MMAP;
    params.progress_callback = Parts::on_progress;
    params.progress_callback_user_data = parts.get();
    parts->as_in_file = can_stay_as_in_file(files.parts);
    params.use_extra_bufts = !parts->as_in_file;
    last_complaint();
    measure_library_buffers();
    std::vector<int> mapped;
    for (const Fd& part : files.parts) mapped.push_back(part.number());
    if (files.parts.size() == 1) {
        parts->files.push_back(TRY(stream_of(files.parts[0])));
        TRY_VOID(guarded("the model cannot be loaded",
                         [&] { parts->model.reset(llama_model_load_from_file_ptr(parts->files[0].get(), params)); }));
    } else {
        const std::vector<std::string> names = part_names(files);
        std::vector<const char*> paths;
        for (const std::string& name : names) paths.push_back(name.c_str());
        TRY_VOID(guarded("the model cannot be loaded", [&] {
            parts->model.reset(llama_model_load_from_splits(paths.data(), paths.size(), params));
        }));
    }
    if (!parts->model) return fail(Code::corrupt, "the model cannot be loaded" + last_complaint());
    if (llama_model_has_encoder(parts->model.get()) && llama_model_has_decoder(parts->model.get()))
        return fail(Code::unavailable, "models that encode a text and decode another cannot be run yet");
    if (library_buffers().packed_bytes > 0 && !lock_memory)
        for (const int part : mapped) let_go_of_mapped_pages(files.maps, part);
    for (Fd& adapter : files.adapters) {
        parts->files.push_back(TRY(stream_of(adapter)));
        llama_adapter_lora* loaded = TRY(guarded("the adapter cannot be loaded", [&] {
            return llama_adapter_lora_init_from_file_ptr(parts->model.get(), parts->files.back().get());
        }));
        if (!loaded) return fail(Code::corrupt, "the adapter does not fit the model" + last_complaint());
        parts->adapters.push_back(loaded);
    }
    parts->scales = std::move(files.adapter_scales);
    parts->vocabulary.emplace(llama_model_get_vocab(parts->model.get()));
    parts->traits = traits_of(parts->model.get());
    parts->progress = nullptr;
    return std::unique_ptr<Weights>(new Weights(std::move(parts)));
}

llama_model* Weights::handle() const { return parts_->model.get(); }
const Vocabulary& Weights::vocabulary() const { return *parts_->vocabulary; }
const Traits& Weights::traits() const { return parts_->traits; }
bool Weights::as_in_file() const { return parts_->as_in_file; }
std::uint64_t Weights::bytes() const { return llama_model_size(parts_->model.get()); }

std::string Weights::named_template(const char* name) const {
    const char* source = llama_model_chat_template(parts_->model.get(), name);
    return source ? source : "";
}
std::string Weights::chat_template() const { return named_template(nullptr); }

Result<> Weights::apply_adapters(llama_context* context) const {
    if (parts_->adapters.empty()) return {};
    const std::int32_t status = TRY(guarded("the adapters cannot be applied", [&] {
        return llama_set_adapters_lora(context, parts_->adapters.data(), parts_->adapters.size(),
                                       parts_->scales.data());
    }));
    if (status != 0) return fail(Code::corrupt, "the adapters cannot be applied" + last_complaint());
    return {};
}

}  // namespace lar::inference
