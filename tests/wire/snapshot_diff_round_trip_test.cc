#include <gtest/gtest.h>

#include "strata/v1/snapshot_service.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/wire/drawn_values.h"
#include "wire/snapshot_diff.h"

namespace strata {
namespace {

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

SnapshotFacts DrawFacts(Draw* draw, int64_t customers) {
  return {.number = draw->Int(1, 1'000'000),
          .digest = draw->Text(),
          .as_of = draw->AnyDay(),
          .follows = draw->Int(0, 3),
          .ledger_version = draw->Int(1, 1000),
          .ledger_digest = draw->Text(),
          .shards = draw->Int(1, 64),
          .currency = "EUR",
          .customers = customers,
          .customers_with_purchase = draw->Int(0, customers),
          .rows = draw->Rows(),
          .build = draw->Text(),
          .created_ms = draw->Int(0, 4'000'000'000'000),
          .size_bytes = draw->Int(0, 1LL << 50)};
}

Distribution DrawDistribution(Draw* draw, int64_t present) {
  if (present == 0) return {};
  return {.present = present, .mean = draw->Double(), .deciles = draw->Doubles(kDeciles)};
}

SnapshotDiff DrawDiff(Draw* draw) {
  SnapshotDiff diff{.job = "cdnow"};
  diff.customers_in_both = draw->Int(1, 1000);
  diff.customers_left = draw->Int(1, 1000);
  diff.customers_entered = draw->Int(1, 1000);
  diff.base = DrawFacts(draw, diff.customers_in_both + diff.customers_left);
  diff.other = DrawFacts(draw, diff.customers_in_both + diff.customers_entered);
  for (std::vector<ClassMove>* moves : {&diff.rfm_moves, &diff.cluster_moves}) {
    *moves = {{"loyal", "lost", diff.customers_in_both},
              {"no_purchase", "", diff.customers_left},
              {"", "new", diff.customers_entered}};
  }
  for (int64_t n = draw->Int(0, 3); n > 0; --n) {
    const int64_t base = draw->Coin() ? 0 : draw->Int(1, diff.base.customers);
    const int64_t other = draw->Int(1, diff.other.customers);
    ColumnDrift drift{.column = draw->Text(),
                      .base = DrawDistribution(draw, base),
                      .other = DrawDistribution(draw, other),
                      .base_bins = {base, diff.base.customers - base},
                      .other_bins = {other, diff.other.customers - other},
                      .stability_index = {}};
    if (draw->Coin()) drift.stability_index = draw->Double();
    diff.drifts.push_back(drift);
  }
  diff.parameters = {{"a", draw->Double(), draw->Double()}, {"b", draw->Double(), {}}, {"c", {}, draw->Double()}};
  return diff;
}

TEST(DiffOnTheWire, ArrivesAsItWas) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    const SnapshotDiff diff = DrawDiff(&draw);
    v1::DiffSnapshotsResponse message, arrived;
    FillDiff(diff, &message);
    ASSERT_TRUE(arrived.ParseFromString(message.SerializeAsString()));
    const auto read = ReadDiff(arrived);
    ASSERT_OK(read);
    EXPECT_EQ(read->job, diff.job);
    EXPECT_EQ(read->base, diff.base);
    EXPECT_EQ(read->other, diff.other);
    EXPECT_EQ(read->customers_in_both, diff.customers_in_both);
    EXPECT_EQ(read->rfm_moves, diff.rfm_moves);
    EXPECT_EQ(read->cluster_moves, diff.cluster_moves);
    EXPECT_EQ(read->drifts, diff.drifts);
    EXPECT_EQ(read->parameters, diff.parameters);
  }
}

TEST(DiffOnTheWire, ThatDoesNotAddUpIsRefused) {
  Draw draw(4);
  SnapshotDiff whole = DrawDiff(&draw);
  whole.drifts = {{.column = "net",
                   .base = DrawDistribution(&draw, 1),
                   .other = {},
                   .base_bins = {1, whole.base.customers - 1},
                   .other_bins = {0, whole.other.customers},
                   .stability_index = 0.5}};
  const auto refused = [&whole](const char* what, const std::function<void(SnapshotDiff*)>& damage) {
    SnapshotDiff diff = whole;
    damage(&diff);
    v1::DiffSnapshotsResponse message;
    FillDiff(diff, &message);
    EXPECT_THAT(ReadDiff(message), FailsWith(absl::StatusCode::kInternal, "ANSWER_INVALID")) << what;
    EXPECT_THAT(ReadDiff(message), SaysThat(what));
  };
  refused("customers_in_both", [](SnapshotDiff* diff) { ++diff->customers_in_both; });
  refused("rfm_moves", [](SnapshotDiff* diff) { ++diff->rfm_moves[0].customers; });
  refused("cluster_moves", [](SnapshotDiff* diff) { diff->cluster_moves[2].customers = 0; });
  refused("'net'", [](SnapshotDiff* diff) { ++diff->drifts[0].base_bins[0]; });
  refused("'net'", [](SnapshotDiff* diff) { diff->drifts[0].base.deciles.pop_back(); });
  refused("neither", [](SnapshotDiff* diff) { diff->parameters[1].base.reset(); });
  EXPECT_THAT(ReadDiff(v1::DiffSnapshotsResponse()), FailsWith(absl::StatusCode::kInternal, "ANSWER_INVALID"));
}

TEST(DiffQuestion, WantsTwoSnapshotsOfOneJob) {
  const auto ask = [](const std::string& base, const std::string& other) {
    v1::DiffSnapshotsRequest request;
    request.set_base(base);
    request.set_other(other);
    return ReadDiffSnapshots(request);
  };
  const auto asked = ask("jobs/shop/snapshots/3", "jobs/shop/snapshots/current");
  ASSERT_OK(asked);
  EXPECT_EQ(asked->base, (SnapshotName{.job = "shop", .number = 3}));
  EXPECT_TRUE(asked->other.is_current());
  EXPECT_THAT(ask("jobs/shop/snapshots/3", "jobs/shop/snapshots/3"), FailsWith(kInvalid, "SNAPSHOTS_EQUAL"));
  EXPECT_THAT(ask("jobs/shop/snapshots/3", "jobs/cafe/snapshots/4"), FailsWith(kInvalid, "JOBS_DIFFER"));
  EXPECT_THAT(ask("", "jobs/shop/snapshots/3"), SaysThat("base"));
  EXPECT_THAT(ask("jobs/shop/snapshots/3", "jobs/shop"), FailsWith(kInvalid, "NAME_INVALID"));
}

}  // namespace
}  // namespace strata
