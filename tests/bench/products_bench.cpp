// How fast products on stored weights are, against unpacking a tile of rows and handing it to OpenBLAS, in one run.
// Not a test. Argument: how many times each product is measured (default 15; the fastest counts, for the machine may be busy).
#include <cblas.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "core/base/parallel.h"
#include "core/tensor/elementwise.h"
#include "core/tensor/kernels/few_tokens.h"
#include "core/tensor/products.h"

using namespace lw;

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

template <class Action>
double fastest(int times, const Action& action) {
    double best = 1e30;
    for (int i = 0; i < times; ++i) {
        const double start = now();
        action();
        best = std::min(best, now() - start);
    }
    return best;
}

/// Stored bytes with ordinary scales.
Weight randomWeight(StorageType type, std::int64_t rows, std::int64_t cols, std::mt19937& random) {
    const auto blockBytes = static_cast<std::size_t>(layoutOf(type).blockBytes);
    const auto bytes = std::make_shared<std::vector<std::uint8_t>>(static_cast<std::size_t>(rows * rowBytes(type, cols)));
    for (std::uint8_t& byte : *bytes) byte = static_cast<std::uint8_t>(random());
    for (std::size_t at = 0; at < bytes->size(); at += blockBytes) {
        std::uint8_t* block = bytes->data() + at;
        if (type == StorageType::F32) {
            block[3] = 0x3d;
        } else {
            block[1] = type == StorageType::BF16 ? 0x3d : 0x20;
        }
        if (type == StorageType::Q4_1 || type == StorageType::Q5_1) block[3] = 0x20;
    }
    return Weight(type, rows, cols, bytes->data(), bytes);
}

/// What the kernels are compared with.
void multiplyTiles(const Matrix& x, const Weight& w, Matrix& y) {
    constexpr std::int64_t tileRows = 64;
    const std::int64_t cols = w.cols();
    parallelFor((w.rows() + tileRows - 1) / tileRows, 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> unpacked(static_cast<std::size_t>(tileRows * cols));
        for (std::int64_t tile = begin; tile < end; ++tile) {
            const std::int64_t first = tile * tileRows, rows = std::min(tileRows, w.rows() - first);
            const float* values = w.type() == StorageType::F32 ? w.floats() + first * cols : unpacked.data();
            for (std::int64_t r = 0; values == unpacked.data() && r < rows; ++r) w.readRow(first + r, unpacked.data() + r * cols);
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<blasint>(x.rows()), static_cast<blasint>(rows),
                        static_cast<blasint>(cols), 1, x.data(), static_cast<blasint>(cols), values, static_cast<blasint>(cols),
                        0, y.data() + first, static_cast<blasint>(y.cols()));
        }
    });
}

void measure(StorageType type, std::int64_t rows, std::int64_t cols, std::int64_t tokens, int times, std::mt19937& random) {
    // Several copies, so that weights come from memory as they do in a model, and not from a cache.
    const std::int64_t copies =
        tokens > 8 ? 1 : std::max<std::int64_t>(1, (std::int64_t{64} << 20) / (rows * rowBytes(type, cols)));
    const Weight all = randomWeight(type, rows * copies, cols, random);
    Matrix x = Matrix::Random(tokens, cols), y(tokens, rows), reference(tokens, rows);
    const auto perProduct = [&](const auto& multiply) {
        double best = 1e30;
        for (std::int64_t run = 0; run < std::max<std::int64_t>(times, copies); ++run) {
            best = std::min(best, fastest(1, [&] { multiply(all.slice(run % copies * rows, rows)); }));
        }
        return best;
    };
    const double ours = perProduct([&](const Weight& w) { multiplyByTransposed(x, w, y); });
    const double tiles = perProduct([&](const Weight& w) { multiplyTiles(x, w, reference); });
    const double bytes = static_cast<double>(all.bytes()) / static_cast<double>(copies);
    const double operations = 2.0 * static_cast<double>(rows * cols * tokens);
    fmt::print("{:7} {:5} x {:4}  T {:3}  {:9.1f} us  {:6.1f} GB/s  {:6.1f} GFLOP/s   tiles {:9.1f} us   ratio {:5.2f}\n",
               layoutOf(type).name, rows, cols, tokens, ours * 1e6, bytes / ours * 1e-9, operations / ours * 1e-9, tiles * 1e6,
               tiles / ours);
}

/// All products of one decoding step of SmolLM2-135M: 30 layers of q, k, v, o, gate, up, down, and the head.
void measureDecode(StorageType layers, StorageType head, int times, std::mt19937& random) {
    struct Product {
        Weight w;
        Matrix x, y;
    };
    std::vector<Product> step;
    const auto add = [&](StorageType type, std::int64_t rows, std::int64_t cols) {
        step.push_back({randomWeight(type, rows, cols, random), Matrix::Random(1, cols), Matrix(1, rows)});
    };
    for (int layer = 0; layer < 30; ++layer) {
        for (const std::int64_t rows : {576, 192, 192, 576, 1536, 1536}) add(layers, rows, 576);
        add(layers, 576, 1536);
    }
    add(head, 49152, 576);
    // The step is run as a whole, so that weights come from memory; of each product the fastest run counts.
    const auto sumOfFastest = [&](int steps, const auto& multiply) {
        std::vector<double> best(step.size(), 1e30);
        for (int i = 0; i < steps; ++i) {
            for (std::size_t p = 0; p < step.size(); ++p) best[p] = std::min(best[p], fastest(1, [&] { multiply(step[p]); }));
        }
        return std::accumulate(best.begin(), best.end(), 0.0);
    };
    const double ours = sumOfFastest(times, [](Product& p) { multiplyByTransposed(p.x, p.w, p.y); });
    const double tiles = sumOfFastest(std::max(2, times / 5), [](Product& p) { multiplyTiles(p.x, p.w, p.y); });
    double bytes = 0;
    for (const Product& p : step) bytes += static_cast<double>(p.w.bytes());
    fmt::print("SmolLM2-135M, one token, layers {:6} head {:5}: {:6.2f} ms  {:5.1f} GB/s   tiles {:7.2f} ms   ratio {:5.1f}\n",
               layoutOf(layers).name, layoutOf(head).name, ours * 1e3, bytes / ours * 1e-9, tiles * 1e3, tiles / ours);
}

void measureRows(int times) {
    constexpr std::int64_t n = 65536;
    std::vector<float> x(n), y(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<float>(i % 1000) * 0.01f - 5;
    const auto print = [&](const char* name, const auto& action) {
        fmt::print("{:10} {:6.3f} ns a value\n", name, fastest(times, action) / static_cast<double>(n) * 1e9);
    };
    print("geluTanh", [&] { geluTanh(x.data(), y.data(), n); });
    print("geluErf", [&] { geluErf(x.data(), y.data(), n); });
    print("silu", [&] { silu(x.data(), y.data(), n); });
    print("softmax", [&] {
        y = x;
        softmaxRow(y.data(), n);
    });
    print("dot of 64", [&] {
        for (std::int64_t i = 0; i < n; i += 64) y[static_cast<std::size_t>(i)] = dot(x.data(), x.data() + i, 64);
    });
    print("add of 64", [&] {
        for (std::int64_t i = 0; i < n; i += 64) addScaled(0.5f, x.data() + i, y.data(), 64);
    });
    std::int64_t sum = 0;
    const double loops = fastest(times, [&] {
        for (int i = 0; i < 1000; ++i) parallelFor(threadCount(), 1, [&](std::int64_t begin, std::int64_t) { sum += begin < 0; });
    });
    fmt::print("{:10} {:6.3f} us an empty loop over all threads\n", "parallel", loops * 1e3);
}

}  // namespace

int main(int argc, char** argv) {
    const int times = argc > 1 ? std::atoi(argv[1]) : 15;
    std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
    openblas_set_num_threads(1);
    std::mt19937 random(1);
    fmt::print("{} threads\n", threadCount());
    measureRows(times);
    for (const auto& [layers, head] : {std::pair{StorageType::F32, StorageType::F32},
                                       {StorageType::F16, StorageType::F16},
                                       {StorageType::BF16, StorageType::BF16},
                                       {StorageType::Q8_0, StorageType::Q8_0},
                                       {StorageType::Q4_1, StorageType::Q8_0},
                                       {StorageType::Q4_0, StorageType::Q8_0},
                                       {StorageType::Q5_0, StorageType::Q8_0},
                                       {StorageType::Q5_1, StorageType::Q8_0},
                                       {StorageType::IQ4_NL, StorageType::Q8_0}}) {
        measureDecode(layers, head, times, random);
    }
    for (const StorageType type : {StorageType::F32, StorageType::F16, StorageType::Q8_0, StorageType::Q4_1, StorageType::Q5_1}) {
        for (const auto& [rows, cols] : {std::pair<int, int>{576, 576}, {192, 576}, {1536, 576}, {576, 1536}}) {
            for (const int tokens : {1, 2, 4, 5, 8, 32, 256}) measure(type, rows, cols, tokens, std::max(3, times / 3), random);
        }
    }
}
