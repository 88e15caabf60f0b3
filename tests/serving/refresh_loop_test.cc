#include "serving/refresh_loop.h"

#include <gtest/gtest.h>

#include <future>

#include "run/keys.h"
#include "tests/base/status_matchers.h"
#include "tests/serving/small_state.h"

namespace strata {
namespace {

constexpr int64_t kAnHourMs = 3'600'000;

TEST(RefreshLoop, RefreshesAtOnceAndStopsAtOnce) {
  SmallState state;
  state.Publish("shop", 1);
  state.Activate("shop", 1);
  SnapshotCatalogue catalogue(&state.objects(), NewPublishedInMetadata(&state.metadata()));
  std::promise<absl::Status> first;
  {
    const RefreshLoop loop(&catalogue, kAnHourMs, [&first](const absl::Status& status) { first.set_value(status); });
    EXPECT_OK(first.get_future().get());
    EXPECT_EQ((*catalogue.Find({"shop", 0}))->record.number, 1);
  }
}

TEST(RefreshLoop, ReportsOnlyWhatChanges) {
  SmallState state;
  state.WriteMetadata(CurrentKey("shop"), "nonsense");
  SnapshotCatalogue catalogue(&state.objects(), NewPublishedInMetadata(&state.metadata()));
  // A second report of the same trouble would set the first promise twice, which throws.
  std::promise<absl::Status> trouble, mended;
  const RefreshLoop loop(&catalogue, 1,
                         [&](const absl::Status& status) { (status.ok() ? mended : trouble).set_value(status); });
  EXPECT_THAT(trouble.get_future().get(), FailsWith(absl::StatusCode::kDataLoss, "CURRENT_CORRUPT"));
  state.Publish("shop", 1);
  state.Activate("shop", 1);
  EXPECT_OK(mended.get_future().get());
}

}  // namespace
}  // namespace strata
