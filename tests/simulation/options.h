// What one seed simulates: the cluster, the nights, and how often what goes wrong. Plain values; every option is drawn
// from the seed, and half of the faults are off in a given seed, so that rare ones are seen alone.
#pragma once

#include <cstdint>
#include <string>

namespace strata::simulation {

// Deliberate mistakes in the seams, to show that they would be found.
enum class Bug {
  kNone,
  kNoFileSync,         // a written file is not on the disk
  kNoFolderSync,       // a new name is not on the disk
  kTokenIgnored,       // commits of a deposed coordinator are taken
  kComparesIgnored,    // commits are taken though what they compare has changed
  kLeaseNeverExpires,  // a silent worker is waited for
  kLeadNeverExpires,   // a dead coordinator is waited for
  kCommitForgotten,    // an answered commit is gone
  kDoubleCount,        // a round's answer contains a shard twice
  kWrongShard,         // a round's answer lacks a shard
  kStaleTask,          // a worker answers with the result of its last task
  kNumbersRepeat,      // attempts of two terms have the same numbers, and a worker keeps answers over a term
  kPinForgotten,       // what a run has fixed of its sources cannot be read again
  kHalfAnObject,       // an object is there before all of its bytes are
  kReadBackCached,     // a part is damaged as it is written, and reading it back shows what was meant
  kUnknownIsSuccess,   // a commit of unknown outcome counts as done
  kTokenRepeats,       // who takes the lead gets the token of who had it
  kReadsGoBack,        // the metadata answers reads from an older state
  kFrameLost,          // a frame is lost though its stream goes on
  kListForgets,        // a listing of records leaves one out
  kDeleteTooMuch,      // a deletion takes a neighbour along
  kStaleRound,         // a worker answers a round with its last round's answer
  kWrongCheckpoint,    // of a fit's rounds one worker's answer is kept twice, another's not
  kWrongSnapshotGoes,  // what is removed of earlier nights is the next one
};
inline constexpr int kBugs = static_cast<int>(Bug::kWrongSnapshotGoes);
const char* Name(Bug bug);
// Part of the violation that the mistake must lead to. Others may come first: a mistake seldom has one consequence.
const char* FindingOf(Bug bug);

struct Options {
  uint64_t seed = 0;
  Bug bug = Bug::kNone;
  int nights = 1;        // files that come, each with a run
  int coordinators = 1;  // processes that may lead; one does
  int workers = 1;
  int slots = 1;                // of each worker
  bool retention = false;       // the job keeps as little as may be asked for
  int64_t faults_ms = 100'000;  // the first part; then everything heals
  int64_t task_ms = 100;        // a task takes up to this, with seldom exceptions
  // Of a million milliseconds so many see one:
  int crash_coordinator = 0, stop_coordinator = 0, crash_worker = 0, pause_coordinator = 0, pause_worker = 0,
      power_cut = 0, break_stream = 0, partition = 0, wall_step = 0, corrupt = 0, metadata_away = 0;
  // Of a thousand calls or messages so many meet one:
  int crash_in_call = 0, disk_error = 0, commit_unknown = 0, beat_lost = 0, answer_repeated = 0, answer_late = 0,
      pause_in_commit = 0, half_open = 0;

  static Options Draw(uint64_t seed, Bug bug);
  std::string ToString() const;  // everything that is not off
};

}  // namespace strata::simulation
