// Catch2 2 and 3 behind one include.
#pragma once
#ifdef HAVE_CATCH3
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
