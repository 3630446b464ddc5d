// Include this before any Highway header: which instruction sets our kernels are compiled for.
// The kernels keep arrays of vectors, so vectors have a width that is known when compiling; a machine with none of these sets
// (HWY_SCALAR) takes plain loops, which are also simpler than Highway's emulation.
#pragma once

#define HWY_BROKEN_EMU128 1
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
