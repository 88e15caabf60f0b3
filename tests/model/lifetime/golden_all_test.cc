// Every golden value of tests/data/clv_golden.json at its tolerance. An entry that nobody answers fails.
#include <gtest/gtest.h>

#include <string_view>

#include "tests/model/lifetime/golden_answers.h"

namespace strata {

LifetimeParameters ParametersOf(const GoldenEntry& entry) {
  LifetimeParameters parameters;
  if (entry.model == "NBD") parameters.kind = LifetimeKind::kNbd;
  if (entry.model == "MBG/NBD") parameters.kind = LifetimeKind::kMbgNbd;
  if (entry.model == "Pareto/NBD") parameters.kind = LifetimeKind::kParetoNbd;
  if (entry.model == "BG/BB") parameters.kind = LifetimeKind::kBgBb;
  const std::vector<double> values = entry.Inputs("params");
  for (size_t i = 0; i < values.size(); ++i) parameters.value[i] = values[i];
  return parameters;
}

bool AsksFor(const GoldenEntry& entry, const char* what) {
  const std::string_view name = entry.name;
  return name.substr(name.rfind('.') + 1).starts_with(what);
}

std::optional<std::vector<double>> AnswerOf(const GoldenEntry& entry) {
  if (const auto found = FitAnswer(entry)) return found;
  if (const auto found = BaseAnswer(entry)) return found;
  return CustomerAnswer(entry);
}

namespace {

TEST(Golden, EveryValueHoldsAtItsTolerance) {
  const std::vector<GoldenEntry> entries = AllGolden();
  EXPECT_EQ(entries.size(), 167u);
  for (const GoldenEntry& entry : entries) {
    const auto found = AnswerOf(entry);
    if (!found) {
      ADD_FAILURE() << "nobody answers " << entry.name;
      continue;
    }
    ExpectGolden(entry, *found);
  }
}

}  // namespace
}  // namespace strata
