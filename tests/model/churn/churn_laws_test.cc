// The laws of partials in every round of both kinds of churn, and the same bits for any sharding, order and threads.
#include <gtest/gtest.h>
#include <tbb/global_control.h>

#include "tests/model/churn/rhythm_base.h"
#include "tests/model/partial_laws.h"

namespace strata {
namespace {

class ChurnLaws : public testing::TestWithParam<bool> {
 protected:
  ChurnFitSettings Settings() const {
    ChurnFitSettings settings = ChurnTestSettings(GetParam());
    settings.cutoffs = 2;
    settings.boost.trees = 12;
    settings.boost.early_stopping = 3;
    settings.boost.row_share = 0.7;
    settings.boost.feature_share = 0.8;
    settings.train_rows = 900;  // a sample that does not hold the base whole
    settings.penalty = {.lambda = 2, .l1_ratio = 0.3};
    return settings;
  }
  static std::vector<TestRow> Rows() {
    std::vector<TestRow> rows = RhythmRows(21, 900, kChurnAsOf - 600);
    for (const TestRow& row : RandomRows(77, 600, kChurnAsOf - 400, kChurnAsOf)) {
      rows.push_back(row);
      rows.back().customer += 10'000;
    }
    return rows;
  }
};
INSTANTIATE_TEST_SUITE_P(Kinds, ChurnLaws, testing::Bool(), [](const auto& kind) {
  return kind.param ? "Trees" : "Logistic";
});

std::string BitsOf(const ChurnModel& m) {
  Fingerprint bits;
  bits << m.reason << m.mean << m.deviation << m.coefficients << m.intercept << m.rows << m.churned << m.train_cutoff
       << m.test_cutoff << m.holdout_rows << m.auc << m.log_loss << m.brier << m.calibration_error << m.best_baseline
       << m.auc_gain_low << m.auc_gain_high << static_cast<int>(m.grade) << m.grade_reason << m.medians << m.warnings
       << m.average_precision << m.calibration_error_perfect;
  for (const Baseline& baseline : m.baselines) bits << baseline.name << baseline.auc << baseline.threshold;
  for (const ChurnDriver& driver : m.drivers) bits << driver.feature << driver.contribution << driver.single_auc;
  ByteWriter writer;
  if (m.ensemble.has_value()) m.ensemble->Encode(&writer);
  m.calibration.Encode(&writer);
  m.plan.Encode(&writer);
  return bits.Take() + writer.Take();
}

TEST_P(ChurnLaws, HoldInEveryRound) {
  ExpectLawsInEveryRound(ChurnFitter(Settings()), TestBase(Rows(), kChurnAsOf, kChurnHorizon, 5));
}

TEST_P(ChurnLaws, CutBytesAreNoticed) {
  ExpectCutBytesAreNoticed(ChurnFitter(Settings()), TestBase(Rows(), kChurnAsOf, kChurnHorizon, 1));
}

TEST_P(ChurnLaws, TheResultDoesNotDependOnShardsOrderOrThreads) {
  std::string expected;
  uint64_t order_seed = 0;
  for (const size_t threads : {1u, 2u, 4u}) {
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
    for (const uint32_t shards : {1u, 3u, 7u}) {
      const TestBase base(Rows(), kChurnAsOf, kChurnHorizon, shards);
      const ChurnModel model = FitChurn(base.shards(), Settings(), ++order_seed);
      ASSERT_TRUE(model.fitted) << model.reason;
      EXPECT_EQ(model.algorithm, GetParam() ? ChurnAlgorithm::kTrees : ChurnAlgorithm::kLogistic);
      EXPECT_NE(model.grade, Grade::kNone) << model.grade_reason;
      const std::string bits = BitsOf(model);
      if (expected.empty()) expected = bits;
      EXPECT_EQ(bits == expected, true) << shards << " shards, " << threads << " threads";
    }
  }
}

}  // namespace
}  // namespace strata
