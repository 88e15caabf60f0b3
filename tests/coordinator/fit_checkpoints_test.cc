// A fit that is interrupted after any round goes on with the next one and ends with the same bits; what is on record
// and cannot be trusted costs rounds, and never changes a result.
#include "coordinator/night/fit_checkpoints.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/run_control.h"
#include "coordinator/run_end.h"
#include "data/snapshot/models_file.h"
#include "run/keys.h"
#include "tests/coordinator/led_state.h"
#include "tests/model/customer_table.h"

namespace strata {
namespace {

using Fate = VagueMetadata::Fate;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Day kAsOf = 10400;

class FitCheckpointsTest : public LedState {
 protected:
  FitCheckpointsTest()
      : base_(RandomRows(1, 300, 10000, kAsOf), kAsOf, 0, 4),
        other_base_(RandomRows(2, 300, 10000, kAsOf), kAsOf, 0, 4) {}
  FitCheckpoints Checkpoints(const ObjectRef& plan) {
    return FitCheckpoints({.objects = objects_.get(),
                           .metadata = metadata_.get(),
                           .clock = &clock_,
                           .log = [this](const LogLine& line) { log_.push_back(line.message); }},
                          "shop", 1, leadership_.token, plan);
  }
  static std::unique_ptr<NightFit> Make() {
    NightFitSettings settings;
    settings.rfm = RfmFitSettings{.scores = {3, 3, 3}};
    settings.clustering.emplace();
    settings.clustering->k = 4;
    settings.lifetime.emplace();
    settings.spend = true;
    return std::make_unique<NightFit>(settings);
  }
  // One round, answered by two workers.
  static std::vector<std::string> Answers(const std::string& request, const TestBase& base) {
    const auto& shards = base.shards();
    return {*AccumulateRound(request, {&shards[0], &shards[2]}, WidestKernels()),
            *AccumulateRound(request, {&shards[1], &shards[3]}, WidestKernels())};
  }
  // A term of a coordinator: resumes, then takes `rounds` further rounds (or all) and keeps each `every_ms`. The round
  // it began with; the models when the fit has ended.
  uint32_t Term(int rounds, const TestBase& base, std::string* models, const ObjectRef& plan = kPlan, bool now = true,
                int64_t every_ms = 0) {
    FitCheckpoints checkpoints = Checkpoints(plan);
    uint32_t begun = 0;
    auto fit = checkpoints.Resume(Make, &begun);
    EXPECT_THAT(fit, IsOk());
    for (auto request = (*fit)->Next(); request.has_value() && rounds-- > 0; request = (*fit)->Next()) {
      const std::vector<std::string> answers = Answers(*request, base);
      MustBeOk((*fit)->Absorb(answers));
      clock_.Advance(every_ms);
      EXPECT_THAT(checkpoints.Keep(Hash64(*request), answers, now), IsOk());
    }
    if ((*fit)->Next().has_value()) return begun;
    models->clear();
    for (const auto& [name, json] : ModelsToJson((*fit)->Result())) *models += name + json;
    return begun;
  }
  std::string Undisturbed(const TestBase& base, int* rounds) {
    const auto fit = Make();
    for (*rounds = 0; fit->Next().has_value(); ++*rounds) MustBeOk(fit->Absorb(Answers(*fit->Next(), base)));
    std::string models;
    for (const auto& [name, json] : ModelsToJson(fit->Result())) models += name + json;
    return models;
  }
  std::vector<KeyValue> Records() { return *real_->List(RunStateKey("shop", 1, FitCheckpoint::kPrefix)); }
  void Forget() {
    for (const KeyValue& record : Records()) ASSERT_THAT(real_->Commit({.deletes = {record.key}}), IsOk());
    log_.clear();
  }
  void Damage(const ObjectRef& ref) {
    const std::string path = folder_.Under("objects/" + ref.key);
    std::string bytes((*files_->Map(path))->bytes());
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    ASSERT_THAT(files_->Remove(path), IsOk());
    ASSERT_THAT(files_->WriteNew(path, bytes, 0600), IsOk());
  }

  static inline const ObjectRef kPlan{"plan", 77, 1};
  TestBase base_, other_base_;
  std::vector<std::string> log_;
};

constexpr int kAllRounds = 1000;

TEST_F(FitCheckpointsTest, AFitInterruptedAfterAnyRoundGoesOnWithTheNextOneAndHasTheSameBits) {
  int rounds = 0;
  const std::string undisturbed = Undisturbed(base_, &rounds);
  ASSERT_GE(rounds, 4);
  for (int first = 0; first <= rounds; ++first) {
    for (const int second : {0, 1, 2}) {  // interrupted twice
      Forget();
      std::string models;
      EXPECT_EQ(Term(first, base_, &models), 0u);
      EXPECT_EQ(Term(second, base_, &models), static_cast<uint32_t>(first));
      EXPECT_EQ(Term(kAllRounds, base_, &models), static_cast<uint32_t>(std::min(rounds, first + second)));
      EXPECT_EQ(models, undisturbed) << "interrupted after round " << first << ", then " << second;
    }
  }
}

TEST_F(FitCheckpointsTest, RoundsAreKeptEveryTenSecondsAndNoSoonerUnlessAsked) {
  std::string models;
  Term(5, base_, &models, kPlan, false, kCheckpointMs / 2 - 1);
  ASSERT_EQ(Records().size(), 1u);
  EXPECT_EQ(FitCheckpoint::Decode(Records()[0].value)->rounds, 3u) << "two are younger, and lost";
  EXPECT_EQ(Term(0, base_, &models), 3u);
}

TEST_F(FitCheckpointsTest, WhatIsDamagedOrMissingOrOfAnotherPlanIsPassedOverWithALogLine) {
  int rounds = 0;
  const std::string undisturbed = Undisturbed(base_, &rounds);
  enum class How { kDamaged, kMissing, kOtherPlan, kBadRecord };
  for (const How how : {How::kDamaged, How::kMissing, How::kOtherPlan, How::kBadRecord}) {
    Forget();
    std::string models;
    Term(4, base_, &models, how == How::kOtherPlan ? ObjectRef{"plan of another night", 78, 1} : kPlan);
    ASSERT_EQ(Records().size(), 4u);
    const KeyValue record = Records()[2];
    const ObjectRef answers = FitCheckpoint::Decode(record.value)->answers;
    if (how == How::kDamaged) Damage(answers);
    if (how == How::kMissing) MustBeOk(objects_->Delete(answers.key));
    if (how == How::kBadRecord) MustBeOk(real_->Commit({.puts = {{record.key, "?"}}}).status());
    log_.clear();
    EXPECT_EQ(Term(kAllRounds, base_, &models), how == How::kOtherPlan ? 0u : 2u);
    EXPECT_THAT(log_, Contains(HasSubstr("passed over")));
    EXPECT_EQ(models, undisturbed);
    ASSERT_THAT(objects_->DeleteAll(Keys("")), IsOk());
  }
}

// Pins, checksums and rounds are as they should be, and yet these are the answers of other customers to other
// parameters.
TEST_F(FitCheckpointsTest, AnswersToOtherParametersMakeTheFitBeginAnew) {
  int rounds = 0;
  const std::string undisturbed = Undisturbed(base_, &rounds);
  std::string models;
  Term(2, other_base_, &models);
  const KeyValue foreign = Records()[1];
  Forget();
  Term(1, base_, &models);
  ASSERT_THAT(real_->Commit({.puts = {{foreign.key, foreign.value}}}), IsOk());
  EXPECT_EQ(Term(kAllRounds, base_, &models), 0u);
  EXPECT_THAT(log_, Contains(HasSubstr("begins anew")));
  EXPECT_EQ(models, undisturbed);
}

TEST_F(FitCheckpointsTest, RoundsThatCouldNotBeKeptAreKeptWithTheNextOnes) {
  for (const std::vector<Fate>& fates :
       {std::vector{Fate::kLost, Fate::kLost, Fate::kLost, Fate::kLost}, {Fate::kLate}}) {
    Forget();
    for (const Fate fate : fates) metadata_->Next(fate);
    std::string models;
    Term(3, base_, &models);
    metadata_->Arrive();
    EXPECT_EQ(Term(0, base_, &models), 3u);
  }
}

TEST_F(FitCheckpointsTest, RoundsGoBehindACheckpointThatArrivedLate) {
  for (const Fate fate : {Fate::kLate, Fate::kLost, Fate::kLost, Fate::kLost}) metadata_->Next(fate);
  metadata_->BeforeCommit(5, [this] { metadata_->Arrive(); });
  std::string models;
  Term(4, base_, &models);
  EXPECT_EQ(Term(0, base_, &models), 4u);
}

TEST_F(FitCheckpointsTest, ACoordinatorThatWasDeposedKeepsNothingAndLearnsOfIt) {
  FitCheckpoints checkpoints = Checkpoints(kPlan);
  uint32_t round = 0;
  const auto fit = checkpoints.Resume(Make, &round);
  ASSERT_THAT(fit, IsOk());
  ASSERT_THAT(real_->Resign(leadership_), IsOk());
  EXPECT_THAT(checkpoints.Keep(1, {"answer"}, true), FailsWith(absl::StatusCode::kAborted, "LEADERSHIP_LOST"));
  EXPECT_THAT(Records(), IsEmpty());
}

TEST_F(FitCheckpointsTest, TheyGoWithTheRun) {
  auto begun = BeginRun(seams_, leadership_, "shop", "");
  ASSERT_THAT(begun, IsOk());
  std::string models;
  Term(3, base_, &models);
  EXPECT_EQ(Records().size(), 3u);
  SetError(MakeError(absl::StatusCode::kCancelled, "RUN_CANCELLED", "a test"), &begun->summary);
  begun->summary.state = RunState::kCancelled;
  ASSERT_THAT(EndRun(seams_, leadership_, &begun->summary), IsOk());
  EXPECT_THAT(Records(), IsEmpty());
  EXPECT_THAT(Keys(RunFolder("shop", 1)), IsEmpty());
}

}  // namespace
}  // namespace strata
