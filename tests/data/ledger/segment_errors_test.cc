// What a segment refuses, and how it says so.
#include <gtest/gtest.h>

#include "tests/data/ledger/shards.h"

namespace strata {
namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

absl::StatusOr<ShardUpdate> Build(const std::vector<RawRow>& rows) { return BuildShard({ToBatch(rows, false)}, false); }

std::string ReasonOf(const absl::Status& status) {
  const std::optional<ErrorDetail> detail = DetailOf(status);
  return detail.has_value() ? detail->reason : "";
}

TEST(SegmentErrors, ADayBeyond64BitsIsNamed) {
  const RawRow row{.id = "ann", .day = 365, .net_micros = kMost};
  const absl::Status status = Build({row, row}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
  const std::optional<ErrorDetail> detail = DetailOf(status);
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->reason, "NET_OVERFLOW");
  EXPECT_EQ(detail->metadata.at("customer_hash"), Hex(Hash64("ann")));
  EXPECT_EQ(detail->metadata.at("day"), "1971-01-01");
}

TEST(SegmentErrors, ADayOverSeveralFilesMayNotOverflowEither) {
  EXPECT_EQ(ReasonOf(Build({{.id = "ann", .day = 9, .net_micros = kMost, .file = 0},
                            {.id = "ann", .day = 9, .net_micros = 1, .file = 1}})
                         .status()),
            "NET_OVERFLOW");
}

TEST(SegmentErrors, ASumThatFitsIsFineWhateverTheOrder) {
  const RawRow plus{.id = "ann", .day = 9, .net_micros = kMost};
  const RawRow minus{.id = "ann", .day = 9, .net_micros = -kMost, .is_return = true};
  const auto one = Build({plus, plus, minus});
  const auto two = Build({minus, plus, plus});
  ASSERT_TRUE(one.ok()) << one.status();
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_EQ(one->segment, two->segment);
}

TEST(SegmentErrors, DaysOfACustomerMayNotOverflowTogether) {
  const absl::Status status =
      Build({{.id = "ann", .day = 9, .net_micros = kMost}, {.id = "ann", .day = 10, .net_micros = 1}}).status();
  EXPECT_EQ(ReasonOf(status), "NET_OVERFLOW");
}

TEST(SegmentErrors, LinesAndDaysDoNotMix) {
  const std::vector<RawRow> rows = RandomRows(1, 10);
  const std::string with = BuildShard({ToBatch(rows, true)}, true)->segment;
  const std::string without = BuildShard({ToBatch(rows, false)}, false)->segment;
  EXPECT_EQ(ReasonOf(UpdateShard(ShardOver(with), {}, false).status()), "LEDGER_MISMATCH");
  EXPECT_EQ(ReasonOf(UpdateShard(ShardOver(without), {}, true).status()), "LEDGER_MISMATCH");
  EXPECT_EQ(ReasonOf(BuildShard({ToBatch(rows, false)}, true).status()), "BATCH_INCONSISTENT");
  EXPECT_EQ(ReasonOf(BuildShard({ToBatch(rows, true)}, false).status()), "BATCH_INCONSISTENT");
}

TEST(SegmentErrors, AnotherFormatVersionIsRefused) {
  std::string bytes = Build(RandomRows(1, 10))->segment;
  // The version stands in the schema, at the beginning and again in the footer.
  const std::string key = "strata.version";
  int changed = 0;
  for (size_t at = bytes.find(key); at != std::string::npos; at = bytes.find(key, at + 1)) {
    const size_t value = bytes.find(
        "\x01\0\0\0"
        "2",
        at - 64, 5);
    ASSERT_NE(value, std::string::npos);
    bytes[value + 4] = '9';
    ++changed;
  }
  EXPECT_EQ(changed, 2);
  const absl::Status status = LedgerSegment::Open(bytes).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_EQ(ReasonOf(status), "FORMAT_UNKNOWN");
}

TEST(SegmentErrors, AnIdThatIsNoUtf8IsRefused) {
  EXPECT_EQ(ReasonOf(Build({{.id = "\xff\xfe", .day = 1, .net_micros = 1}}).status()), "LEDGER_CORRUPT");
}

TEST(SegmentErrors, WhatIsNoSegmentIsRefused) {
  EXPECT_EQ(LedgerSegment::Open("").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(LedgerSegment::Open("hello").status().code(), absl::StatusCode::kDataLoss);
}

TEST(SegmentErrors, TruncationIsRefused) {
  const std::string bytes = BuildShard({ToBatch(RandomRows(1, 30), true)}, true)->segment;
  for (size_t size = 0; size < bytes.size(); size += 7) {
    EXPECT_FALSE(LedgerSegment::Open(std::string_view(bytes).substr(0, size)).ok()) << size;
  }
}

// Checksums find a flipped bit before anybody opens the file; opening it all the same must stay inside the bytes.
TEST(SegmentErrors, AFlippedByteNeverLeadsOutside) {
  const std::string bytes = BuildShard({ToBatch(RandomRows(1, 30), true)}, true)->segment;
  int refused = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(~flipped[at]);
    const absl::StatusOr<LedgerSegment> segment = LedgerSegment::Open(flipped);
    if (!segment.ok()) {
      ++refused;
      continue;
    }
    for (size_t customer = 0; customer < segment->customers(); ++customer) {
      EXPECT_FALSE(segment->days(customer).empty());
      EXPECT_FALSE(segment->has_lines() && segment->lines(customer).empty());
    }
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace strata
