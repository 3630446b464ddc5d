// Every stored form against values computed by GGUF's own reference code, exactly; and the two 16-bit floats over their whole
// range.
#include "core/tensor/storage_type.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "core/formats/safetensors.h"
#include "core/tensor/half.h"
#include "tests/catch.h"

using namespace lw;

TEST_CASE("Blocks read as the reference reads them", "[storage]") {
    const auto file = SafetensorsFile::open(LAYERWALK_TEST_DATA "/ops/quantised_blocks.safetensors");
    REQUIRE(file);
    for (const StorageType type : {StorageType::F16, StorageType::BF16, StorageType::Q8_0, StorageType::Q4_0, StorageType::Q4_1,
                                   StorageType::Q5_0, StorageType::Q5_1, StorageType::IQ4_NL}) {
        const StorageLayout& layout = layoutOf(type);
        CAPTURE(std::string(layout.name));
        const auto raw = (*file)->bytes(std::string(layout.name) + ".raw");
        const auto values = (*file)->floats(std::string(layout.name) + ".values");
        REQUIRE(raw);
        REQUIRE(values);
        constexpr std::int64_t rows = 3;
        constexpr std::int64_t cols = 512;
        REQUIRE(values->size() == rows * cols);
        REQUIRE(static_cast<std::int64_t>(raw->size()) == rows * rowBytes(type, cols));

        double largest = 0;
        std::vector<float> row(cols);
        for (std::int64_t r = 0; r < rows; ++r) {
            dequantizeRow(type, raw->data() + r * rowBytes(type, cols), cols, row.data());
            for (std::int64_t c = 0; c < cols; ++c) {
                largest = std::max(largest, std::abs(static_cast<double>(row[c]) - (*values)[r * cols + c]));
            }
        }
        CAPTURE(largest);
        CHECK(largest == 0);
    }
}

TEST_CASE("Float32 rows are copied, from any address", "[storage]") {
    const std::vector<float> values{1.5f, -2.0f, 3.25f};
    std::vector<unsigned char> bytes(13);
    std::memcpy(bytes.data() + 1, values.data(), 12);
    std::vector<float> row(3);
    dequantizeRow(StorageType::F32, bytes.data() + 1, 3, row.data());
    CHECK(row == values);
}

TEST_CASE("Half precision is widened exactly", "[storage]") {
    int wrong = 0;
    for (int bits = 0; bits < 0x10000; ++bits) {
        // The definition: (−1)^s 2^(e−15) (1 + m/1024), subnormals 2^−14 m/1024.
        const int exponent = bits >> 10 & 31;
        const int mantissa = bits & 1023;
        const double sign = bits & 0x8000 ? -1.0 : 1.0;
        const float got = halfToFloat(static_cast<std::uint16_t>(bits));
        if (exponent == 31) {
            wrong += mantissa != 0 ? !std::isnan(got) : !(std::isinf(got) && std::signbit(got) == (sign < 0));
        } else {
            const double want = sign * (exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25));
            wrong += static_cast<double>(got) != want || std::signbit(got) != (sign < 0);
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("Sizes of rows", "[storage]") {
    CHECK(rowBytes(StorageType::F32, 3) == 12);
    CHECK(rowBytes(StorageType::BF16, 3) == 6);
    CHECK(rowBytes(StorageType::Q8_0, 64) == 68);
    CHECK(rowBytes(StorageType::Q4_1, 1LL << 40) == (1LL << 35) * 20);
    CHECK(layoutOf(StorageType::IQ4_NL).name == "IQ4_NL");
}
