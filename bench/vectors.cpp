// What bench/vectors.py runs: makes vectors and the true neighbours of some, and measures src/index/vectors.h on them.
//
//   vectors_bench make FOLDER COUNT DIMENSIONS QUERIES clustered|uniform
//   vectors_bench lar FOLDER COUNT DIMENSIONS QUERIES
//
// FOLDER gets base.f32, queries.f32 and truth.i32 (the 100 nearest rows of each query, best first), so that other
// programs can be measured on the same.
#include <malloc.h>
#include <sys/mman.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "index/vector_kernels.h"
#include "index/vectors.h"

namespace {

using lar::index::VectorKey;
using lar::index::Vectors;

constexpr std::size_t true_neighbours = 100;
constexpr std::size_t batch = 8192;

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// What a search costs where other programs do not take the processor away.
double processor_seconds() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

[[noreturn]] void stop(const std::string& reason) {
    std::fprintf(stderr, "vectors_bench: %s\n", reason.c_str());
    std::exit(1);
}

struct Task {
    std::filesystem::path folder;
    std::size_t count = 0, dimensions = 0, queries = 0;
};

// Near enough to normal, and quick: what is made is 400 million of them.
class Noise {
public:
    explicit Noise(std::uint64_t seed) : random_(seed) {}
    float operator()() {
        const std::uint64_t bits = random_();
        int sum = 0;
        for (int shift = 0; shift < 64; shift += 16) sum += static_cast<int>((bits >> shift) & 0xFFFF);
        return static_cast<float>(sum - 2 * 65535) / 37837.0F;  // deviation 1
    }
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

private:
    std::mt19937_64 random_;
};

void normalise(std::span<float> vector) {
    const float length = std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0F));
    for (float& value : vector) value /= length;
}

// Like embeddings of texts: all lean to one side; 4,000 topics, few of them large; within a topic they differ in 16
// directions of falling weight, and a little in all others.
class Clusters {
public:
    explicit Clusters(std::size_t dimensions)
        : noise_(1),
          common_(dimensions),
          centres_(topics * dimensions),
          directions_(topics * directions_of_topic * dimensions) {
        for (float& value : common_) value = noise_();
        for (float& value : centres_) value = noise_();
        for (float& value : directions_) value = noise_();
    }
    void next(std::span<float> vector, float own) {
        const std::size_t size = vector.size();
        const std::size_t topic = std::min(noise_.below(topics), noise_.below(topics));
        for (std::size_t i = 0; i < size; ++i)
            vector[i] = 0.8F * common_[i] + centres_[topic * size + i] + own * noise_();
        for (std::size_t j = 0; j < directions_of_topic; ++j) {
            const float weight = 0.5F * noise_() / std::sqrt(static_cast<float>(j + 1));
            const float* direction = directions_.data() + (topic * directions_of_topic + j) * size;
            for (std::size_t i = 0; i < size; ++i) vector[i] += weight * direction[i];
        }
        normalise(vector);
    }

private:
    static constexpr std::size_t topics = 4000, directions_of_topic = 16;
    Noise noise_;
    std::vector<float> common_, centres_, directions_;
};

void write_floats(std::ofstream& file, const std::vector<float>& values) {
    file.write(reinterpret_cast<const char*>(values.data()),
               static_cast<std::streamsize>(values.size() * sizeof(float)));
}

std::vector<float> make_base(const Task& task, bool clustered) {
    Clusters clusters(clustered ? task.dimensions : 1);
    Noise noise(2);
    const auto make = [&](std::span<float> vector, float own) {
        if (clustered) return clusters.next(vector, own);
        for (float& value : vector) value = noise();
        normalise(vector);
    };
    std::vector<float> vector(task.dimensions), queries;
    std::ofstream base(task.folder / "base.f32", std::ios::binary);
    for (std::size_t i = 0; i < task.count; ++i) {
        make(vector, 0.1F);
        write_floats(base, vector);
    }
    for (std::size_t i = 0; i < task.queries; ++i) {
        make(vector, 0.3F);  // a question is no passage
        queries.insert(queries.end(), vector.begin(), vector.end());
    }
    std::ofstream file(task.folder / "queries.f32", std::ios::binary);
    write_floats(file, queries);
    return queries;
}

std::span<const float> map_base(const Task& task) {
    const std::size_t size = task.count * task.dimensions * sizeof(float);
    const lar::Fd file = lar::open_read_only(task.folder / "base.f32").value();
    void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.number(), 0);
    if (bytes == MAP_FAILED) stop("cannot map base.f32");
    return {static_cast<const float*>(bytes), task.count * task.dimensions};
}

float product(const float* a, const float* b, std::size_t size) {
    float sums[16] = {};
    std::size_t i = 0;
    for (; i + 16 <= size; i += 16)
        for (std::size_t j = 0; j < 16; ++j) sums[j] += a[i + j] * b[i + j];
    float sum = std::accumulate(sums, sums + 16, 0.0F);
    for (; i < size; ++i) sum += a[i] * b[i];
    return sum;
}

void write_truth(const Task& task, const std::vector<float>& queries) {
    const auto base = map_base(task);
    std::vector<std::int32_t> truth(task.queries * true_neighbours);
    const auto some = [&](std::size_t first, std::size_t end) {
        std::vector<std::vector<std::pair<float, std::int32_t>>> best(end - first);
        for (std::size_t row = 0; row < task.count; ++row)
            for (std::size_t q = first; q < end; ++q) {
                auto& heap = best[q - first];
                const float score =
                    product(base.data() + row * task.dimensions, queries.data() + q * task.dimensions, task.dimensions);
                if (heap.size() == true_neighbours && score <= heap.front().first) continue;
                heap.emplace_back(score, static_cast<std::int32_t>(row));
                std::ranges::push_heap(heap, std::greater{});
                if (heap.size() <= true_neighbours) continue;
                std::ranges::pop_heap(heap, std::greater{});
                heap.pop_back();
            }
        for (std::size_t q = first; q < end; ++q) {
            std::ranges::sort_heap(best[q - first], std::greater{});
            for (std::size_t i = 0; i < best[q - first].size(); ++i)
                truth[q * true_neighbours + i] = best[q - first][i].second;
        }
    };
    std::thread half(some, 0, task.queries / 2);
    some(task.queries / 2, task.queries);
    half.join();
    std::ofstream file(task.folder / "truth.i32", std::ios::binary);
    file.write(reinterpret_cast<const char*>(truth.data()),
               static_cast<std::streamsize>(truth.size() * sizeof(std::int32_t)));
}

template <class T>
std::vector<T> read_all(const std::filesystem::path& path, std::size_t count) {
    std::vector<T> values(count);
    std::ifstream file(path, std::ios::binary);
    file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(count * sizeof(T)));
    if (!file) stop("cannot read " + path.string());
    return values;
}

std::size_t resident_kib(const char* what) {
    std::ifstream file("/proc/self/smaps_rollup");
    for (std::string word; file >> word;)
        if (word == what) {
            std::size_t kib = 0;
            file >> kib;
            return kib;
        }
    return 0;
}

void build(const Task& task, Vectors& index) {
    const auto base = map_base(task);
    std::vector<VectorKey> keys;
    for (std::size_t first = 0; first < task.count; first += batch) {
        const std::size_t end = std::min(task.count, first + batch);
        keys.resize(end - first);
        std::iota(keys.begin(), keys.end(), static_cast<VectorKey>(first));
        if (const auto added = index.add(keys, base.subspan(first * task.dimensions, keys.size() * task.dimensions));
            !added)
            stop(added.error().message);
        const auto merged = index.merge();
        if (!merged) stop(merged.error().message);
    }
    while (index.merge().value()) {
    }
    ::munmap(const_cast<float*>(base.data()), base.size_bytes());
}

struct Asked {
    std::vector<double> ms, processor_ms;
    double recall_10 = 0, recall_100 = 0;
};

Asked ask(const Task& task, const Vectors& index, const std::vector<float>& queries, std::size_t count) {
    const auto truth = read_all<std::int32_t>(task.folder / "truth.i32", task.queries * true_neighbours);
    Asked asked;
    for (std::size_t q = 0; q < task.queries; ++q) {
        const double begin = seconds(), processor_begin = processor_seconds();
        const auto found = index.nearest(std::span(queries).subspan(q * task.dimensions, task.dimensions), count);
        asked.ms.push_back((seconds() - begin) * 1000);
        asked.processor_ms.push_back((processor_seconds() - processor_begin) * 1000);
        if (!found) stop(found.error().message);
        const auto first = truth.begin() + static_cast<std::ptrdiff_t>(q * true_neighbours);
        for (std::size_t i = 0; i < found->size(); ++i) {
            asked.recall_10 += i < 10 && std::find(first, first + 10, (*found)[i].key) != first + 10 ? 1 : 0;
            asked.recall_100 +=
                std::find(first, first + true_neighbours, (*found)[i].key) != first + true_neighbours ? 1 : 0;
        }
    }
    asked.recall_10 /= static_cast<double>(task.queries * 10);
    asked.recall_100 /= static_cast<double>(task.queries * true_neighbours);
    std::ranges::sort(asked.ms);
    std::ranges::sort(asked.processor_ms);
    return asked;
}

double at(const std::vector<double>& sorted, double share) {
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

// Each query's nearest goes; how many come back all the same.
std::size_t found_after_removal(const Task& task, Vectors& index, const std::vector<float>& queries, double& ms) {
    const auto truth = read_all<std::int32_t>(task.folder / "truth.i32", task.queries * true_neighbours);
    std::vector<VectorKey> gone;
    for (std::size_t q = 0; q < task.queries; ++q) gone.push_back(truth[q * true_neighbours]);
    const double begin = seconds();
    if (!index.remove(gone)) stop("cannot remove");
    ms = (seconds() - begin) * 1000;
    std::size_t found = 0;
    for (std::size_t q = 0; q < task.queries; ++q)
        for (const auto& neighbour :
             index.nearest(std::span(queries).subspan(q * task.dimensions, task.dimensions), 10).value())
            found += static_cast<std::size_t>(std::ranges::count(gone, neighbour.key));
    return found;
}

void measure(const Task& task) {
    const auto folder = task.folder / "lar";
    if (!Vectors::erase(folder)) stop("cannot erase the old index");
    const auto queries = read_all<float>(task.folder / "queries.f32", task.queries * task.dimensions);
    Vectors index = Vectors::open(folder, task.dimensions).value();
    const double begin = seconds();
    build(task, index);
    const double build_seconds = seconds() - begin;
    const auto counts = index.counts();

    index.release_memory();
    ::malloc_trim(0);  // as lard does when it is idle
    const std::size_t idle_kib = resident_kib("Pss:");
    const double first_begin = seconds();
    if (!index.nearest(std::span(queries).first(task.dimensions), 10)) stop("cannot search");
    const double first_ms = (seconds() - first_begin) * 1000;
    ask(task, index, queries, 10);  // warm
    const Asked ten = ask(task, index, queries, 10), hundred = ask(task, index, queries, 100);
    const std::size_t busy_kib = resident_kib("Pss:"), own_kib = resident_kib("Anonymous:");
    double removal_ms = 0;
    const std::size_t zombies = found_after_removal(task, index, queries, removal_ms);
    std::printf(
        "{\"kernel\": \"%s\", \"build_seconds\": %.1f, \"megabytes\": %.0f, \"segments\": %zu, \"recall_10\": %.4f, "
        "\"recall_100\": %.4f, \"ms_p50\": %.2f, \"ms_p95\": %.2f, \"ms_p99\": %.2f, \"processor_ms_p50\": %.2f, "
        "\"processor_ms_p95\": %.2f, "
        "\"ms_p50_of_100\": %.2f, "
        "\"ms_p95_of_100\": %.2f, \"first_ms\": %.1f, \"idle_pss_kib\": %zu, \"busy_pss_kib\": %zu, \"own_kib\": %zu, "
        "\"removal_ms\": %.2f, \"found_after_removal\": %zu}\n",
        lar::index::kernel_target(), build_seconds, static_cast<double>(counts.bytes) / 1e6,
        static_cast<std::size_t>(counts.segments), ten.recall_10, hundred.recall_100, at(ten.ms, 0.5), at(ten.ms, 0.95),
        at(ten.ms, 0.99), at(ten.processor_ms, 0.5), at(ten.processor_ms, 0.95), at(hundred.ms, 0.5),
        at(hundred.ms, 0.95), first_ms, idle_kib, busy_kib, own_kib, removal_ms, zombies);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string verb = argc > 1 ? argv[1] : "";
    if ((verb != "make" || argc != 7) && (verb != "lar" || argc != 6)) stop("see bench/vectors.cpp for its arguments");
    const Task task{.folder = argv[2],
                    .count = std::strtoul(argv[3], nullptr, 10),
                    .dimensions = std::strtoul(argv[4], nullptr, 10),
                    .queries = std::strtoul(argv[5], nullptr, 10)};
    if (task.count < true_neighbours || task.dimensions == 0 || task.queries < 2) stop("the numbers are too small");
    std::filesystem::create_directories(task.folder);
    if (verb == "make")
        write_truth(task, make_base(task, std::string(argv[6]) == "clustered"));
    else
        measure(task);
    return 0;
}
