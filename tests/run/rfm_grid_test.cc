// Grids of a job: patterns, and that a cell without a class or with two is named.
#include "run/rfm_grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace strata {
namespace {

using ::testing::HasSubstr;

constexpr std::array<int, 3> kScores = {3, 10, 2};

TEST(CompileGrid, NumbersClassesByNameAndCellsWithTheLastAxisFastest) {
  const GridSettings grid{.axes = {0, 2},
                          .cells = {{"[1-2]1", "low"}, {"[1]2", "odd"}, {"[2-3]2", "high"}, {"31", "high"}}};
  const auto compiled = CompileGrid(grid, kScores);
  ASSERT_TRUE(compiled.ok()) << compiled.status();
  EXPECT_EQ(compiled->classes, (std::vector<std::string>{"high", "low", "odd"}));
  EXPECT_EQ(compiled->axes, (std::vector<int>{0, 2}));
  EXPECT_EQ(compiled->cells, (std::vector<uint8_t>{2, 3, 2, 1, 1, 1}));
}

TEST(CompileGrid, SaysWhatIsWrong) {
  struct Case {
    std::vector<std::pair<std::string, std::string>> cells;
    std::vector<const char*> parts;
  };
  const std::vector<Case> cases = {
      {{{"[1-3][1-9]", "a"}}, {"the cell recency 1, frequency 10 has no class"}},
      {{{"[1-3][1-10]", "a"}, {"2[10]", "b"}},
       {"the cell recency 2, frequency 10 has two classes", "'a' by '[1-3][1-10]'", "'b' by '2[10]'"}},
      {{{"[1-4][1-10]", "a"}}, {"'[1-4][1-10]'", "recency 1 to 3, then frequency 1 to 10"}},
      {{{"[0-3][1-10]", "a"}}, {"'[0-3][1-10]'"}},
      {{{"[3-1][1-10]", "a"}}, {"'[3-1][1-10]'"}},
      {{{"[1-3]", "a"}}, {"'[1-3]'"}},
      {{{"[1-3][1-10]1", "a"}}, {"'[1-3][1-10]1'"}},
      {{{"[1-3[1-10]", "a"}}, {"'[1-3[1-10]'"}},
      {{{"[1-][1-10]", "a"}}, {"'[1-][1-10]'"}},
      {{{"x[1-10]", "a"}}, {"'x[1-10]'"}},
      {{{"", "a"}}, {"''"}},
      {{}, {"the cell recency 1, frequency 1 has no class"}},
  };
  for (const Case& c : cases) {
    const auto compiled = CompileGrid({.axes = {0, 1}, .cells = c.cells}, kScores);
    ASSERT_FALSE(compiled.ok()) << c.parts[0];
    EXPECT_EQ(DetailOf(compiled.status())->reason, "GRID_INVALID");
    for (const char* part : c.parts) EXPECT_THAT(std::string(compiled.status().message()), HasSubstr(part));
  }
}

// Random patterns: accepted exactly when every cell is covered once, by counting each cell a second way.
TEST(CompileGrid, AcceptsExactlyTheTotalDisjointGrids) {
  int accepted = 0;
  for (uint64_t seed = 0; seed < 4000; ++seed) {
    std::mt19937_64 random(seed);
    constexpr std::array<int, 3> kSmall = {2, 3, 2};
    GridSettings grid{.axes = {0, 1}, .cells = {}};
    std::array<int, 6> covers = {};
    const size_t count = 1 + random() % 3;
    for (size_t i = 0; i < count; ++i) {
      const int r_low = 1 + static_cast<int>(random() % 2);
      const int r_high = r_low + static_cast<int>(random() % static_cast<uint64_t>(3 - r_low));
      const int f_low = 1 + static_cast<int>(random() % 3);
      const int f_high = f_low + static_cast<int>(random() % static_cast<uint64_t>(4 - f_low));
      const auto range = [](int low, int high) { return "[" + std::to_string(low) + "-" + std::to_string(high) + "]"; };
      grid.cells.emplace_back(range(r_low, r_high) + range(f_low, f_high), "class " + std::to_string(i));
      for (int r = r_low; r <= r_high; ++r) {
        for (int f = f_low; f <= f_high; ++f) ++covers[static_cast<size_t>(3 * (r - 1) + f - 1)];
      }
    }
    const bool expected = std::all_of(covers.begin(), covers.end(), [](int times) { return times == 1; });
    EXPECT_EQ(CompileGrid(grid, kSmall).ok(), expected) << "seed " << seed;
    accepted += expected ? 1 : 0;
  }
  EXPECT_GT(accepted, 20);
}

}  // namespace
}  // namespace strata
