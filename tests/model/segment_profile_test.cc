// Profiles of segments against sums by hand, and their laws as a partial.
#include "model/segment_profile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace strata {
namespace {

CustomerScore Buyer(RfmSegment segment, int cluster, int32_t purchase_days, int64_t net_micros) {
  CustomerScore score;
  score.segment = segment;
  score.cluster = static_cast<int16_t>(cluster);
  score.purchase_days = purchase_days;
  score.net_micros = net_micros;
  return score;
}

const SegmentProfileLine& Find(const std::vector<SegmentProfileLine>& lines, std::string_view name) {
  for (const SegmentProfileLine& line : lines) {
    if (line.name == name) return line;
  }
  ADD_FAILURE() << "no line " << name;
  return lines.front();
}

TEST(SegmentProfiles, AreSizesAndMeansByClass) {
  SegmentProfiles profiles;
  CustomerScore one = Buyer(RfmSegment::kLoyal, 1, 4, 10'500'000);
  one.p_alive = 0.75;
  one.lifetime_value = 30;
  one.churn_probability = 0.25;
  profiles.Add(10, one);
  CustomerScore two = Buyer(RfmSegment::kLoyal, 0, 2, -500'000);
  two.p_alive = 0.25;
  two.lifetime_value = 10;  // and no churn probability
  profiles.Add(30, two);
  CustomerScore none;
  none.net_micros = -3'000'000;
  none.flags = kFlagNoPurchase;
  profiles.Add(0, none);

  const std::vector<SegmentProfileLine> lines = profiles.Lines();
  ASSERT_EQ(lines.size(), 11u + 2u + 1u);
  EXPECT_EQ(lines.front().name, "champions");
  const SegmentProfileLine& loyal = Find(lines, "loyal");
  EXPECT_EQ(loyal.kind, "rfm");
  EXPECT_EQ(loyal.customers, 2);
  EXPECT_DOUBLE_EQ(loyal.share, 2.0 / 3);
  EXPECT_DOUBLE_EQ(loyal.mean_recency_days, 20);
  EXPECT_DOUBLE_EQ(loyal.mean_purchase_days, 3);
  EXPECT_DOUBLE_EQ(loyal.mean_net, 5);
  EXPECT_DOUBLE_EQ(loyal.sum_net, 10);
  EXPECT_DOUBLE_EQ(loyal.mean_p_alive, 0.5);
  EXPECT_DOUBLE_EQ(loyal.mean_lifetime_value, 20);
  EXPECT_DOUBLE_EQ(loyal.sum_lifetime_value, 40);
  EXPECT_DOUBLE_EQ(loyal.mean_churn_probability, 0.25) << "over the one customer at risk";

  const ProfileTotals totals = profiles.Totals();
  EXPECT_EQ(totals.customers, 3);
  EXPECT_EQ(totals.net_micros, Int128{7'000'000}) << "customers without a purchase count";
  EXPECT_DOUBLE_EQ(totals.mean_p_alive, 0.5) << "over the two of whom it is known";
  EXPECT_DOUBLE_EQ(totals.mean_lifetime_value, 20);
  EXPECT_DOUBLE_EQ(totals.mean_churn_probability, 0.25);

  EXPECT_EQ(Find(lines, "cluster-1").customers, 1);
  EXPECT_EQ(Find(lines, "cluster-2").kind, "cluster");
  EXPECT_DOUBLE_EQ(Find(lines, "cluster-2").mean_recency_days, 10);

  const SegmentProfileLine& no_purchase = Find(lines, "no_purchase");
  EXPECT_EQ(no_purchase.kind, "class");
  EXPECT_EQ(no_purchase.customers, 1);
  EXPECT_DOUBLE_EQ(no_purchase.mean_net, -3);
  EXPECT_TRUE(std::isnan(no_purchase.mean_recency_days));
  EXPECT_TRUE(std::isnan(no_purchase.mean_p_alive));

  const SegmentProfileLine& empty = Find(lines, "lost");
  EXPECT_EQ(empty.customers, 0);
  EXPECT_EQ(empty.share, 0);
  EXPECT_TRUE(std::isnan(empty.mean_net));
}

std::string BytesOf(const SegmentProfiles& profiles) {
  ByteWriter writer;
  profiles.Encode(&writer);
  return writer.Take();
}

TEST(SegmentProfiles, MergeExactlyInAnyOrder) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    SegmentProfiles whole;
    std::vector<SegmentProfiles> shards(4);
    for (int i = 0; i < 200; ++i) {
      CustomerScore score = Buyer(static_cast<RfmSegment>(random() % 12), static_cast<int>(random() % 5) - 1,
                                  static_cast<int32_t>(random() % 4), static_cast<int64_t>(random() % 1000000007));
      score.p_alive = static_cast<double>(random() % 1000) / 999;
      if (random() % 2 == 0) score.lifetime_value = 1e9 / static_cast<double>(1 + random() % 97);
      const int64_t recency_days = static_cast<int64_t>(random() % 500);
      whole.Add(recency_days, score);
      shards[random() % 4].Add(recency_days, score);
    }
    SegmentProfiles left;  // ((0 + a) + b) + (c + d), and backwards
    left.Merge(shards[0]);
    left.Merge(shards[1]);
    SegmentProfiles right = shards[3];
    right.Merge(shards[2]);
    SegmentProfiles backwards = right;
    backwards.Merge(left);
    left.Merge(right);
    EXPECT_EQ(BytesOf(left), BytesOf(whole));
    EXPECT_EQ(BytesOf(backwards), BytesOf(whole));
    const std::string bytes = BytesOf(whole);
    ByteReader reader(bytes);
    EXPECT_EQ(SegmentProfiles::Decode(&reader), whole);
    EXPECT_TRUE(reader.Finish("profiles").ok());
  }
}

}  // namespace
}  // namespace strata
