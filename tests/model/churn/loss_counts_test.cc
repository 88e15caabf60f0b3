// Rates of loss: published intervals, counts that merge, and no rate of a handful.
#include "model/churn/loss_counts.h"

#include <gtest/gtest.h>

#include <cmath>

namespace strata {
namespace {

// Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3 (score without continuity correction).
TEST(Wilson, IsAsPublished) {
  struct Published {
    int64_t hits, of;
    double low, high;
  };
  for (const Published& row : {Published{81, 263, 0.2553, 0.3662}, Published{15, 148, 0.0624, 0.1605},
                               Published{0, 20, 0.0000, 0.1611}, Published{1, 29, 0.0061, 0.1718}}) {
    const ShareInterval found = WilsonInterval(row.hits, row.of);
    EXPECT_NEAR(found.low, row.low, 5e-5) << row.hits << " of " << row.of;
    EXPECT_NEAR(found.high, row.high, 5e-5) << row.hits << " of " << row.of;
  }
}

// The ends are the shares whose score test just does not reject.
TEST(Wilson, EndsAreThoseOfTheScoreTest) {
  for (const int64_t of : {1, 7, 40, 1000, 1'000'000}) {
    for (int64_t hits = 0; hits <= of; hits += 1 + of / 9) {
      const ShareInterval found = WilsonInterval(hits, of);
      const double share = static_cast<double>(hits) / static_cast<double>(of);
      for (const double end : {found.low, found.high}) {
        if (end == 0 || end == 1) continue;
        const double error = std::sqrt(end * (1 - end) / static_cast<double>(of));
        EXPECT_NEAR(std::fabs(share - end) / error, kNormal975, 1e-6) << hits << " of " << of;
      }
    }
  }
  EXPECT_EQ(WilsonInterval(0, 50).low, 0);
  EXPECT_EQ(WilsonInterval(50, 50).high, 1);
  EXPECT_EQ(WilsonInterval(0, 0).high, 1);
}

TEST(LossCounts, CountLossesByHeadAndByNet) {
  LossCounts counts, other;
  for (int i = 0; i < 15; ++i) counts.Add(false, 10'000'000);
  for (int i = 0; i < 4; ++i) other.Add(true, 25'000'000);
  other.Add(true, -3'000'000);  // gave back more than was bought: no net to lose
  EXPECT_FALSE(RatesOf(counts).has_value()) << "19 are not told";
  ByteWriter writer;
  other.Encode(&writer);
  ByteReader reader(writer.bytes());
  counts.Merge(LossCounts::Decode(&reader));
  ASSERT_TRUE(reader.Finish("counts").ok());
  counts.Merge(LossCounts());
  const auto rates = RatesOf(counts);
  ASSERT_TRUE(rates.has_value());
  EXPECT_EQ(rates->churn, 0.25);
  EXPECT_EQ(rates->net, 100.0 / 250);
}

TEST(LossCounts, WithoutNetThereIsNoShareOfIt) {
  LossCounts counts;
  for (int i = 0; i < 20; ++i) counts.Add(i < 5, 0);
  ASSERT_TRUE(RatesOf(counts).has_value());
  EXPECT_EQ(RatesOf(counts)->net, std::nullopt);
}

}  // namespace
}  // namespace strata
