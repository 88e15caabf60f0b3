// What activation writes for those who have no metadata.
#include <gtest/gtest.h>

#include "coordinator/run_control.h"
#include "data/snapshot/current_objects.h"
#include "run/keys.h"
#include "tests/base/status_matchers.h"
#include "tests/serving/small_state.h"
#include "tests/store/unreliable_object_store.h"

namespace strata {
namespace {

class Activation : public testing::Test {
 protected:
  Activation() {
    for (const int64_t number : {1, 2}) state_.Publish("shop", number);
    leadership_ = *state_.metadata().Campaign("test", 1000);
  }
  absl::Status Activate(int64_t number) { return ActivateSnapshot(seams_, leadership_, "shop", number); }
  CurrentPointer Expected(int64_t generation, int64_t number) {
    return {.generation = generation,
            .snapshot = number,
            .manifest_checksum = state_.Record("shop", number).manifest_checksum};
  }
  std::optional<CurrentPointer> InObjects() { return FindCurrentObject(state_.objects(), "shop")->pointer; }

  SmallState state_;
  UnreliableObjectStore objects_{&state_.objects()};
  StateSeams seams_{.sources = nullptr, .objects = &objects_, .metadata = &state_.metadata(), .clock = &state_.clock()};
  Leadership leadership_;
};

TEST_F(Activation, ForwardAndBackEachWithAGenerationOfItsOwn) {
  ASSERT_OK(Activate(1));
  EXPECT_EQ(InObjects(), Expected(1, 1));
  ASSERT_OK(Activate(2));
  EXPECT_EQ(InObjects(), Expected(2, 2));
  ASSERT_OK(Activate(1));
  EXPECT_EQ(InObjects(), Expected(3, 1));
  ASSERT_OK(Activate(1)) << "again changes nothing";
  EXPECT_EQ(InObjects(), Expected(3, 1));
}

TEST_F(Activation, TheObjectThatCouldNotBeWrittenIsWrittenByActivatingAgain) {
  ASSERT_OK(Activate(1));
  objects_.FailWith([](UnreliableObjectStore::Call call, const std::string&) {
    return call == UnreliableObjectStore::Call::kPut ? MakeError(absl::StatusCode::kUnavailable, "STORE_AWAY", "no")
                                                     : absl::OkStatus();
  });
  const absl::Status half = Activate(2);
  EXPECT_THAT(half, FailsWith(absl::StatusCode::kUnavailable, "STORE_AWAY"));
  EXPECT_THAT(half, SaysThat("snapshot 2 is active, but replicas do not know yet: activate it again"));
  EXPECT_EQ(InObjects(), Expected(1, 1));
  objects_.ComeBack();
  ASSERT_OK(Activate(2));
  EXPECT_EQ(InObjects(), Expected(2, 2));
}

}  // namespace
}  // namespace strata
