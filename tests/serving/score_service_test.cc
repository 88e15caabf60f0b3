#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "strata/v1/score_service.grpc.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/serving/small_server.h"
#include "wire/scores.h"

namespace strata {
namespace {

using Service = v1::ScoreService;
constexpr auto kNotFound = absl::StatusCode::kNotFound;
constexpr int64_t kHourMs = 3'600'000;

class ScoreServiceTest : public testing::Test {
 protected:
  ScoreServiceTest() {
    state_.Publish("shop", 1);
    state_.Publish("shop", 2);
    state_.Activate("shop", 2);
    server_ = std::make_unique<SmallServer>(&state_);
  }

  absl::StatusOr<v1::GetScoreResponse> Get(const std::string& parent, const std::string& id) {
    v1::GetScoreRequest request;
    request.set_parent(parent);
    request.set_customer_id(id);
    v1::GetScoreResponse response;
    const absl::Status status = server_->Call<Service>(&Service::Stub::GetScore, request, &response);
    if (!status.ok()) return status;
    return response;
  }

  absl::StatusOr<v1::LookupScoresResponse> Lookup(const std::string& parent, const std::vector<std::string>& ids) {
    v1::LookupScoresRequest request;
    request.set_parent(parent);
    for (const std::string& id : ids) request.add_customer_ids(id);
    v1::LookupScoresResponse response;
    const absl::Status status = server_->Call<Service>(&Service::Stub::LookupScores, request, &response);
    if (!status.ok()) return status;
    return response;
  }

  SmallState state_;
  std::unique_ptr<SmallServer> server_;
};

TEST_F(ScoreServiceTest, AnswersFromTheCurrentSnapshotAndSaysSo) {
  const auto answer = Get("jobs/shop", "c3");
  ASSERT_OK(answer);
  EXPECT_EQ(answer->score().net_micros(), NetMicros(2, 3));
  EXPECT_EQ(answer->score().cluster(), 1);
  EXPECT_EQ(answer->score().p_alive(), 0.5);
  EXPECT_FALSE(answer->score().has_lifetime_value());
  EXPECT_EQ(answer->score().outlook().p_alive_low(), 0.25);
  EXPECT_EQ(answer->score().outlook().interval(), 0.9);
  EXPECT_EQ(answer->score().outlook().next_purchase_10().date().year(), 1997);
  EXPECT_TRUE(answer->score().outlook().next_purchase_50().never());
  EXPECT_FALSE(answer->score().outlook().has_residual_value());
  EXPECT_EQ(answer->info().snapshot(), "jobs/shop/snapshots/2");
  EXPECT_EQ(answer->info().digest(), state_.Record("shop", 2).digest);
  EXPECT_EQ(answer->info().currency(), "USD");
  EXPECT_EQ(ReadAnswerInfo(answer->info())->as_of, 10'002);
}

TEST_F(ScoreServiceTest, AnswersFromAPinnedSnapshot) {
  EXPECT_EQ(Get("jobs/shop/snapshots/1", "c3")->score().net_micros(), NetMicros(1, 3));
  EXPECT_EQ(Get("jobs/shop/snapshots/1", "c3")->info().snapshot(), "jobs/shop/snapshots/1");
  EXPECT_EQ(Get("jobs/shop/snapshots/current", "c3")->info().snapshot(), "jobs/shop/snapshots/2");
}

TEST_F(ScoreServiceTest, SaysWhatItDoesNotKnow) {
  const auto unknown = Get("jobs/shop", "nobody");
  EXPECT_THAT(unknown, FailsWith(kNotFound, "CUSTOMER_UNKNOWN"));
  EXPECT_EQ(DetailOf(unknown.status())->metadata.at("snapshot"), "jobs/shop/snapshots/2");
  EXPECT_THAT(Get("jobs/other", "c1"), FailsWith(kNotFound, "JOB_UNKNOWN"));
  EXPECT_THAT(Get("jobs/shop/snapshots/9", "c1"), FailsWith(kNotFound, "SNAPSHOT_UNKNOWN"));
  EXPECT_THAT(Get("shop", "c1"), FailsWith(absl::StatusCode::kInvalidArgument, "NAME_INVALID"));
  EXPECT_THAT(Get("jobs/shop", ""), FailsWith(absl::StatusCode::kInvalidArgument, "CUSTOMER_ID_INVALID"));
}

TEST_F(ScoreServiceTest, ADamagedPinnedSnapshotIsUnavailableWithItsCause) {
  state_.Damage("shop", 1, LookupName(0));
  EXPECT_THAT(Get("jobs/shop/snapshots/1", "c1"), FailsWith(absl::StatusCode::kUnavailable, "SNAPSHOT_UNAVAILABLE"));
  EXPECT_OK(Get("jobs/shop", "c1"));
}

TEST_F(ScoreServiceTest, LookupKeepsTheOrderAndGivesEachIdItsStatus) {
  const auto answer = Lookup("jobs/shop", {"c4", "nobody", "c0", "", "c4", std::string(257, 'x')});
  ASSERT_OK(answer);
  ASSERT_EQ(answer->results_size(), 6);
  EXPECT_EQ(answer->results(0).score().net_micros(), NetMicros(2, 4));
  EXPECT_EQ(answer->results(1).status(), v1::LOOKUP_STATUS_NOT_FOUND);
  EXPECT_FALSE(answer->results(1).has_score());
  EXPECT_EQ(answer->results(2).score().net_micros(), NetMicros(2, 0));
  EXPECT_EQ(answer->results(2).status(), v1::LOOKUP_STATUS_FOUND);
  EXPECT_EQ(answer->results(3).status(), v1::LOOKUP_STATUS_INVALID_ID);
  EXPECT_EQ(answer->results(4).score().net_micros(), NetMicros(2, 4));
  EXPECT_EQ(answer->results(5).status(), v1::LOOKUP_STATUS_INVALID_ID);
  EXPECT_EQ(answer->info().snapshot(), "jobs/shop/snapshots/2");
}

TEST_F(ScoreServiceTest, LookupTakesOneToAThousandIds) {
  EXPECT_EQ(Lookup("jobs/shop", std::vector<std::string>(1000, "c1"))->results_size(), 1000);
  EXPECT_THAT(Lookup("jobs/shop", {}), FailsWith(absl::StatusCode::kInvalidArgument, "NO_IDS"));
  EXPECT_THAT(Lookup("jobs/shop", std::vector<std::string>(1001, "c1")),
              FailsWith(absl::StatusCode::kInvalidArgument, "TOO_MANY_IDS"));
  EXPECT_EQ(Lookup("jobs/shop/snapshots/1", {"c1"})->results(0).score().net_micros(), NetMicros(1, 1));
}

TEST_F(ScoreServiceTest, SaysHowOldItIsAndWhenThatIsTooOld) {
  EXPECT_EQ(Get("jobs/shop", "c1")->info().age_seconds(), 0);
  state_.clock().Advance(kDefaultMaxAgeHours * kHourMs);
  EXPECT_EQ(Get("jobs/shop", "c1")->info().age_seconds(), kDefaultMaxAgeHours * 3600);
  EXPECT_FALSE(Get("jobs/shop", "c1")->info().stale());
  state_.clock().Advance(1);
  EXPECT_TRUE(Get("jobs/shop", "c1")->info().stale());
  EXPECT_TRUE(Lookup("jobs/shop", {"c1"})->info().stale());

  state_.Publish("shop", 3);
  state_.Activate("shop", 3);
  ASSERT_OK(server_->catalogue().Refresh());
  EXPECT_FALSE(Get("jobs/shop", "c1")->info().stale());
  EXPECT_TRUE(Get("jobs/shop/snapshots/2", "c1")->info().stale());
  state_.clock().JumpWall(-kHourMs);  // somebody sets the machine's time
  EXPECT_EQ(Get("jobs/shop", "c1")->info().age_seconds(), 0);
}

TEST_F(ScoreServiceTest, ASwitchUnderLoadNeverMixesSnapshots) {
  constexpr int64_t kLast = 12;
  std::atomic<bool> done = false;
  std::atomic<int> mixed = 0, failed = 0, answers = 0;
  std::vector<std::jthread> callers;
  for (int i = 0; i < 3; ++i) {
    callers.emplace_back([&] {
      while (!done) {
        const auto answer = Lookup("jobs/shop", {"c0", "c1", "c2", "c3", "c4"});
        ++answers;
        if (!answer.ok()) {
          ++failed;
          continue;
        }
        const int64_t number = ReadAnswerInfo(answer->info())->number;
        for (int c = 0; c < 5; ++c) mixed += answer->results(c).score().net_micros() != NetMicros(number, c);
      }
    });
  }
  for (int64_t number = 3; number <= kLast; ++number) {
    state_.Publish("shop", number);
    state_.Activate("shop", number);
    EXPECT_OK(server_->catalogue().Refresh());
    EXPECT_EQ(Get("jobs/shop", "c0")->score().net_micros(), NetMicros(number, 0)) << "a switch is seen at once";
    for (const int seen = answers; answers < seen + 5;) std::this_thread::yield();
  }
  done = true;
  callers.clear();
  EXPECT_EQ(mixed, 0);
  EXPECT_EQ(failed, 0);
}

TEST_F(ScoreServiceTest, AnOpeningSnapshotHoldsUpOnlyThoseWhoAskForIt) {
  state_.objects().Close();
  v1::GetScoreRequest request;
  request.set_parent("jobs/shop/snapshots/1");
  request.set_customer_id("c1");
  v1::GetScoreResponse response;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(100));
  const auto stub = Service::NewStub(server_->channel());
  std::jthread opener([&] {
    EXPECT_THAT(FromGrpcStatus(stub->GetScore(&context, request, &response)),
                FailsWith(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  });
  state_.objects().AwaitWaiter();
  EXPECT_EQ(Get("jobs/shop", "c1")->score().net_micros(), NetMicros(2, 1));
  opener.join();
  state_.objects().Open();
  EXPECT_EQ(Get("jobs/shop/snapshots/1", "c1")->score().net_micros(), NetMicros(1, 1));
}

TEST_F(ScoreServiceTest, IdsThatAreNotTextAreRefusedByTheTransport) {
  EXPECT_FALSE(Get("jobs/shop", "\xff\xfe").ok());
  EXPECT_OK(Get("jobs/shop", "c1"));
}

}  // namespace
}  // namespace strata
