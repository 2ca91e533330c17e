#include "index/factors.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "index/random.h"

namespace lar::index {
namespace {

constexpr std::size_t further_directions = 16;  // beyond those that are wanted: these come out exact then
constexpr int rounds = 4;
constexpr int limit_sweeps = 30;
constexpr double nothing = 1e-10;  // of the greatest: what is left of a direction that the others hold already
constexpr std::size_t rows_between_looks = 1024;
constexpr std::uint64_t direction_seed = 0x4C6172;

// Square, by rows.
struct Small {
    std::size_t size = 0;
    std::vector<double> values;
    explicit Small(std::size_t n) : size(n), values(n * n) {}
    double& at(std::size_t row, std::size_t column) { return values[row * size + column]; }
    double at(std::size_t row, std::size_t column) const { return values[row * size + column]; }
};

void add_scaled(std::span<float> sum, float factor, const float* values) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += factor * values[i];
}

// Calls `take` with each row of A times the directions. False: it was stopped.
template <class Take>
bool each_product(const SparseRows& rows, const std::vector<float>& directions, std::size_t count,
                  const std::function<bool()>& stopping, Take take) {
    std::vector<float> product(count);
    std::size_t first = 0;
    for (std::size_t row = 0; row < rows.ends.size(); ++row) {
        if (row % rows_between_looks == 0 && stopping()) return false;
        std::ranges::fill(product, 0.0F);
        for (std::size_t i = first; i < rows.ends[row]; ++i)
            add_scaled(product, rows.values[i], directions.data() + rows.columns[i] * count);
        take(first, rows.ends[row], product);
        first = rows.ends[row];
    }
    return true;
}

// The upper half of the sum of v vᵀ.
void add_square(Small& sum, std::span<const float> v) {
    for (std::size_t i = 0; i < v.size(); ++i) {
        const double factor = static_cast<double>(v[i]);
        for (std::size_t j = i; j < v.size(); ++j) sum.at(i, j) += factor * static_cast<double>(v[j]);
    }
}

// G = RᵀR; a row of R is zero where the rows before it leave nothing.
Small cholesky(const Small& square) {
    const std::size_t n = square.size;
    Small root(n);
    double greatest = 0;
    for (std::size_t i = 0; i < n; ++i) greatest = std::max(greatest, square.at(i, i));
    for (std::size_t i = 0; i < n; ++i) {
        double rest = square.at(i, i);
        for (std::size_t k = 0; k < i; ++k) rest -= root.at(k, i) * root.at(k, i);
        if (rest <= nothing * greatest) continue;
        const double pivot = std::sqrt(rest);
        root.at(i, i) = pivot;
        for (std::size_t j = i + 1; j < n; ++j) {
            double value = square.at(i, j);
            for (std::size_t k = 0; k < i; ++k) value -= root.at(k, i) * root.at(k, j);
            root.at(i, j) = value / pivot;
        }
    }
    return root;
}

void make_orthogonal(std::vector<float>& directions, std::size_t count) {
    // Once leaves an error that grows with how unlike the lengths were, twice none that shows.
    for (int pass = 0; pass < 2; ++pass) {
        Small square(count);
        for (std::size_t at = 0; at < directions.size(); at += count)
            add_square(square, std::span(directions).subspan(at, count));
        const Small root = cholesky(square);
        for (std::size_t at = 0; at < directions.size(); at += count) {
            const std::span<float> row = std::span(directions).subspan(at, count);
            for (std::size_t i = 0; i < count; ++i) {
                row[i] = root.at(i, i) > 0 ? static_cast<float>(static_cast<double>(row[i]) / root.at(i, i)) : 0;
                for (std::size_t j = i + 1; j < count; ++j) row[j] -= row[i] * static_cast<float>(root.at(i, j));
            }
        }
    }
}

// Turns rows and columns p and q of a symmetric matrix so that what they share becomes zero, and `turned` with them.
void turn(Small& square, Small& turned, std::size_t p, std::size_t q) {
    const double theta = (square.at(q, q) - square.at(p, p)) / (2 * square.at(p, q));
    const double t = std::copysign(1.0, theta) / (std::abs(theta) + std::sqrt(theta * theta + 1));
    const double c = 1 / std::sqrt(t * t + 1), s = t * c;
    const auto mix = [c, s](double& a, double& b) {
        const double before = a;
        a = c * before - s * b;
        b = s * before + c * b;
    };
    for (std::size_t i = 0; i < square.size; ++i) mix(square.at(i, p), square.at(i, q));
    for (std::size_t i = 0; i < square.size; ++i) mix(square.at(p, i), square.at(q, i));
    for (std::size_t i = 0; i < square.size; ++i) mix(turned.at(i, p), turned.at(i, q));
}

// The eigenvectors of a symmetric matrix as columns, by Jacobi's rotations; its diagonal becomes their values.
Small eigenvectors(Small& square) {
    const std::size_t n = square.size;
    Small vectors(n);
    for (std::size_t i = 0; i < n; ++i) vectors.at(i, i) = 1;
    for (int sweep = 0; sweep < limit_sweeps; ++sweep) {
        double diagonal = 0, beside = 0;
        for (std::size_t i = 0; i < n; ++i) {
            diagonal += square.at(i, i) * square.at(i, i);
            for (std::size_t j = i + 1; j < n; ++j) beside += square.at(i, j) * square.at(i, j);
        }
        if (beside <= nothing * nothing * diagonal) break;
        for (std::size_t p = 0; p < n; ++p)
            for (std::size_t q = p + 1; q < n; ++q)
                if (square.at(p, q) != 0) turn(square, vectors, p, q);
    }
    return vectors;
}

// Of the directions the `wanted` that tell most, in order: directions times eigenvectors.
std::vector<float> best_of(const std::vector<float>& directions, Small& square, std::size_t wanted) {
    const std::size_t count = square.size;
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t j = 0; j < i; ++j) square.at(i, j) = square.at(j, i);
    const Small vectors = eigenvectors(square);
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t i) { return square.at(i, i); });
    std::vector<float> chosen(count * wanted);  // by rows
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t j = 0; j < std::min(wanted, count); ++j)
            chosen[i * wanted + j] = static_cast<float>(vectors.at(i, order[j]));
    std::vector<float> best(directions.size() / count * wanted);
    for (std::size_t row = 0; row < directions.size() / count; ++row)
        for (std::size_t i = 0; i < count; ++i)
            add_scaled(std::span(best).subspan(row * wanted, wanted), directions[row * count + i],
                       chosen.data() + i * wanted);
    return best;
}

}  // namespace

Result<std::vector<float>> right_factors(const SparseRows& rows, std::size_t dimensions,
                                         const std::function<bool()>& stopping) {
    const std::size_t count = std::min(dimensions + further_directions, rows.width);
    if (count == 0) return std::vector<float>(rows.width * dimensions);
    const auto stopped = [] { return fail(Code::unavailable, "it was stopped"); };
    std::vector<float> directions(rows.width * count), next(rows.width * count);
    std::uint64_t state = direction_seed;
    for (float& value : directions)
        value = static_cast<float>(static_cast<double>(next_random(state) >> 11U) * 0x1p-52 - 1);  // from -1 to 1
    make_orthogonal(directions, count);
    for (int round = 0; round < rounds; ++round) {
        std::ranges::fill(next, 0.0F);
        const bool whole = each_product(
            rows, directions, count, stopping, [&](std::size_t first, std::size_t end, std::span<const float> product) {
                for (std::size_t i = first; i < end; ++i)
                    add_scaled(std::span(next).subspan(rows.columns[i] * count, count), rows.values[i], product.data());
            });
        if (!whole) return stopped();
        std::swap(directions, next);
        make_orthogonal(directions, count);
    }
    next = {};
    Small square(count);
    const bool whole =
        each_product(rows, directions, count, stopping,
                     [&](std::size_t, std::size_t, std::span<const float> product) { add_square(square, product); });
    if (!whole) return stopped();
    return best_of(directions, square, dimensions);
}

}  // namespace lar::index
