// PCG32, a small random number generator whose stream is the same on every machine. A value: copying it is keeping its place.
// Source: O'Neill 2014, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms", variant XSH-RR 64/32.
#pragma once

#include <bit>
#include <cstdint>

namespace lw {

// Only the 64-bit state changes; the stream (the odd number added in every step) is always the one below, so a seed alone names
// a sequence.
struct Pcg32 {
    static constexpr std::uint64_t stream = 0xda3e39cb94b95bdbULL;

    std::uint64_t state = 0;

    /// As the reference seeds: from state 0 one step, then the seed added, then another step.
    explicit constexpr Pcg32(std::uint64_t seed = 0) { seedWith(state, stream, seed); }

    constexpr std::uint32_t next() { return advance(state, stream); }

    /// [0, 1) from 53 bits: the high 27 bits of one draw, then the high 26 bits of another.
    constexpr double uniform() {
        const std::uint64_t high = next() >> 5, low = next() >> 6;
        return static_cast<double>(high << 26 | low) * 0x1p-53;
    }

    /// One step with any stream: the number that belongs to the state before it.
    static constexpr std::uint32_t advance(std::uint64_t& state, std::uint64_t increment) {
        const std::uint64_t old = state;
        state = old * 6364136223846793005ULL + increment;
        const auto shifted = static_cast<std::uint32_t>(((old >> 18) ^ old) >> 27);
        return std::rotr(shifted, static_cast<int>(old >> 59));
    }
    static constexpr void seedWith(std::uint64_t& state, std::uint64_t increment, std::uint64_t seed) {
        state = 0;
        advance(state, increment);
        state += seed;
        advance(state, increment);
    }

    friend constexpr bool operator==(const Pcg32&, const Pcg32&) = default;
};

}  // namespace lw
