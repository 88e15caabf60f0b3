#include "data/snapshot/current_objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run/keys.h"
#include "tests/base/status_matchers.h"
#include "tests/data/snapshot/memory_object_store.h"
#include "tests/store/unreliable_object_store.h"

namespace strata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

CurrentPointer Pointer(int64_t generation, int64_t snapshot = 7) {
  return {.generation = generation, .snapshot = snapshot, .manifest_checksum = 0xab};
}

class CurrentObjects : public testing::Test {
 protected:
  void Put(const std::string& key, const std::string& bytes) { ASSERT_OK(objects_.Put(key, bytes, 0640)); }
  void PutPointer(int64_t generation, const std::string& text) { Put(CurrentObject("shop", generation), text); }
  FoundPointer Found() {
    auto found = FindCurrentObject(objects_, "shop");
    EXPECT_OK(found);
    return found.ok() ? *std::move(found) : FoundPointer();
  }
  std::vector<int64_t> Generations() {
    std::vector<int64_t> generations;
    const auto listed = objects_.List(CurrentObjectsPrefix("shop"));
    EXPECT_OK(listed);
    for (const ObjectInfo& object : *listed) {
      generations.push_back(GenerationOf("shop", object.key).value_or(-1));
    }
    return generations;
  }

  MemoryObjectStore memory_;
  UnreliableObjectStore objects_{&memory_};
};

TEST_F(CurrentObjects, KeysNameTheirGenerationInOneWayOnly) {
  for (const int64_t generation : {int64_t{1}, int64_t{42}, int64_t{9'999'999'999}, int64_t{10'000'000'000}}) {
    EXPECT_EQ(GenerationOf("shop", CurrentObject("shop", generation)), generation);
  }
  for (const char* key :
       {"jobs/shop/current/", "jobs/shop/current/1", "jobs/shop/current/0000000000", "jobs/shop/current/-000000001",
        "jobs/shop/current/0000000001x", "jobs/shop/current/00000000010", "jobs/shop/current/0000000001/x",
        "jobs/web/current/0000000001", "jobs/shop/current/99999999999999999999"}) {
    EXPECT_EQ(GenerationOf("shop", key), std::nullopt) << key;
  }
}

TEST_F(CurrentObjects, NothingIsFoundBeforeAnythingWasActivated) {
  EXPECT_EQ(Found().pointer, std::nullopt);
  EXPECT_THAT(Found().ignored, IsEmpty());
}

TEST_F(CurrentObjects, TheHighestGenerationCountsByNumberNotByText) {
  for (const int64_t generation : {int64_t{9}, int64_t{9'999'999'999}, int64_t{10'000'000'000}}) {
    PutPointer(generation, Pointer(generation).ToJson());
  }
  EXPECT_EQ(Found().pointer, Pointer(10'000'000'000));
}

TEST_F(CurrentObjects, WhatIsNoPointerIsIgnoredAndSaid) {
  PutPointer(3, Pointer(3).ToJson());
  PutPointer(4, Pointer(5).ToJson());                     // of another generation
  PutPointer(6, Pointer(6).ToJson().substr(0, 40));       // cut
  PutPointer(7, std::string(kMaxPointerBytes + 1, ' '));  // something else altogether
  Put("jobs/shop/current/README", "hands off");
  EXPECT_EQ(Found().pointer, Pointer(3));
  EXPECT_THAT(Found().ignored,
              ElementsAre(HasSubstr("current/README: no generation"), HasSubstr("current/0000000007: "),
                          HasSubstr("current/0000000006: "), "and 1 more"));
}

TEST_F(CurrentObjects, AFolderFullOfOtherThingsIsAnError) {
  PutPointer(1, Pointer(1).ToJson());
  for (size_t i = 0; i < kMaxPointersTried; ++i) PutPointer(static_cast<int64_t>(2 + i), "x");
  EXPECT_THAT(FindCurrentObject(objects_, "shop"), FailsWith(absl::StatusCode::kDataLoss, "CURRENT_CORRUPT"));
}

TEST_F(CurrentObjects, AnErrorToReadTheNewestIsNeverSteppedOver) {
  PutPointer(1, Pointer(1).ToJson());
  PutPointer(2, Pointer(2).ToJson());
  objects_.FailWith([](UnreliableObjectStore::Call call, const std::string& key) {
    return call == UnreliableObjectStore::Call::kGet && key.ends_with("2")
               ? MakeError(absl::StatusCode::kUnavailable, "STORE_AWAY", "try later")
               : absl::OkStatus();
  });
  EXPECT_THAT(FindCurrentObject(objects_, "shop"), FailsWith(absl::StatusCode::kUnavailable, "STORE_AWAY"));
  objects_.GoAway();
  EXPECT_THAT(FindCurrentObject(objects_, "shop"), FailsWith(absl::StatusCode::kUnavailable, "STORE_AWAY"));
  objects_.ComeBack();
  EXPECT_EQ(Found().pointer, Pointer(2));
}

TEST_F(CurrentObjects, AWriterKeepsTheNewestFew) {
  for (int64_t generation = 1; generation <= 20; ++generation) {
    ASSERT_OK(WriteCurrentObject(objects_, "shop", Pointer(generation, 100 + generation)));
    EXPECT_EQ(Found().pointer, Pointer(generation, 100 + generation));
  }
  EXPECT_THAT(Generations(), ElementsAre(13, 14, 15, 16, 17, 18, 19, 20));
  EXPECT_EQ(Generations().size(), static_cast<size_t>(kKeptGenerations));
  ASSERT_OK(WriteCurrentObject(objects_, "shop", Pointer(20, 120))) << "again, by who takes the lead";
  // A writer that comes late, with an old generation, takes nothing newer away.
  ASSERT_OK(WriteCurrentObject(objects_, "shop", Pointer(12, 112)));
  EXPECT_EQ(Found().pointer, Pointer(20, 120));
}

TEST_F(CurrentObjects, AWriterReplacesDebrisButNoOtherPointer) {
  PutPointer(5, "debris");
  Put("jobs/shop/current/README", "hands off");
  ASSERT_OK(WriteCurrentObject(objects_, "shop", Pointer(5)));
  EXPECT_EQ(Found().pointer, Pointer(5));
  EXPECT_EQ(*objects_.Get("jobs/shop/current/README", 0, 100), "hands off");
  EXPECT_THAT(WriteCurrentObject(objects_, "shop", Pointer(5, 8)),
              FailsWith(absl::StatusCode::kAlreadyExists, "OBJECT_DIFFERS"));
  EXPECT_EQ(Found().pointer, Pointer(5));
}

}  // namespace
}  // namespace strata
