// Right and wrong answers, one by one: what is seen at once, and what an independent read shows afterwards.
#include "client/bench/answer_checks.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "client/bench/kept_answers.h"
#include "strata/v1/score_service.pb.h"
#include "tests/client/example_values.h"
#include "wire/errors.h"
#include "wire/outlooks.h"
#include "wire/scores.h"

namespace strata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr Key kAnna = {.index = 0, .unknown = false};
constexpr Key kBert = {.index = 1, .unknown = false};
constexpr Key kNobody = {.index = 0, .unknown = true};

CustomerScore ScoreOf(int32_t rows) {
  CustomerScore score = ExampleScore();
  score.rows = rows;
  return score;
}

AnswerFacts From(int64_t snapshot, const std::string& job = "shop") {
  AnswerFacts info = ExampleInfo();
  info.job = job;
  info.number = snapshot;
  info.digest = "digest-" + std::to_string(snapshot);
  return info;
}

// As a server sends it.
void FillAll(int32_t rows, v1::Score* message) {
  const CustomerScore score = ScoreOf(rows);
  FillScore(score, message);
  FillOutlook(score.outlook, 0.9, message);
}

v1::GetScoreResponse Answer(int64_t snapshot, int32_t rows) {
  v1::GetScoreResponse response;
  FillAll(rows, response.mutable_score());
  response.mutable_score()->mutable_outlook()->add_expected_purchases_by_period(0.5f);
  FillAnswerInfo(From(snapshot), response.mutable_info());
  return response;
}

grpc::Status Unknown(int64_t snapshot) {
  return ToGrpcStatus(MakeError(absl::StatusCode::kNotFound, "CUSTOMER_UNKNOWN", "no customer",
                                {{"snapshot", SnapshotResource("shop", snapshot)}}));
}

// Anna and Bert are customers of snapshot 3, which the run began with.
class Checked : public testing::Test {
 protected:
  explicit Checked(int64_t pinned = 0) {
    plan_.snapshot = {.job = "shop", .number = pinned};
    checks_ = std::make_unique<AnswerChecks>(plan_, &ids_, 2);
  }
  bool Get(Key key, const grpc::Status& status, const v1::GetScoreResponse& response = {}, int connection = 0) {
    const int64_t question = question_++;
    return checks_->TakeGet(question, key, connection, question * 1'000, status, response);
  }
  bool Lookup(const std::vector<Key>& keys, const v1::LookupScoresResponse& response) {
    return checks_->TakeLookup(question_, keys, 0, 0, grpc::Status::OK, response);
  }

  const IdPool ids_ = {.known = {"anna", "bert"}, .unknown = {"nobody"}, .snapshot = 3};
  LoadPlan plan_;
  std::unique_ptr<AnswerChecks> checks_;
  int64_t question_ = 0;
};

TEST_F(Checked, RightAnswersAreCountedAndKept) {
  EXPECT_TRUE(Get(kAnna, grpc::Status::OK, Answer(3, 7)));
  EXPECT_TRUE(Get(kNobody, Unknown(3)));
  const CheckResult result = checks_->TakeResult();
  EXPECT_EQ(result.wrong, 0);
  EXPECT_EQ(result.found, 1);
  EXPECT_EQ(result.not_found, 1);
  EXPECT_EQ(result.snapshots.at(3).answers, 2);
  ASSERT_THAT(result.kept, SizeIs(1));
  EXPECT_EQ(result.kept[0].snapshot, 3);
  EXPECT_EQ(result.kept[0].known_index, 0u);
}

TEST_F(Checked, ErrorsAreNoAnswers) {
  EXPECT_FALSE(Get(kAnna, grpc::Status(grpc::StatusCode::UNAVAILABLE, "down")));
  EXPECT_FALSE(Get(kNobody, grpc::Status(grpc::StatusCode::NOT_FOUND, "no detail")));
  EXPECT_FALSE(Get(kNobody, ToGrpcStatus(MakeError(absl::StatusCode::kNotFound, "JOB_UNKNOWN", "no job"))));
  const CheckResult result = checks_->TakeResult();
  EXPECT_EQ(result.wrong, 0);
  EXPECT_TRUE(result.snapshots.empty());
}

TEST_F(Checked, EveryWrongAnswerIsNamed) {
  Get(kAnna, Unknown(3));
  Get(kNobody, grpc::Status::OK, Answer(3, 1));
  v1::GetScoreResponse other_job = Answer(3, 1);
  FillAnswerInfo(From(3, "cafe"), other_job.mutable_info());
  Get(kAnna, grpc::Status::OK, other_job, 1);
  v1::GetScoreResponse empty = Answer(3, 1);
  empty.clear_score();
  Get(kAnna, grpc::Status::OK, empty);
  v1::GetScoreResponse other_digest = Answer(3, 1);
  other_digest.mutable_info()->set_digest("other");
  Get(kAnna, grpc::Status::OK, other_digest);
  EXPECT_THAT(
      checks_->TakeResult().examples,
      ElementsAre(HasSubstr("has customer 'anna', but was not found"),
                  HasSubstr("has a score for 'nobody', an id that does not exist"),
                  HasSubstr("asked jobs/shop and was answered by 'jobs/cafe/snapshots/3'"),
                  HasSubstr("answered 'anna' without a score"), HasSubstr("digest digest-3 and with digest other")));
}

class CheckedPinned : public Checked {
 protected:
  CheckedPinned() : Checked(3) {}
};

TEST_F(CheckedPinned, AnotherSnapshotIsWrong) {
  Get(kAnna, grpc::Status::OK, Answer(3, 1));
  Get(kAnna, grpc::Status::OK, Answer(4, 1));
  EXPECT_THAT(checks_->TakeResult().examples,
              ElementsAre(HasSubstr("asked jobs/shop/snapshots/3 and was answered by 'jobs/shop/snapshots/4'")));
}

TEST_F(Checked, SwitchesAreCountedPerConnection) {
  for (const int64_t snapshot : {3, 3, 4, 4}) Get(kAnna, grpc::Status::OK, Answer(snapshot, 1), 0);
  for (const int64_t snapshot : {3, 4}) Get(kAnna, grpc::Status::OK, Answer(snapshot, 1), 1);
  const CheckResult result = checks_->TakeResult();
  EXPECT_EQ(result.switches, 2);
  EXPECT_EQ(result.snapshots.at(3).answers, 3);
  EXPECT_EQ(result.snapshots.at(4).answers, 3);
  EXPECT_EQ(result.wrong, 0);
}

// A lookup's answer: a score, or none.
v1::LookupScoresResponse Batch(const std::vector<int32_t>& rows) {
  v1::LookupScoresResponse response;
  for (const int32_t count : rows) {
    v1::LookupResult* const result = response.add_results();
    result->set_status(count > 0 ? v1::LOOKUP_STATUS_FOUND : v1::LOOKUP_STATUS_NOT_FOUND);
    if (count > 0) FillAll(count, result->mutable_score());
  }
  FillAnswerInfo(From(3), response.mutable_info());
  return response;
}

TEST_F(Checked, ABatchAnswersEachIdInItsPlace) {
  EXPECT_TRUE(Lookup({kAnna, kNobody, kBert}, Batch({7, 0, 8})));
  EXPECT_TRUE(Lookup({kAnna, kNobody, kBert}, Batch({0, 7, 8})));
  EXPECT_TRUE(Lookup({kAnna, kNobody}, Batch({7})));
  v1::LookupScoresResponse invalid = Batch({7});
  invalid.mutable_results(0)->set_status(v1::LOOKUP_STATUS_INVALID_ID);
  EXPECT_TRUE(Lookup({kAnna}, invalid));
  EXPECT_THAT(checks_->TakeResult().examples,
              ElementsAre(HasSubstr("has customer 'anna'"), HasSubstr("has a score for 'nobody'"),
                          HasSubstr("gave 1 results for 2 ids"), HasSubstr("LOOKUP_STATUS_INVALID_ID and a score")));
}

TEST_F(Checked, TheSampleIsBoundedAndOfTheWholeRun) {
  constexpr int64_t kQuestions = 20 * static_cast<int64_t>(kKeptMax);
  for (int64_t i = 0; i < kQuestions; ++i) Get(kAnna, grpc::Status::OK, Answer(3, static_cast<int32_t>(i)));
  const CheckResult result = checks_->TakeResult();
  EXPECT_LE(result.kept.size(), kKeptMax);
  EXPECT_GT(result.kept.size(), kKeptMax / 3);
  size_t late = 0;
  for (const KeptAnswer& kept : result.kept) {
    v1::Score score;
    ASSERT_TRUE(score.ParseFromString(kept.score));
    late += score.rows() >= kQuestions / 2;
  }
  EXPECT_NEAR(static_cast<double>(late) / static_cast<double>(result.kept.size()), 0.5, 0.05);
}

// Snapshot 3 has anna and bert, snapshot 4 only bert, 5 was deleted, 6 cannot be read.
absl::Status ReadExample(int64_t snapshot, const std::function<absl::Status(const ScoreRows&)>& on_rows) {
  if (snapshot == 5) return MakeError(absl::StatusCode::kNotFound, "SNAPSHOT_UNKNOWN", "no snapshot 5");
  if (snapshot == 6) return MakeError(absl::StatusCode::kUnavailable, "TARGET_UNREACHABLE", "gone");
  if (snapshot == 3) STRATA_RETURN_IF_ERROR(on_rows({{.id = "anna", .score = ScoreOf(7)}}));
  return on_rows({{.id = "bert", .score = ScoreOf(8)}, {.id = "carl", .score = ScoreOf(9)}});
}

TEST_F(Checked, AnIndependentReadKnowsClassesAndNoSegments) {
  const auto answer = [](const char* grade) {
    v1::GetScoreResponse response = Answer(3, 7);
    v1::ClassOf* of = response.mutable_score()->add_classes();
    of->set_scheme("grade");
    of->set_class_name(grade);
    response.mutable_score()->add_segments("vip");
    return response;
  };
  Get(kAnna, grpc::Status::OK, answer("A"));
  Get(kAnna, grpc::Status::OK, answer("B"));
  CheckResult checks = checks_->TakeResult();
  CompareKept(
      ids_,
      [](int64_t, const std::function<absl::Status(const ScoreRows&)>& on_rows) {
        return on_rows({{.id = "anna", .score = ScoreOf(7), .classes = {{"grade", "A"}}}});
      },
      &checks);
  EXPECT_EQ(checks.wrong, 1);
}

TEST_F(Checked, AnIndependentReadOfTheSameSnapshotDecides) {
  Get(kAnna, grpc::Status::OK, Answer(3, 7));
  Get(kBert, grpc::Status::OK, Answer(3, 8));
  Get(kAnna, Unknown(4));  // right: snapshot 4 has her not
  Get(kBert, grpc::Status::OK, Answer(5, 8));
  CheckResult checks = checks_->TakeResult();
  KeptResult result = CompareKept(ids_, ReadExample, &checks);
  EXPECT_TRUE(result.done);
  EXPECT_FALSE(result.failed) << "a deleted snapshot is no failure";
  EXPECT_EQ(result.compared, 3);
  EXPECT_EQ(result.not_compared, 1);
  EXPECT_THAT(result.notes, ElementsAre("1 answer of snapshot 5 could not be compared: no snapshot 5"));
  EXPECT_EQ(checks.wrong, 0);
}

TEST_F(Checked, AnIndependentReadFindsWrongContent) {
  Get(kAnna, grpc::Status::OK, Answer(3, 8));  // bert's
  Get(kAnna, grpc::Status::OK, Answer(4, 7));
  Get(kBert, Unknown(4));
  Get(kBert, grpc::Status::OK, Answer(6, 8));
  CheckResult checks = checks_->TakeResult();
  const KeptResult result = CompareKept(ids_, ReadExample, &checks);
  EXPECT_TRUE(result.failed);
  EXPECT_EQ(checks.wrong, 3);
  EXPECT_THAT(checks.examples, testing::UnorderedElementsAre(
                                   testing::AllOf(HasSubstr("snapshot 3 answered 'anna' with {"),
                                                  HasSubstr("an independent read gives")),
                                   HasSubstr("snapshot 4 answered 'anna' with a score, but has no such customer"),
                                   HasSubstr("snapshot 4 has customer 'bert', but was not found")));
}

TEST(CheckResult, MergesAndComparesDigests) {
  CheckResult a, b;
  a.snapshots[3] = {.answers = 2, .first_ns = 10, .last_ns = 20, .digest = "x"};
  b.snapshots[3] = {.answers = 3, .first_ns = 5, .last_ns = 15, .digest = "y"};
  b.found = 4;
  a.Merge(b);
  EXPECT_EQ(a.snapshots[3].answers, 5);
  EXPECT_EQ(a.snapshots[3].first_ns, 5);
  EXPECT_EQ(a.snapshots[3].last_ns, 20);
  EXPECT_EQ(a.found, 4);
  EXPECT_EQ(a.wrong, 1) << "two drivers saw different digests";
}

}  // namespace
}  // namespace strata
