// The lifetime fit: bytes that do not depend on sharding, degenerate bases, drop-out that is or is not there.
#include "model/lifetime/lifetime_fitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "model/lifetime/history_table.h"
#include "model/lifetime/likelihood.h"
#include "tests/base/status_matchers.h"
#include "tests/model/lifetime/customer_base.h"

namespace strata {
namespace {

using testing::HasSubstr;
using View = LifetimeFitter::View;

LifetimeFit Fit(const CustomerBase& base, size_t shards = 1) {
  LifetimeFitter fitter({}, View::kToday);
  RunFitter(&fitter, base.Shards(shards));
  return fitter.result().fit;
}

// a / (a + b)
double MeanDropOut(const LifetimeFit& fit) {
  return fit.parameters.value[2] / (fit.parameters.value[2] + fit.parameters.value[3]);
}

std::string Bytes(const PurchaseTable& table) {
  ByteWriter writer;
  table.Encode(&writer);
  return writer.Take();
}

void ExpectNoNan(const LifetimeFit& fit) {
  for (const double value : fit.parameters.value) EXPECT_TRUE(std::isfinite(value));
  for (const ParameterEstimate& estimate : fit.estimates) {
    EXPECT_TRUE(std::isfinite(estimate.estimate.value_or(0)) && std::isfinite(estimate.standard_error.value_or(0)));
  }
  EXPECT_TRUE(std::isfinite(fit.log_likelihood) && std::isfinite(fit.gradient_norm));
}

TEST(PurchaseTable, EqualCustomersGiveEqualBytesHoweverTheyAreShardedAndMerged) {
  const CustomerBase base = CdnowCalibration();
  const std::string whole = Bytes(PurchaseTable::Of(base.Columns()));
  for (const size_t count : {1, 2, 7, 64, 300}) {
    const std::vector<CustomerBase> shards = base.Shards(count);
    PurchaseTable forward;
    PurchaseTable backward;
    for (size_t i = 0; i < count; ++i) {
      forward.Merge(PurchaseTable::Of(shards[i].Columns()));
      PurchaseTable earlier = PurchaseTable::Of(shards[count - 1 - i].Columns());
      earlier.Merge(backward);
      backward = earlier;
    }
    EXPECT_EQ(Bytes(forward), whole) << count << " shards";
    EXPECT_EQ(Bytes(backward), whole) << count << " shards";
  }
}

TEST(PurchaseTable, DecodeReadsWhatEncodeWrote) {
  const std::string bytes = Bytes(PurchaseTable::Of(CdnowCalibration().Columns()));
  ByteReader reader(bytes);
  const PurchaseTable decoded = PurchaseTable::Decode(&reader);
  ASSERT_TRUE(reader.Finish("table").ok());
  EXPECT_EQ(Bytes(decoded), bytes);
  ByteReader truncated(std::string_view(bytes).substr(0, bytes.size() / 2));
  PurchaseTable::Decode(&truncated);
  EXPECT_FALSE(truncated.ok());
}

TEST(PurchaseTable, MergingWithItselfDoublesTheCounts) {
  PurchaseTable table = PurchaseTable::Of(CdnowCalibration().Columns());
  const std::vector<PurchaseRow> once = *table.Rows();
  table.Merge(table);
  const std::vector<PurchaseRow> twice = *table.Rows();
  ASSERT_EQ(twice.size(), once.size());
  for (size_t i = 0; i < once.size(); ++i) EXPECT_EQ(twice[i].customers, 2 * once[i].customers);
}

TEST(PurchaseTable, RowsAreCountsOfHistoriesInOrder) {
  CustomerBase base(100);
  base.Add(1, 3, 10, 60, 0);
  base.Add(2, 0, 0, 0, 0);  // no purchase: not in the table
  base.Add(3, 1, 40, 40, 0);
  base.Add(4, 3, 10, 60, 0);
  const std::vector<PurchaseRow> rows = *PurchaseTable::Of(base.Columns()).Rows();
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows[0].x, 0);
  EXPECT_EQ(rows[0].T_days, 60);
  EXPECT_EQ(rows[0].customers, 1);
  EXPECT_EQ(rows[1].x, 2);
  EXPECT_EQ(rows[1].t_x_days, 50);
  EXPECT_EQ(rows[1].T_days, 90);
  EXPECT_EQ(rows[1].customers, 2);
}

TEST(PurchaseTable, HistoriesThatNoCalendarAllowsAreAnErrorWithTheirNumber) {
  CustomerBase base(100);
  base.Add(1, 5, 98, 100, 0);   // four repeat days in two days
  base.Add(2, 1, 101, 101, 0);  // after the date
  LifetimeFitter fitter({}, View::kToday);
  const absl::Status status = fitter.Absorb(LifetimeFitter::Accumulate({}, base.Features(), WidestKernels()));
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("2 customers"));
}

TEST(PurchaseTable, DamagedBytesAreAnError) {
  ByteWriter writer;
  writer.I64(0);
  writer.U32(2);
  for (const uint64_t key : {7, 5}) {  // out of order
    writer.U64(key);
    writer.I64(1);
  }
  ByteReader reader(writer.bytes());
  LifetimeFitter fitter({}, View::kToday);
  EXPECT_EQ(fitter.Absorb({.purchases = PurchaseTable::Decode(&reader), .holdout = {}}).code(),
            absl::StatusCode::kDataLoss);
}

TEST(LifetimeFitter, ParametersAreTheSameToTheBitForAnySharding) {
  const CustomerBase base = CdnowCalibration();
  const LifetimeFit one = Fit(base, 1);
  for (const size_t shards : {3, 7, 64}) {
    const LifetimeFit other = Fit(base, shards);
    EXPECT_EQ(other.parameters, one.parameters);
    EXPECT_EQ(other.log_likelihood, one.log_likelihood);
    EXPECT_EQ(other.covariance, one.covariance);
  }
}

TEST(LifetimeFitter, FitsTheViewItWasAskedFor) {
  const CustomerBase today = Simulate({.r = 0.5, .alpha = 6, .a = 0.8, .b = 2.5}, 400, 60, 5);
  const CustomerBase cutoff = CdnowCalibration();
  const ShardFeatures shard{.today = today.Columns(), .churn_test = cutoff.Columns(), .churn_train = {}};
  LifetimeFitter fitter({}, View::kChurnTest);
  ASSERT_TRUE(fitter.Absorb(LifetimeFitter::Accumulate(*fitter.Next(), shard, WidestKernels())).ok());
  EXPECT_EQ(fitter.result().fit.customers, 2357);
  EXPECT_FALSE(fitter.Next().has_value());
  EXPECT_EQ(fitter.Absorb({}).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(LifetimeFitter, FindsTheTruthOfASimulatedBase) {
  const BgNbdParameters truth{.r = 0.6, .alpha = 5, .a = 0.9, .b = 3};
  for (const uint64_t seed : {1, 2, 3}) {
    const LifetimeFit model = Fit(Simulate(truth, 20000, 104, seed));
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    ASSERT_TRUE(model.fitted) << model.reason;
    EXPECT_TRUE(model.identified);
    // Days instead of moments in time cost a little on top of the sampling error.
    EXPECT_NEAR(model.parameters.value[0], truth.r, 4 * model.estimates[0].standard_error.value() + 0.02);
    EXPECT_NEAR(model.parameters.value[1], truth.alpha, 4 * model.estimates[1].standard_error.value() + 0.3);
    EXPECT_NEAR(MeanDropOut(model), truth.a / (truth.a + truth.b), 0.02);
  }
}

// A table of so many different histories that the search begins on a share of them ends at the optimum of them all.
TEST(LifetimeFitter, ALargeTableIsFittedToItsLastRow) {
  constexpr uint64_t kSeed = 7;
  const BgNbdParameters truth{.r = 0.8, .alpha = 3, .a = 0.9, .b = 6};
  const CustomerBase base = Simulate(truth, 150'000, 104, kSeed);
  const LifetimeFit model = Fit(base);
  ASSERT_TRUE(model.fitted) << model.reason;
  ASSERT_GT(model.unique_rows, 80'000u) << "seed " << kSeed;
  const auto rows = PurchaseTable::Of(base.Columns()).Rows();
  ASSERT_OK(rows.status());
  const HistoryTable table = HistoryTable::Of(*rows, 7);
  const auto likelihood = MakeLikelihood(LifetimeKind::kBgNbd, table);
  const double at_best = likelihood->Evaluate(model.parameters).value;
  EXPECT_DOUBLE_EQ(at_best, model.log_likelihood);
  for (size_t i = 0; i < 4; ++i) {
    for (const double factor : {0.9999, 1.0001}) {
      LifetimeParameters beside = model.parameters;
      beside.value[i] *= factor;
      EXPECT_LT(likelihood->Evaluate(beside).value, at_best);
    }
  }
  EXPECT_NEAR(MeanDropOut(model), truth.a / (truth.a + truth.b), 0.02);
}

TEST(LifetimeFitter, SaysThatDropOutIsNotIdentifiedWhereThereIsNone) {
  const BgNbdParameters truth{.r = 0.6, .alpha = 5, .a = 0, .b = 1};
  for (const uint64_t seed : {11, 12, 13, 14}) {
    const LifetimeFit model = Fit(Simulate(truth, 3000, 60, seed));
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    ASSERT_TRUE(model.fitted) << model.reason;
    EXPECT_FALSE(model.identified);
    ASSERT_FALSE(model.warnings.empty());
    EXPECT_THAT(model.warnings.back(), HasSubstr("attrition is not identified"));
    EXPECT_EQ(model.parameters.kind, LifetimeKind::kNbd);
    EXPECT_NEAR(model.parameters.value[0], truth.r, 0.08);
    EXPECT_NEAR(model.parameters.value[1], truth.alpha, 1);
    ExpectNoNan(model);
  }
}

struct Degenerate {
  const char* what;
  const char* reason;
  std::vector<std::array<int32_t, 3>> customers;  // purchase days, first day, last day; as of day 400
};

TEST(LifetimeFitter, BasesWithNothingToFitAreAnsweredWithAReason) {
  const auto repeated = [](int count, std::array<int32_t, 3> customer) {
    return std::vector<std::array<int32_t, 3>>(static_cast<size_t>(count), customer);
  };
  const Degenerate cases[] = {
      {"nobody", "no customer has a purchase day", {}},
      {"nobody with a purchase", "no customer has a purchase day", repeated(20, {0, 0, 0})},
      {"one customer", "only 1 customer has", {{5, 10, 90}}},
      {"everybody came on the date", "no time has passed", repeated(50, {1, 400, 400})},
      {"nobody came back", "second day", repeated(50, {1, 100, 100})},
  };
  for (const Degenerate& c : cases) {
    CustomerBase base(400);
    for (const auto& [days, first, last] : c.customers) base.Add(base.size(), days, first, last, 0);
    const LifetimeFit model = Fit(base);
    EXPECT_FALSE(model.fitted) << c.what;
    EXPECT_FALSE(model.identified) << c.what;
    EXPECT_THAT(model.reason, HasSubstr(c.reason)) << c.what;
    ExpectNoNan(model);
  }
}

TEST(LifetimeFitter, OddBasesNeverGiveNan) {
  const std::vector<std::vector<std::array<int32_t, 3>>> bases = {
      std::vector<std::array<int32_t, 3>>(50, {5, 100, 300}),    // all alike
      std::vector<std::array<int32_t, 3>>(50, {2, 100, 101}),    // all came back once, at once
      std::vector<std::array<int32_t, 3>>(50, {301, 100, 400}),  // all came every day
      std::vector<std::array<int32_t, 3>>(50, {4, 10, 400}),     // all came back on the date
  };
  for (size_t i = 0; i < bases.size(); ++i) {
    for (const bool one_comes_once : {false, true}) {
      CustomerBase base(400);
      for (const auto& [days, first, last] : bases[i]) base.Add(base.size(), days, first, last, 0);
      if (one_comes_once) base.Add(base.size(), 1, 50, 50, 0);
      const LifetimeFit model = Fit(base);
      SCOPED_TRACE(testing::Message() << "base " << i << (one_comes_once ? " and a one-time buyer" : ""));
      ExpectNoNan(model);
      EXPECT_TRUE(model.fitted || !model.reason.empty());
      const bool has_errors = std::all_of(model.estimates.begin(), model.estimates.end(),
                                          [](const auto& estimate) { return estimate.standard_error.has_value(); });
      EXPECT_FALSE(model.fitted && !has_errors && model.warnings.empty());
    }
  }
}

TEST(LifetimeFitter, OneRepeaterAmongManyIsFittedOrRefusedInWords) {
  CustomerBase base(400);
  for (int i = 0; i < 200; ++i) base.Add(base.size(), 1, i, i, 0);
  base.Add(base.size(), 2, 10, 200, 0);
  const LifetimeFit model = Fit(base);
  ExpectNoNan(model);
  EXPECT_FALSE(model.identified);
  EXPECT_TRUE(model.fitted ? !model.warnings.empty() : !model.reason.empty());
}

}  // namespace
}  // namespace strata
