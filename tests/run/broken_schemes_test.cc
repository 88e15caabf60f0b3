// Every way to get RFM, value, levels and life-cycle of a job wrong names the key, what was found and what is allowed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "run/job_schemes.h"

namespace strata {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* section;  // of `models`, on one line
  const char* key;      // that the message names
  std::vector<const char*> parts;
};

absl::Status ReadAll(const std::string& section) {
  const auto root = YamlSection::ParseFile("models:\n  " + section + "\n", "night.yaml", {"models"});
  STRATA_RETURN_IF_ERROR(root.status());
  STRATA_ASSIGN_OR_RETURN(const auto models, root->Section("models", {"rfm", "value", "levels", "life_cycle"}));
  std::optional<RfmRules> rfm;
  std::optional<ValueSettings> value;
  std::optional<LevelSettings> levels;
  std::optional<LifeCycleSettings> life_cycle;
  STRATA_RETURN_IF_ERROR(ReadRfmRules(*models, &rfm));
  STRATA_RETURN_IF_ERROR(ReadValueSettings(*models, &value));
  STRATA_RETURN_IF_ERROR(ReadLevelSettings(*models, &levels));
  return ReadLifeCycleSettings(*models, &life_cycle);
}

void ExpectRefused(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.section);
    const absl::Status status = ReadAll(c.section);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(DetailOf(status)->reason, "JOB_INVALID");
    const std::string message(status.message());
    EXPECT_THAT(message, HasSubstr("night.yaml:2: models." + std::string(c.key) + ": "));
    for (const char* part : c.parts) EXPECT_THAT(message, HasSubstr(part));
  }
}

TEST(BrokenSchemes, Rfm) {
  ExpectRefused({
      {"rfm: {score: 5}", "rfm.score", {"unknown key", "did you mean 'scores'?"}},
      {"rfm: {scores: 1}", "rfm.scores", {"'1'", "from 2 to 10"}},
      {"rfm: {scores: 11}", "rfm.scores", {"'11'", "from 2 to 10"}},
      {"rfm: {scores: {recency: 1}}", "rfm.scores.recency", {"'1'", "from 2 to 10"}},
      {"rfm: {scores: {money: 3}}", "rfm.scores.money", {"unknown key", "monetary"}},
      {"rfm: {scores: [5]}", "rfm.scores", {"a list", "from 2 to 10"}},
      {"rfm: {cuts: deciles}", "rfm.cuts", {"'deciles'", "quantile, fixed, nested"}},
      {"rfm: {ties: random}", "rfm.ties", {"'random'", "value, mid_rank"}},
      {"rfm: {cuts: fixed}", "rfm.fixed", {"missing", "recency_days, frequency, monetary"}},
      {"rfm: {fixed: {frequency: [1, 2]}}", "rfm.fixed", {"not fixed", "only with cuts: fixed"}},
      {"rfm: {cuts: fixed, fixed: {recency_days: [1, 2, 3, 4]}}", "rfm.fixed.frequency", {"missing", "4 cuts"}},
      {"rfm: {cuts: fixed, fixed: {recency_days: [1, 2]}}", "rfm.fixed.recency_days", {"a list of 2", "a list of 4"}},
      {"rfm: {scores: 3, cuts: fixed, fixed: {recency_days: [9, 9]}}",
       "rfm.fixed.recency_days",
       {"'9'", "greater than"}},
      {"rfm: {scores: 3, cuts: fixed, fixed: {recency_days: [-1, 9]}}", "rfm.fixed.recency_days", {"'-1'", "from 0"}},
      {"rfm: {scores: 2, cuts: fixed, fixed: {recency_days: [1], frequency: [1.5]}}",
       "rfm.fixed.frequency",
       {"'1.5'", "whole"}},
      {"rfm: {scores: 2, cuts: fixed, fixed: {recency_days: [1], frequency: [1], monetary: [0.1234567]}}",
       "rfm.fixed.monetary",
       {"'0.1234567'", "6 decimals"}},
      {"rfm: {scores: 2, cuts: fixed, ties: mid_rank, fixed: {recency_days: [1]}}",
       "rfm.ties",
       {"'mid_rank'", "value"}},
      {"rfm: {scores: 2, cuts: fixed, refit: frozen, fixed: {recency_days: [1], frequency: [1], monetary: [1]}}",
       "rfm.refit",
       {"'frozen'", "nightly"}},
      {"rfm: {refit: weekly}", "rfm.refit", {"'weekly'", "nightly, frozen"}},
      {"rfm: {window: year}", "rfm.window", {"'year'", "all, {days: N}"}},
      {"rfm: {window: {days: 0}}", "rfm.window.days", {"'0'", "from 1 to 36500"}},
      {"rfm: {window: {days: 3, count: 4}}", "rfm.window.days", {"twice"}},
      {"rfm: {window: {count: 3}}", "rfm.window.calendar", {"missing", "month, quarter or year"}},
      {"rfm: {window: {calendar: week}}", "rfm.window.calendar", {"'week'", "month, quarter, year"}},
      {"rfm: {window: {calendar: month, count: 0}}", "rfm.window.count", {"'0'", "from 1 to 400"}},
      {"rfm: {frequency_axis: both}", "rfm.frequency_axis", {"'both'", "frequency, mean_fm"}},
      {"rfm: {frequency_axis: mean_fm, scores: {frequency: 4}}", "rfm.frequency_axis", {"4 frequency", "5 monetary"}},
  });
}

TEST(BrokenSchemes, Grids) {
  ExpectRefused({
      {"rfm: {grid: nine}", "rfm.grid", {"'nine'", "eleven, ten, eight"}},
      {"rfm: {grids: []}", "rfm.grids", {"a list", "a mapping of names to grids"}},
      {"rfm: {grids: {ten: {axes: [recency]}}}", "rfm.grids.ten", {"built-in", "another name"}},
      {"rfm: {grids: {g: {cells: {}}}}", "rfm.grids.g.axes", {"missing", "recency, frequency, monetary"}},
      {"rfm: {grids: {g: {axes: [frequency, recency]}}}", "rfm.grids.g.axes", {"'recency'", "in this order"}},
      {"rfm: {grids: {g: {axes: [recency, recency]}}}", "rfm.grids.g.axes", {"'recency'", "at most once"}},
      {"rfm: {grids: {g: {axes: [age]}}}", "rfm.grids.g.axes", {"'age'"}},
      {"rfm: {grids: {g: {axes: [recency]}}}", "rfm.grids.g.cells", {"missing", "a mapping of cells"}},
      {"rfm: {grids: {g: {axes: [recency], cells: {\"[1-4]\": a}}}}", "rfm.grids.g.cells", {"recency 5 has no class"}},
      {"rfm: {grids: {g: {axes: [recency], cells: {\"[1-4]\": a, \"[4-5]\": b}}}}",
       "rfm.grids.g.cells",
       {"recency 4 has two classes", "'a'", "'b'"}},
      {"rfm: {grids: {g: {axes: [recency], cells: {\"[1-6]\": a}}}}",
       "rfm.grids.g.cells",
       {"'[1-6]'", "recency 1 to 5"}},
      {"rfm: {grids: {g: {axes: [recency], cells: {\"[1-5]\": ' '}}}}", "rfm.grids.g.cells.[1-5]", {"not blank"}},
  });
}

TEST(BrokenSchemes, Value) {
  ExpectRefused({
      {"value: {windows: 3}", "value.windows", {"unknown key", "window_days"}},
      {"value: {window_days: 0}", "value.window_days", {"'0'", "all, or a whole number from 1"}},
      {"value: {a: 1.5}", "value.a", {"'1.5'", "between 0 and 1"}},
      {"value: {a: 0}", "value.a", {"'0'", "between 0 and 1"}},
      {"value: {a: 0.96}", "value.a", {"a less than b"}},
      {"value: {b: 0.5}", "value.b", {"a less than b"}},
      {"value: {d_beyond: 0.9}", "value.d_beyond", {"'0.9'", "greater than b"}},
      {"value: {loyalty: {up: 5}}", "value.loyalty.up", {"'5'", "from 0 to 4"}},
      {"value: {loyalty: {up: 2, down: 2}}", "value.loyalty.down", {"found 2 with up: 2", "less than up"}},
      {"value: {stability: {up_max: 4}}", "value.stability.up_max", {"not below down_min"}},
      {"value: {stability: {down_min: x}}", "value.stability.down_min", {"'x'", "from 0 to 1000"}},
      {"value: {peer_quantile: 1}", "value.peer_quantile", {"'1'", "between 0 and 1"}},
      {"value: {peers_min: 0}", "value.peers_min", {"'0'", "from 1"}},
      {"value: {refit: never}", "value.refit", {"'never'", "nightly, frozen"}},
      {"value: {treatment: {E: call}}", "value.treatment.E", {"unknown key", "A, B, C, D"}},
      {"value: {treatment: {A: ''}}", "value.treatment.A", {"not blank"}},
  });
}

TEST(BrokenSchemes, LevelsAndLifeCycle) {
  ExpectRefused({
      {"levels: {cuts: [0.5]}", "levels.cuts", {"a list of 1", "a list of 2"}},
      {"levels: {cuts: [0.5, 1]}", "levels.cuts", {"'1'", "between 0 and 1"}},
      {"levels: {cuts: [0.8, 0.5]}", "levels.cuts", {"'0.5'", "greater than the one before"}},
      {"levels: {cuts: 0.5}", "levels.cuts", {"'0.5'", "a list of 2"}},
      {"levels: {quantity: {}}", "levels.quantity", {"unknown key"}},
      {"levels: {amount: {fixed: [1, 2], cuts: [0.1, 0.2]}}", "levels.amount.fixed", {"twice"}},
      {"levels: {frequency: {fixed: [1, 2.5]}}", "levels.frequency.fixed", {"'2.5'", "whole numbers"}},
      {"levels: {order: {fixed: [1, a]}}", "levels.order.fixed", {"'a'", "amounts"}},
      {"life_cycle: {gap_days: 0}", "life_cycle.gap_days", {"'0'", "from 1 to 3650"}},
      {"life_cycle: {quantiles: [0.8, 0.9]}", "life_cycle.quantiles", {"a list of 2", "a list of 3"}},
      {"life_cycle: {quantiles: [0.8, 0.8, 0.9]}", "life_cycle.quantiles", {"'0.8'", "greater than"}},
      {"life_cycle: {fixed_days: [60, 120]}", "life_cycle.fixed_days", {"a list of 2", "3 whole numbers of days"}},
      {"life_cycle: {fixed_days: [1, 2, 3], refit: frozen}", "life_cycle.refit", {"only without fixed_days"}},
      {"life_cycle: {fixed_days: [1, 2, 3], quantiles: [0.1, 0.2, 0.3]}", "life_cycle.quantiles", {"only without"}},
      {"life_cycle: {refit: 3}", "life_cycle.refit", {"'3'", "nightly, frozen"}},
  });
}

}  // namespace
}  // namespace strata
