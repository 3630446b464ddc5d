// A value that is no number is found in every storage type, wherever it stands.
#include "core/tensor/not_finite.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "tests/catch.h"

using namespace lw;

namespace {

std::shared_ptr<std::vector<std::byte>> zeros(StorageType type, std::int64_t rows, std::int64_t cols) {
    return std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(rows * rowBytes(type, cols)));
}

}  // namespace

TEST_CASE("A number that is none is found where it stands, in every storage type") {
    constexpr std::int64_t rows = 200, cols = 96;
    for (const StorageType type : {StorageType::F32, StorageType::F16, StorageType::BF16, StorageType::Q8_0, StorageType::Q4_0,
                                   StorageType::Q4_1, StorageType::Q5_0, StorageType::Q5_1, StorageType::IQ4_NL}) {
        const StorageLayout& layout = layoutOf(type);
        CAPTURE(layout.name);
        const auto bytes = zeros(type, rows, cols);
        const Weight weight(type, rows, cols, bytes->data(), bytes);
        CHECK_FALSE(firstNotFinite(weight));
        // The sign and every finite exponent pass: all that a value may be but infinite.
        const std::uint32_t largest32 = 0xff7fffffu;
        const std::uint16_t largest16 = 0xfbffu, largestB16 = 0xff7fu;
        const auto put = [&](std::int64_t row, std::int64_t block, int offset, auto value) {
            std::memcpy(bytes->data() + row * rowBytes(type, cols) + block * layout.blockBytes + offset, &value, sizeof value);
        };
        const bool single = type == StorageType::F32, brain = type == StorageType::BF16;
        const auto finite = [&](std::int64_t row, std::int64_t block, int offset) {
            single ? put(row, block, offset, largest32) : put(row, block, offset, brain ? largestB16 : largest16);
        };
        const auto infinite = [&](std::int64_t row, std::int64_t block, int offset) {
            single ? put(row, block, offset, 0x7f800000u)
                   : put(row, block, offset, brain ? std::uint16_t{0x7f80u} : std::uint16_t{0x7c00u});
        };
        const auto noNumber = [&](std::int64_t row, std::int64_t block, int offset) {
            single ? put(row, block, offset, 0xffc00001u)
                   : put(row, block, offset, brain ? std::uint16_t{0xffc1u} : std::uint16_t{0xfe01u});
        };
        finite(3, 1, 0);
        CHECK_FALSE(firstNotFinite(weight));
        noNumber(150, 2, 0);
        infinite(70, 1, 0);
        infinite(70, 2, 0);
        const auto found = firstNotFinite(weight);
        REQUIRE(found);
        CHECK(found->row == 70);
        CHECK(found->column == layout.blockValues);
        std::vector<float> row(cols);
        weight.readRow(70, row.data());
        CHECK_FALSE(std::isfinite(row[static_cast<std::size_t>(found->column)]));
        finite(70, 1, 0);
        finite(70, 2, 0);
        REQUIRE(firstNotFinite(weight));
        CHECK(firstNotFinite(weight)->row == 150);
        finite(150, 2, 0);
        CHECK_FALSE(firstNotFinite(weight));
        if (type != StorageType::Q4_1 && type != StorageType::Q5_1) continue;
        noNumber(199, 0, 2);  // the minimum of a block
        REQUIRE(firstNotFinite(weight));
        CHECK(firstNotFinite(weight)->row == 199);
    }
}
