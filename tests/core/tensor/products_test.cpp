// Products on stored weights against double-precision loops over dequantizeRow, for every storage type, instruction set and
// shape.
#include "core/tensor/products.h"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "core/tensor/kernels/many_tokens.h"
#include "tests/core/tensor/each_target.h"

using namespace lw;

namespace {

constexpr StorageType allTypes[] = {StorageType::F32,  StorageType::F16,  StorageType::BF16,
                                    StorageType::Q8_0, StorageType::Q4_0, StorageType::Q4_1,
                                    StorageType::Q5_0, StorageType::Q5_1, StorageType::IQ4_NL};

/// Random stored bytes whose scales and minima are ordinary numbers.
Weight randomWeight(StorageType type, std::int64_t rows, std::int64_t cols, std::mt19937& random) {
    const StorageLayout& layout = layoutOf(type);
    const auto bytes = std::make_shared<std::vector<std::uint8_t>>(static_cast<std::size_t>(rows * rowBytes(type, cols)));
    for (std::uint8_t& byte : *bytes) byte = static_cast<std::uint8_t>(random());
    const auto setHalf = [&](std::uint8_t* at) {  // 2^-7 … 2^-5 as binary16
        const std::uint32_t sign = random() % 2 ? 0x8000u : 0u;
        const std::uint32_t bits = 0x2000u + static_cast<std::uint32_t>(random() % 0x800u) + sign;
        at[0] = static_cast<std::uint8_t>(bits & 255);
        at[1] = static_cast<std::uint8_t>(bits >> 8);
    };
    for (std::size_t at = 0; at < bytes->size(); at += static_cast<std::size_t>(layout.blockBytes)) {
        std::uint8_t* block = bytes->data() + at;
        if (type == StorageType::F32) {
            const float value = static_cast<float>(random() % 20001) / 10000.0f - 1.0f;
            std::memcpy(block, &value, sizeof value);
        } else if (type == StorageType::F16) {
            setHalf(block);
        } else if (type == StorageType::BF16) {
            block[1] = static_cast<std::uint8_t>(0x3c | (random() % 2 ? 0x80 : 0));
        } else {
            setHalf(block);
            if (type == StorageType::Q4_1 || type == StorageType::Q5_1) setHalf(block + 2);
        }
    }
    return Weight(type, rows, cols, bytes->data(), bytes);
}

Matrix randomMatrix(std::int64_t rows, std::int64_t cols, std::mt19937& random) {
    Matrix m(rows, cols);
    for (Eigen::Index i = 0; i < m.size(); ++i) m.data()[i] = static_cast<float>(random() % 20001) / 10000.0f - 1.0f;
    return m;
}

/// The largest |y − x Wᵀ| / Σ|x w| over all entries: how many roundings the sum is off, in units of float32's 6e-8.
double largestError(const Matrix& x, const Weight& w, const Matrix& y) {
    double largest = 0;
    std::vector<float> row(static_cast<std::size_t>(w.cols()));
    for (std::int64_t r = 0; r < w.rows(); ++r) {
        dequantizeRow(w.type(), w.rowData(r), w.cols(), row.data());
        for (Eigen::Index t = 0; t < x.rows(); ++t) {
            double sum = 0, size = 1e-30;
            for (std::int64_t k = 0; k < w.cols(); ++k) {
                const double product = static_cast<double>(row[static_cast<std::size_t>(k)]) * x(t, k);
                sum += product;
                size += std::fabs(product);
            }
            largest = std::max(largest, std::fabs(sum - y(t, r)) / size);
        }
    }
    return largest;
}

Matrix product(const Matrix& x, const Weight& w) {
    Matrix y = Matrix::Constant(x.rows(), w.rows(), std::nanf(""));
    multiplyByTransposed(x, w, y);
    return y;
}

}  // namespace

TEST_CASE("Every storage type, number of tokens and instruction set gives the product of the dequantised weights") {
    std::mt19937 random(7);
    for (const StorageType type : allTypes) {
        const bool blocks = layoutOf(type).blockValues > 1;
        for (const auto& [rows, cols] : {std::pair<int, int>{1, 32}, {7, 64}, {53, 96}, {101, 576}, {49, 1056}}) {
            const std::int64_t width = blocks ? cols : cols - 5;  // rows that end within a chunk where the type allows it
            const Weight w = randomWeight(type, rows, width, random);
            for (const std::int64_t tokens : {1, 2, 3, 4, 5, 6, 7, 8, 9, 17, 25, 33, 50, 64}) {
                const Matrix x = randomMatrix(tokens, width, random);
                CAPTURE(layoutOf(type).name, rows, width, tokens);
                forEachTarget([&] { REQUIRE(largestError(x, w, product(x, w)) < 1e-6); });
            }
        }
    }
}

TEST_CASE("Instruction sets with fused multiply-add agree to the last bit") {
    if (!(hwy::SupportedTargets() & HWY_AVX2)) WARN("Skipped: this machine has no AVX2.");
    std::mt19937 random(8);
    for (const StorageType type : allTypes) {
        const Weight w = randomWeight(type, 61, 608, random);
        for (const std::int64_t tokens : {1, 3, 4, 5, 23, 64}) {
            const Matrix x = randomMatrix(tokens, 608, random);
            std::vector<Matrix> results;
            for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
                if (target > HWY_AVX2) continue;
                hwy::SetSupportedTargetsForTest(target);
                results.push_back(product(x, w));
            }
            hwy::SetSupportedTargetsForTest(0);
            CAPTURE(layoutOf(type).name, tokens);
            for (const Matrix& result : results) REQUIRE(result == results.front());
        }
    }
}

TEST_CASE("Unpacked rows are exactly those of dequantizeRow") {
    std::mt19937 random(9);
    for (const StorageType type : allTypes) {
        for (const std::int64_t cols : {32, 64, 576}) {
            const std::int64_t width = layoutOf(type).blockValues > 1 ? cols : cols + 3;
            const Weight w = randomWeight(type, 5, width, random);
            const Matrix expected = w.toMatrix();
            CAPTURE(layoutOf(type).name, width);
            forEachTarget([&] {
                Matrix unpacked = Matrix::Constant(5, width + 2, -7);
                kernels::unpackRows(type, w.rowData(0), 5, width, unpacked.data(), unpacked.outerStride());
                REQUIRE(unpacked.leftCols(width) == expected);
                REQUIRE(unpacked.rightCols(2) == Matrix::Constant(5, 2, -7));
            });
        }
    }
}

TEST_CASE("A token's product doesn't depend on the tokens beside it") {
    std::mt19937 random(10);
    for (const StorageType type : {StorageType::F32, StorageType::Q4_1}) {
        const Weight w = randomWeight(type, 70, 576, random);
        const Matrix x = randomMatrix(430, 576, random);
        const Matrix whole = product(x, w);
        for (const std::int64_t tokens : {9, 16, 19, 48, 385}) {
            CAPTURE(layoutOf(type).name, tokens);
            CHECK(product(x.topRows(tokens), w) == whole.topRows(tokens));
        }
        const Matrix few = product(x.topRows(5), w);
        for (const std::int64_t tokens : {1, 2, 4}) CHECK(product(x.topRows(tokens), w) == few.topRows(tokens));
    }
}

TEST_CASE("Parts of larger matrices are read and written in place") {
    std::mt19937 random(11);
    const Matrix x = randomMatrix(20, 100, random);
    const Weight w = randomWeight(StorageType::Q8_0, 40, 64, random);
    for (const std::int64_t tokens : {1, 3, 6, 18}) {
        CAPTURE(tokens);
        Matrix y = Matrix::Constant(20, 60, 5);
        multiplyByTransposed(x.block(1, 3, tokens, 64), w, y.block(2, 7, tokens, 40));
        CHECK(y.block(2, 7, tokens, 40) == product(x.block(1, 3, tokens, 64), w));
        y.block(2, 7, tokens, 40).setConstant(5);
        CHECK(y == Matrix::Constant(20, 60, 5));
    }
    Matrix none(0, 40);
    multiplyByTransposed(Matrix(0, 64), w, none);
}

// Runs in processes of their own (below), because the number of threads is read once.
TEST_CASE("child: print a checksum of products", "[.child]") {
    std::mt19937 random(12);
    std::uint64_t checksum = 1469598103934665603u;
    for (const StorageType type : allTypes) {
        for (const auto& [rows, cols] : {std::pair<int, int>{192, 576}, {1001, 96}}) {
            const Weight w = randomWeight(type, rows, cols, random);
            for (const std::int64_t tokens : {1, 2, 4, 5, 33, 130}) {
                const Matrix y = product(randomMatrix(tokens, cols, random), w);
                for (Eigen::Index i = 0; i < y.size(); ++i) {
                    std::uint32_t bits = 0;
                    std::memcpy(&bits, y.data() + i, sizeof bits);
                    checksum = (checksum ^ bits) * 1099511628211u;
                }
            }
        }
    }
    std::printf("checksum=%016llx;\n", static_cast<unsigned long long>(checksum));
}

TEST_CASE("Products don't depend on the number of threads") {
    const auto self = std::filesystem::read_symlink("/proc/self/exe").string();
    std::vector<std::string> checksums;
    for (const char* threads : {"1", "2", "3", "8"}) {
        std::FILE* child = popen(("LAYERWALK_THREADS=" + std::string(threads) + " '" + self + "' '[.child]'").c_str(), "r");
        REQUIRE(child != nullptr);
        std::string output;
        for (int c = std::fgetc(child); c != EOF; c = std::fgetc(child)) output.push_back(static_cast<char>(c));
        REQUIRE(pclose(child) == 0);
        const std::size_t at = output.find("checksum=");
        REQUIRE(at != std::string::npos);
        checksums.push_back(output.substr(at, output.find(';', at) - at));
    }
    CAPTURE(checksums);
    for (const std::string& checksum : checksums) CHECK(checksum == checksums.front());
}
