#include "store/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"

namespace strata {
namespace {

using Code = absl::StatusCode;

class AState : public testing::Test {
 protected:
  StateOptions At(const std::string& objects = "") { return {.folder = folder_, .objects = objects}; }

  TemporaryFolder temporary_;
  std::string folder_ = temporary_.Under("state");
};

TEST_F(AState, LookingNeverMakesOne) {
  EXPECT_THAT(State::Open(At()).status(), FailsWith(Code::kNotFound, "STATE_MISSING"));
  EXPECT_FALSE(std::filesystem::exists(folder_));
  EXPECT_EQ(*RememberedObjects(folder_), folder_ + "/objects");
}

TEST_F(AState, KeepsItsObjectsWithinAndMayBeMoved) {
  {
    const auto state = State::OpenOrMake(At());
    ASSERT_OK(state);
    EXPECT_EQ((*state)->objects_uri(), folder_ + "/objects");
    ASSERT_OK((*state)->objects().Put("a", "bytes"));
  }
  const std::string moved = temporary_.Under("moved");
  std::filesystem::rename(folder_, moved);
  const auto state = State::Open({.folder = moved});
  ASSERT_OK(state);
  EXPECT_EQ((*(*state)->objects().Map("a"))->bytes(), "bytes");
  EXPECT_EQ((*state)->objects_folder(), moved + "/objects");
}

TEST_F(AState, RemembersWhereElseItsObjectsAre) {
  const std::string elsewhere = temporary_.Under("elsewhere");
  {
    const auto state = State::OpenOrMake(At(elsewhere + "//"));
    ASSERT_OK(state);
    ASSERT_OK((*state)->objects().Put("a", "bytes"));
  }
  for (const std::string& objects : {std::string(), elsewhere, elsewhere + "/x/.."}) {
    const auto state = State::Open(At(objects));
    ASSERT_OK(state) << objects;
    EXPECT_EQ((*(*state)->objects().Map("a"))->bytes(), "bytes");
    EXPECT_OK(State::OpenOrMake(At(objects)));
  }
  EXPECT_EQ(*RememberedObjects(folder_), elsewhere);
  for (const std::string& other :
       {temporary_.Under("other"), folder_ + "/objects", std::string("s3://bucket/prefix")}) {
    for (const absl::Status& state : {State::Open(At(other)).status(), State::OpenOrMake(At(other)).status()}) {
      EXPECT_THAT(state, FailsWith(Code::kInvalidArgument, "OBJECTS_DIFFER"));
      EXPECT_THAT(state, SaysThat("--objects " + other));
      EXPECT_THAT(state, SaysThat(elsewhere));
    }
  }
}

TEST_F(AState, DoesNotRememberWhatDidNotOpen) {
  EXPECT_THAT(State::OpenOrMake(At("ftp://host/x")), FailsWith(Code::kInvalidArgument, "OBJECTS_UNSUPPORTED"));
  EXPECT_THAT(State::OpenOrMake(At("s3://X/y")), FailsWith(Code::kInvalidArgument, "S3_URI_INVALID"));
  EXPECT_OK(State::OpenOrMake(At(temporary_.Under("good"))));
}

// A state made before it was remembered: nothing says where, but something has run.
TEST_F(AState, OfAnOlderVersionHasItsObjectsWithin) {
  std::filesystem::create_directories(folder_);
  {
    const SystemClock clock;
    const auto metadata = OpenSqliteMetadata(folder_ + "/metadata.db", &clock);
    ASSERT_OK(metadata);
    ASSERT_OK((*metadata)->Commit({.puts = {{"jobs/a/runs/1", "{}"}}}));
  }
  EXPECT_THAT(State::OpenOrMake(At(temporary_.Under("other"))), FailsWith(Code::kInvalidArgument, "OBJECTS_DIFFER"));
  EXPECT_OK(State::Open(At()));
  EXPECT_OK(State::OpenOrMake(At(folder_ + "/objects")));
}

}  // namespace
}  // namespace strata
