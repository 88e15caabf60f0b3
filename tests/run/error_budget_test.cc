#include "run/error_budget.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

TEST(ErrorBudget, IsPassedExactlyOneOverTheLimit) {
  const struct {
    double ratio;
    std::optional<int64_t> max;
    int64_t rejected, read;
    const char* passed;
  } cases[] = {
      {0, {}, 0, 10, ""},
      {0, {}, 1, 1'000'000'000, "rejected_ratio_max is 0"},
      {0.01, {}, 10, 1000, ""},                            // exactly at it
      {0.01, {}, 11, 1000, "rejected_ratio_max is 0.01"},  // one over
      {0.01, {}, 999, 999, ""},                            // too few rows for a ratio
      {0.01, 5, 6, 100, "rejected_max is 5"},
      {0.01, 5, 5, 100, ""},
      {0.5, 5, 6, 1'000'000, "rejected_max is 5"},  // both hold
      {0, 5, 5, 10, ""},                            // a number instead of a ratio
      {0, 5, 6, 10, "rejected_max is 5"},
      {0, 0, 1, 10, "rejected_max is 0"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(PassedLimit({.rejected_ratio_max = c.ratio, .rejected_max = c.max}, c.rejected, c.read), c.passed)
        << c.rejected << " of " << c.read << " at " << c.ratio;
  }
}

}  // namespace
}  // namespace strata
