// Catch2, whichever version the system has: 3, or 2 (one heavy header). Tests write `Approx` and, in
// REQUIRE_THROWS_WITH, `ContainsSubstring`, with no namespace.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
namespace Catch::Matchers {
inline auto ContainsSubstring(const std::string& text) { return Contains(text); }
}  // namespace Catch::Matchers
#endif

using Catch::Matchers::ContainsSubstring;
