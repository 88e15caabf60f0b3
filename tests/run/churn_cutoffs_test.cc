#include <gtest/gtest.h>

#include "run/churn_settings.h"

namespace strata {
namespace {

TEST(ChurnCutoffs, AreAsManyAsTheJobSaysOrTheHistoryHas) {
  const Day as_of = 20'000;
  const ChurnSettings usual;  // a horizon of 90 days, at risk for 180
  const ChurnSettings said{.cutoffs = 5};
  const struct {
    const ChurnSettings& settings;
    std::optional<Day> first_day;
    int64_t rows;
    int cutoffs;
  } cases[] = {
      {usual, as_of - 2000, 50'000, 3},    {usual, as_of - 2000, 999'999, 3},
      {usual, as_of - 2000, 1'000'000, 1},  // rows enough at one
      {usual, as_of - 450, 50'000, 3},      // four horizons and half of 180 days
      {usual, as_of - 449, 50'000, 2},     {usual, as_of - 360, 50'000, 2},
      {usual, as_of - 359, 50'000, 1},     {usual, as_of - 10, 50, 1},
      {usual, std::nullopt, 0, 1},         {said, as_of - 10, 5'000'000, 5},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ChurnCutoffs(c.settings, as_of, c.first_day, c.rows), c.cutoffs)
        << c.rows << " rows since " << as_of - c.first_day.value_or(as_of) << " days";
  }
}

}  // namespace
}  // namespace strata
