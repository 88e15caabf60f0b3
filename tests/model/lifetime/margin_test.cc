// The share of their net that customers leave after costs.
#include "model/lifetime/margin.h"

#include <gtest/gtest.h>

#include "base/column_type.h"
#include "model/columns.h"

namespace strata {
namespace {

struct Sums {
  int64_t gross = 0, returns = 0, margin = 0;
};

// The factor of a base, its customers dealt out to so many shards.
MarginFactor FactorOf(const std::vector<Sums>& customers, size_t shards = 1) {
  MarginFitter fitter("net less costs");
  MarginFitter::Partial merged;
  for (size_t s = 0; s < shards; ++s) {
    std::vector<int64_t> gross, returns, margin;
    for (size_t i = s; i < customers.size(); i += shards) {
      gross.push_back(customers[i].gross);
      returns.push_back(customers[i].returns);
      margin.push_back(customers[i].margin);
    }
    ColumnSet profile;
    profile.Add({.name = "gross", .unit = "micros", .whole = gross, .number = {}, .code = {}, .words = {}});
    profile.Add({.name = "returns", .unit = "micros", .whole = returns, .number = {}, .code = {}, .words = {}});
    profile.Add({.name = "margin", .unit = "micros", .whole = margin, .number = {}, .code = {}, .words = {}});
    ShardFeatures shard;
    shard.profile = &profile;
    merged.Merge(MarginFitter::Accumulate(*fitter.Next(), shard, WidestKernels()));
  }
  ByteWriter writer;
  merged.Encode(&writer);
  ByteReader reader(writer.bytes());
  EXPECT_TRUE(fitter.Absorb(MarginFitter::Partial::Decode(&reader)).ok());
  EXPECT_EQ(fitter.Next(), std::nullopt);
  EXPECT_FALSE(fitter.Absorb(merged).ok());
  return fitter.result();
}

TEST(Margin, IsASumOverASumAndNotAMeanOfShares) {
  const std::vector<Sums> base = {{100, 0, 10}, {900, 100, 440}, {50, 50, -20}, {0, 0, kNoWhole}};
  for (const size_t shards : {1, 2, 4}) {
    const MarginFactor factor = FactorOf(base, shards);
    EXPECT_DOUBLE_EQ(factor.factor, 430.0 / 900);
    EXPECT_EQ(factor.customers, 3);
    EXPECT_TRUE(factor.reason.empty());
    EXPECT_TRUE(factor.asked);
  }
}

TEST(Margin, MayBeALoss) { EXPECT_DOUBLE_EQ(FactorOf({{100, 0, -30}}).factor, -0.3); }

TEST(Margin, IsNoneWhereNothingIsEarned) {
  EXPECT_EQ(FactorOf({}).factor, 1);
  EXPECT_EQ(FactorOf({}).reason, "no customer has a margin: values are of net revenue");
  EXPECT_EQ(FactorOf({{10, 10, -5}}).factor, 1);
  EXPECT_EQ(FactorOf({{10, 10, -5}}).reason,
            "the customers' net is not positive, so it has no margin: values are of net revenue");
}

TEST(Margin, IsNoneWithoutAProfile) {
  MarginFitter fitter("net less costs");
  const MarginFitter::Partial partial = MarginFitter::Accumulate(*fitter.Next(), {}, WidestKernels());
  EXPECT_EQ(partial.customers, 0);
}

}  // namespace
}  // namespace strata
