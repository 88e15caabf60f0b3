// The plan against a world that loses, repeats, delays and reorders: whatever happens, a task is committed once, a
// shard is counted once, and when the world heals the work ends. The seed of a failing case is printed.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/hash.h"
#include "coordinator/plan/plan.h"

namespace strata {
namespace {

class World {
 public:
  explicit World(uint64_t seed)
      : seed_(seed), plan_({.build_id = "b", .lease_ms = 1000, .worker_wait_ms = 1'000'000'000}) {}

  void RunStage(uint32_t tasks) {
    Feed(StageBegun{.stage = Stage::kMap, .tasks = tasks, .plan = {}, .committed = {}});
    Loop([this] { return stage_done_; });
    if (!failed_) {
      EXPECT_EQ(committed_.size(), tasks) << "seed " << seed_;
    }
  }
  void RunRound(uint32_t shards) {
    Feed(RoundBegun{.round = 1, .shards = shards, .plan = {}, .request = {}});
    Loop([this] { return round_done_; });
    if (!failed_) {
      EXPECT_EQ(covered_.size(), shards) << "seed " << seed_;
    }
  }
  int lost_workers() const { return lost_workers_; }
  int repeated() const { return repeated_; }
  int unknown() const { return unknown_; }
  bool failed() const { return failed_; }

 private:
  struct Job {
    AttemptId id = 0;
    uint32_t index = 0;
    std::vector<uint32_t> shards;
  };

  uint64_t Draw(uint64_t below) { return KeyedDraw(seed_, 0, ++draws_) % below; }

  void Loop(const std::function<bool()>& done) {
    constexpr int kFaultySteps = 400;
    constexpr int kMaxSteps = 20'000;
    for (int step = 0; step < kMaxSteps && !done() && !failed_; ++step) {
      faults_ = step < kFaultySteps;
      if (alive_.size() < 3 && Draw(10) == 0) Join();
      if (faults_ && !alive_.empty() && Draw(15) == 0) Kill();
      Work();
      now_ms_ += static_cast<int64_t>(Draw(faults_ ? 120 : 20));
      for (const WorkerId& worker : alive_) Feed(WorkerBeat{worker});
      Feed(Drained{});
      Feed(Tick{});
    }
    EXPECT_TRUE(done() || failed_) << "seed " << seed_ << ": does not end";
  }

  void Join() {
    const WorkerId id = "w" + std::to_string(++workers_made_);
    alive_.push_back(id);
    Feed(WorkerJoined{{.worker = id, .build_id = "b", .slots = 1 + static_cast<uint32_t>(Draw(3)), .attempts = {}}});
  }
  void Kill() {
    const size_t i = Draw(alive_.size());
    ++lost_workers_;
    // Half of them come to light by a broken stream, the others by silence; some of their results are still on the way.
    if (Draw(2) == 0) Feed(WorkerDisconnected{alive_[i]});
    alive_.erase(alive_.begin() + static_cast<long>(i));
  }
  void Work() {
    if (jobs_.empty()) return;
    const size_t i = Draw(jobs_.size());  // any order
    const auto [worker, job] = jobs_[i];
    const bool lives = std::find(alive_.begin(), alive_.end(), worker) != alive_.end();
    if (!lives && Draw(4) != 0) {
      jobs_.erase(jobs_.begin() + static_cast<long>(i));
      return;
    }
    if (faults_ && Draw(8) == 0) {
      ++repeated_;  // the answer arrives, and will arrive again
    } else {
      jobs_.erase(jobs_.begin() + static_cast<long>(i));
    }
    if (!job.shards.empty()) {
      answers_[job.id] = job.shards;
      Feed(FrameReceived{worker, RoundDone{job.id, {.inline_bytes = std::to_string(job.id), .object = {}}}});
    } else {
      Feed(FrameReceived{worker, TaskDone{job.id, {.inline_bytes = "r" + std::to_string(job.index), .object = {}}}});
    }
  }

  void Feed(const Event& event) {
    for (const Action& action : plan_.Handle(event, now_ms_)) Perform(action);
  }
  void Perform(const Action& action) {
    if (const auto* send = std::get_if<Send>(&action)) {
      if (const auto* task = std::get_if<StartTask>(&send->frame))
        jobs_.push_back({send->worker, {task->attempt, task->index, {}}});
      if (const auto* round = std::get_if<StartRound>(&send->frame))
        jobs_.push_back({send->worker, {round->assignment, 0, round->shards}});
    } else if (const auto* commit = std::get_if<CommitTasks>(&action)) {
      Commit(*commit);
    } else if (const auto* read = std::get_if<ReadCommit>(&action)) {
      Feed(CommitRead{read->batch, committed_.contains(read->first.index)});
    } else if (std::holds_alternative<StageDone>(action)) {
      stage_done_ = true;
    } else if (const auto* round = std::get_if<RoundDoneByAll>(&action)) {
      round_done_ = true;
      for (const Blob& partial : round->partials) {
        for (const uint32_t shard : answers_.at(std::stoull(partial.inline_bytes))) {
          EXPECT_TRUE(covered_.insert(shard).second) << "seed " << seed_ << ": shard " << shard << " counts twice";
        }
      }
    } else if (const auto* fail = std::get_if<FailRun>(&action)) {
      // With faults this dense, four lost attempts of one task or commit are possible, and the only ways to fail.
      const std::string reason = DetailOf(fail->status)->reason;
      EXPECT_TRUE(reason == "ATTEMPTS_EXHAUSTED" || reason == "COMMIT_FAILED")
          << "seed " << seed_ << ": " << fail->status;
      failed_ = true;
    }
  }
  void Commit(const CommitTasks& commit) {
    const bool unknown = faults_ && Draw(5) == 0;
    const bool applied = !unknown || Draw(2) == 0;
    if (applied) {
      for (const TaskResultToCommit& result : commit.results) {
        EXPECT_TRUE(committed_.insert(result.index).second)
            << "seed " << seed_ << ": task " << result.index << " twice";
        EXPECT_EQ(result.result.inline_bytes, "r" + std::to_string(result.index));
      }
    }
    unknown_ += unknown;
    if (unknown) {
      Feed(CommitUnknown{commit.batch});
    } else {
      Feed(CommitKnown{commit.batch});
    }
  }

  uint64_t seed_;
  uint64_t draws_ = 0;
  Plan plan_;
  int64_t now_ms_ = 0;
  bool faults_ = true;
  int workers_made_ = 0, lost_workers_ = 0, repeated_ = 0, unknown_ = 0;
  std::vector<WorkerId> alive_;
  std::vector<std::pair<WorkerId, Job>> jobs_;
  std::set<uint32_t> committed_, covered_;
  std::map<AttemptId, std::vector<uint32_t>> answers_;
  bool stage_done_ = false, round_done_ = false, failed_ = false;
};

TEST(PlanProperty, EveryTaskIsCommittedOnceAndEveryShardCountedOnce) {
  int lost = 0, repeated = 0, unknown = 0, failed = 0;
  constexpr int kSeeds = 400;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    World stage(seed);
    stage.RunStage(20 + seed % 40);
    World round(seed);
    round.RunRound(1 + seed % 64);
    lost += stage.lost_workers() + round.lost_workers();
    repeated += stage.repeated() + round.repeated();
    unknown += stage.unknown();
    failed += stage.failed() + round.failed();
    if (HasFailure()) break;
  }
  // The interesting things happened, and giving up stayed the exception.
  EXPECT_GT(lost, kSeeds);
  EXPECT_GT(repeated, kSeeds);
  EXPECT_GT(unknown, kSeeds / 2);
  EXPECT_LT(failed, kSeeds / 4);
}

}  // namespace
}  // namespace strata
