#include <gtest/gtest.h>

#include "strata/v1/segment_service.pb.h"
#include "strata/v1/snapshot_service.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/wire/drawn_values.h"
#include "wire/segments.h"
#include "wire/snapshots.h"

namespace strata {
namespace {

TEST(SnapshotsOnTheWire, ArriveAsTheyWere) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    const SnapshotRecord record{
        .number = draw.Int(1, 1'000'000),
        .state = draw.Coin() ? SnapshotState::kPublished : SnapshotState::kDeleting,
        .manifest_checksum = static_cast<uint64_t>(draw.Int(0, std::numeric_limits<int64_t>::max())),
        .digest = draw.Text(),
        .as_of = draw.AnyDay(),
        .customers = draw.Int(0, 1'000'000),
        .published_ms = draw.Int(-1'000'000'000'000, 4'000'000'000'000),
        .run = draw.Int(1, 1'000'000),
        .follows = draw.Int(0, 3),
        .ledger_version = draw.Int(1, 1000)};
    v1::Snapshot message, arrived;
    FillSnapshot(record, "cdnow", seed % 2 == 0, &message);
    ASSERT_TRUE(arrived.ParseFromString(message.SerializeAsString()));
    const auto read = ReadSnapshot(arrived);
    ASSERT_OK(read);
    EXPECT_EQ(read->job, "cdnow");
    EXPECT_EQ(read->record, record);
    EXPECT_EQ(read->is_current, seed % 2 == 0);
    message.clear_manifest_checksum();
    EXPECT_THAT(ReadSnapshot(message), FailsWith(absl::StatusCode::kInternal, "ANSWER_INVALID"));
  }
  EXPECT_THAT(ReadSnapshot(v1::Snapshot()), FailsWith(absl::StatusCode::kInternal, "ANSWER_INVALID"));
}

TEST(SegmentsOnTheWire, ArriveAsTheyWere) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    static constexpr const char* kKinds[] = {"rfm", "cluster", "class"};
    const SegmentLine line{.kind = kKinds[draw.Int(0, 2)],
                           .name = "segment",
                           .customers = draw.Int(0, 1'000'000),
                           .share = draw.Double(),
                           .mean_recency_days = draw.DoubleOrAbsent(),
                           .mean_purchase_days = draw.DoubleOrAbsent(),
                           .mean_net = draw.DoubleOrAbsent(),
                           .mean_p_alive = draw.DoubleOrAbsent(),
                           .mean_lifetime_value = draw.DoubleOrAbsent(),
                           .mean_churn_probability = draw.DoubleOrAbsent(),
                           .sum_net = draw.DoubleOrAbsent(),
                           .sum_lifetime_value = draw.DoubleOrAbsent()};
    v1::Segment message, arrived;
    ASSERT_OK(FillSegment(line, "cdnow", &message));
    EXPECT_EQ(message.name(), "jobs/cdnow/segments/segment");
    ASSERT_TRUE(arrived.ParseFromString(message.SerializeAsString()));
    const auto read = ReadSegment(arrived);
    ASSERT_OK(read);
    EXPECT_EQ(read->kind, line.kind);
    EXPECT_EQ(read->name, line.name);
    EXPECT_EQ(read->customers, line.customers);
    EXPECT_TRUE(SameNumber(read->share, line.share));
    EXPECT_TRUE(SameNumber(read->mean_recency_days, line.mean_recency_days));
    EXPECT_TRUE(SameNumber(read->mean_purchase_days, line.mean_purchase_days));
    EXPECT_TRUE(SameNumber(read->mean_net, line.mean_net));
    EXPECT_TRUE(SameNumber(read->mean_p_alive, line.mean_p_alive));
    EXPECT_TRUE(SameNumber(read->mean_lifetime_value, line.mean_lifetime_value));
    EXPECT_TRUE(SameNumber(read->mean_churn_probability, line.mean_churn_probability));
    EXPECT_TRUE(SameNumber(read->sum_net, line.sum_net));
    EXPECT_TRUE(SameNumber(read->sum_lifetime_value, line.sum_lifetime_value));
  }
}

TEST(SegmentsOnTheWire, OfUnknownKindAreRefused) {
  v1::Segment message;
  EXPECT_THAT(FillSegment({.kind = "cohort", .name = "x"}, "a", &message),
              FailsWith(absl::StatusCode::kInternal, "SEGMENT_KIND_UNKNOWN"));
  EXPECT_THAT(FillSegment({.kind = "", .name = "x"}, "a", &message),
              FailsWith(absl::StatusCode::kInternal, "SEGMENT_KIND_UNKNOWN"));
  EXPECT_THAT(ReadSegment(v1::Segment()), FailsWith(absl::StatusCode::kInternal, "ANSWER_INVALID"));
}

}  // namespace
}  // namespace strata
