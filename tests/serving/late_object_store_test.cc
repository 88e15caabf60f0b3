#include "store/late_object_store.h"

#include <gtest/gtest.h>

#include "serving/snapshot_catalogue.h"
#include "tests/base/status_matchers.h"
#include "tests/serving/small_state.h"
#include "tests/store/unreliable_object_store.h"

namespace strata {
namespace {

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

TEST(LateObjectStore, AReaderThatStartsBeforeItsStoreFindsItLater) {
  SmallState state;
  state.Publish("shop", 1);
  state.Activate("shop", 1);
  bool reachable = false;
  int late = 0;
  const auto objects = OpenNowOrLater(
      [&]() -> absl::StatusOr<std::unique_ptr<ObjectStore>> {
        if (!reachable) return MakeError(kUnavailable, "STORE_AWAY", "no answer");
        return std::make_unique<UnreliableObjectStore>(&state.objects());
      },
      [&late](const absl::Status& why) {
        EXPECT_THAT(why, FailsWith(kUnavailable, "STORE_AWAY"));
        ++late;
      });
  ASSERT_OK(objects);
  EXPECT_EQ(late, 1);
  ObjectStore& store = **objects;
  EXPECT_THAT(store.Put("a", "x"), FailsWith(kUnavailable, "STORE_AWAY"));
  EXPECT_THAT(store.Get("a", 0, 1), FailsWith(kUnavailable, "STORE_AWAY"));
  EXPECT_THAT(store.Map("a"), FailsWith(kUnavailable, "STORE_AWAY"));
  EXPECT_THAT(store.List(""), FailsWith(kUnavailable, "STORE_AWAY"));
  EXPECT_THAT(store.Delete("a"), FailsWith(kUnavailable, "STORE_AWAY"));
  SnapshotCatalogue catalogue(&store, NewPublishedInObjects(&store));
  EXPECT_THAT(catalogue.Refresh(), FailsWith(kUnavailable, "STORE_AWAY"));
  reachable = true;
  ASSERT_OK(catalogue.Refresh());
  EXPECT_OK(catalogue.Ready());
  reachable = false;
  EXPECT_OK(store.Put("a", "x")) << "opened once";
  EXPECT_EQ(*store.Get("a", 0, 1), "x");
  EXPECT_OK(store.Delete("a"));
}

TEST(LateObjectStore, WhatWillNotPassIsAnErrorAtOnce) {
  const auto refused = OpenNowOrLater(
      []() -> absl::StatusOr<std::unique_ptr<ObjectStore>> {
        return MakeError(absl::StatusCode::kNotFound, "BUCKET_MISSING", "there is no such bucket");
      },
      [](const absl::Status&) { FAIL() << "not late, but wrong"; });
  EXPECT_THAT(refused, FailsWith(absl::StatusCode::kNotFound, "BUCKET_MISSING"));
}

}  // namespace
}  // namespace strata
