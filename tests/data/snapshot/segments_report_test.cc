// The segments report comes back as it was written.
#include <gtest/gtest.h>

#include <bit>
#include <tuple>

#include "data/snapshot/snapshot.h"
#include "model/customer_score.h"

namespace strata {
namespace {

std::vector<SegmentLine> Sample() {
  return {{.kind = "rfm",
           .name = "champions",
           .customers = 3,
           .share = 0.1,
           .mean_recency_days = 2.5,
           .mean_purchase_days = 4,
           .mean_net = -0.0,
           .mean_p_alive = 5e-324,
           .mean_lifetime_value = 7,
           .mean_churn_probability = 8,
           .sum_net = 1e300,
           .sum_lifetime_value = 10},
          {.kind = "class", .name = "no_purchase", .customers = 1, .mean_p_alive = kAbsent, .sum_net = kAbsent}};
}

auto Bits(const SegmentLine& line) {
  const auto bits = [](double value) { return std::bit_cast<uint64_t>(value); };
  const auto& [kind, name, customers, share, recency, purchase_days, net, p_alive, value, churn, sum_net, sum_value,
               title, condition, entered, left] = line;
  return std::tuple(title, condition, entered, left, kind, name, customers, bits(share), bits(recency),
                    bits(purchase_days), bits(net), bits(p_alive), bits(value), bits(churn), bits(sum_net),
                    bits(sum_value));
}

TEST(SegmentsReport, ComesBackAsItWasWritten) {
  const absl::StatusOr<std::string> bytes = EncodeSegmentsReport(Sample());
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const absl::StatusOr<std::vector<SegmentLine>> lines = DecodeSegmentsReport(*bytes);
  ASSERT_TRUE(lines.ok()) << lines.status();
  ASSERT_EQ(lines->size(), 2u);
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ(Bits((*lines)[i]), Bits(Sample()[i])) << i;
  EXPECT_EQ(*EncodeSegmentsReport(Sample()), *bytes);
}

TEST(SegmentsReport, MayBeEmpty) { EXPECT_TRUE(DecodeSegmentsReport(*EncodeSegmentsReport({}))->empty()); }

TEST(SegmentsReport, DamageIsRefusedOrHarmless) {
  const std::string bytes = *EncodeSegmentsReport(Sample());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodeSegmentsReport(std::string_view(bytes).substr(0, size)).status().code(),
              absl::StatusCode::kDataLoss);
  }
  int refused = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    refused += !DecodeSegmentsReport(flipped).ok();
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace strata
