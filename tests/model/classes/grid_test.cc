// Every grid is total and disjoint: all cells of 2 to 10 scores an axis, the built-in maps against the same maps
// written as patterns, and the eight against the means.
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

#include "model/classes/schemes.h"
#include "model/rfm/rfm_grids.h"
#include "run/rfm_grid.h"

namespace strata {
namespace {

GridSettings TenAsPatterns() {
  return {.axes = {0, 1},
          .cells = {{"[1-2][1-2]", "hibernating"},
                    {"[1-2][3-4]", "at_risk"},
                    {"[1-2]5", "cant_lose"},
                    {"3[1-2]", "about_to_sleep"},
                    {"33", "need_attention"},
                    {"[3-4][4-5]", "loyal"},
                    {"41", "promising"},
                    {"51", "new"},
                    {"[4-5][2-3]", "potential_loyalist"},
                    {"5[4-5]", "champions"}}};
}

RfmModel ModelOf(std::array<int, 3> scores) {
  RfmModel model;
  model.axis_scores = scores;
  model.customers = 10;
  return model;
}

RfmScores ScoresOf(int recency, int frequency, int monetary) {
  return {static_cast<uint8_t>(recency), static_cast<uint8_t>(frequency), static_cast<uint8_t>(monetary)};
}

std::string NameOf(std::span<const std::string_view> names, uint8_t code) {
  return code >= 1 && code <= names.size() ? std::string(names[code - 1U]) : "none";
}

TEST(Grids, TheTwentyFiveCellsAreThoseOfThePatterns) {
  const auto ten = CompileGrid(TenAsPatterns(), {5, 5, 5});
  ASSERT_TRUE(ten.ok()) << ten.status();
  EXPECT_EQ(ten->classes.size(), 10U);
  const RfmModel model = ModelOf({5, 5, 5});
  std::set<std::string> reached;
  for (int r = 1; r <= 5; ++r) {
    for (int f = 1; f <= 5; ++f) {
      const std::string expected = ten->classes[ten->cells[static_cast<size_t>(5 * (r - 1) + f - 1)] - 1U];
      const RfmScores scores = ScoresOf(r, f, 3);
      EXPECT_EQ(NameOf(ClassesOfTen(), ClassOfTen(model, scores)), expected) << r << f;
      const std::string eleven = NameOf(ClassesOfEleven(), ClassOfEleven(model, scores));
      EXPECT_EQ(eleven, r == 1 && f == 1 ? "lost" : expected) << r << f;
      EXPECT_EQ(eleven, Name(static_cast<RfmSegment>(ClassOfEleven(model, scores))));
      reached.insert(eleven);
    }
  }
  EXPECT_EQ(reached.size(), 11U);
}

TEST(Grids, EveryCellOfEveryScoreCountHasOneClassOfEachBuiltInGrid) {
  for (int r_count = 2; r_count <= 10; ++r_count) {
    for (int f_count = 2; f_count <= 10; ++f_count) {
      const RfmModel model = ModelOf({r_count, f_count, 5});
      for (int r = 1; r <= r_count; ++r) {
        for (int f = 1; f <= f_count; ++f) {
          const uint8_t eleven = ClassOfEleven(model, ScoresOf(r, f, 1));
          const uint8_t ten = ClassOfTen(model, ScoresOf(r, f, 1));
          ASSERT_TRUE(eleven >= 1 && eleven <= 11) << r << " " << f;
          ASSERT_TRUE(ten >= 1 && ten <= 10) << r << " " << f;
          // The same cell of the five, whose class is known.
          EXPECT_EQ(eleven, ClassOfEleven(ModelOf({5, 5, 5}), ScoresOf((5 * r + r_count - 1) / r_count,
                                                                       (5 * f + f_count - 1) / f_count, 1)));
          if (r == r_count && f == f_count) {
            EXPECT_EQ(NameOf(ClassesOfEleven(), eleven), "champions");
          }
        }
      }
    }
  }
  EXPECT_EQ(ClassOfEleven(ModelOf({5, 5, 5}), {}), 0);
}

TEST(Grids, FrequencyMayBeTheMeanWithMonetary) {
  RfmModel model = ModelOf({5, 5, 5});
  model.mean_fm = true;
  for (int f = 1; f <= 5; ++f) {
    for (int m = 1; m <= 5; ++m) {
      const int mean = (f + m + 1) / 2;  // halves up
      EXPECT_EQ(GridFrequency(model, ScoresOf(5, f, m)), mean);
      EXPECT_EQ(ClassOfEleven(model, ScoresOf(5, f, m)), ClassOfEleven(ModelOf({5, 5, 5}), ScoresOf(5, mean, 1)));
    }
  }
}

TEST(Grids, TheEightCompareWithTheMeans) {
  RfmModel model = ModelOf({5, 5, 5});
  model.customers = 4;
  model.sums = {42, 10, 1001};  // means 10.5 days, 2.5 purchase days, 250.25 micros
  struct Case {
    std::array<int64_t, 3> values;
    const char* name;
  };
  const std::vector<Case> cases = {{{10, 3, 251}, "important_value"}, {{10, 2, 251}, "important_develop"},
                                   {{11, 3, 251}, "important_keep"},  {{11, 2, 251}, "important_retain"},
                                   {{10, 3, 250}, "general_value"},   {{10, 2, 250}, "general_develop"},
                                   {{11, 3, 250}, "general_keep"},    {{11, 2, 250}, "lost"}};
  std::set<std::string> reached;
  for (const Case& c : cases) {
    EXPECT_EQ(NameOf(ClassesOfEight(), ClassOfEight(model, c.values)), c.name);
    reached.insert(c.name);
  }
  EXPECT_EQ(reached.size(), ClassesOfEight().size());
  model.sums = {40, 8, 1000};
  EXPECT_EQ(NameOf(ClassesOfEight(), ClassOfEight(model, {10, 2, 250})), "important_value") << "as good as the mean";
}

TEST(Grids, OfAJobFollowTheirCells) {
  RfmModel model = ModelOf({3, 2, 4});
  model.grid = "mine";
  const GridSettings settings{.axes = {0, 2}, .cells = {{"[1-2][1-4]", "rest"}, {"3[2-4]", "good"}, {"31", "odd"}}};
  const auto compiled = CompileGrid(settings, model.axis_scores);
  ASSERT_TRUE(compiled.ok()) << compiled.status();
  model.grid_classes = compiled->classes;
  model.grid_axes = compiled->axes;
  model.grid_cells = compiled->cells;
  for (int r = 1; r <= 3; ++r) {
    for (int f = 1; f <= 2; ++f) {
      for (int m = 1; m <= 4; ++m) {
        const std::string expected = r < 3 ? "rest" : m == 1 ? "odd" : "good";
        const uint8_t code = ClassOfGrid(model, ScoresOf(r, f, m), {0, 0, 0});
        ASSERT_TRUE(code >= 1 && code <= 3);
        EXPECT_EQ(model.grid_classes[code - 1U], expected) << r << f << m;
      }
    }
  }
  EXPECT_EQ(ClassOfGrid(model, {}, {0, 0, 0}), 0);
}

}  // namespace
}  // namespace strata
