// Whether answers are right, as far as that can be seen at once and cheaply: customers that exist are found, made-up
// ids are not, a batch answers each of its ids in its place and from one snapshot, the snapshot is one of the job asked
// (the pinned one where one is), and a snapshot keeps its digest. A sample of answers, keyed by the question's number
// and so the same in every run, is kept with the snapshot's number to be compared with an independent read afterwards
// (client/bench/kept_answers.h): an answer does not repeat its id, so only its content can show whose it is.
//
// A customer that another snapshot than the pool's does not have may be right or wrong: such answers are kept too.
// Not thread-safe; `ids` must outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "client/bench/load_plan.h"

namespace grpc {
class Status;
}

namespace strata {
namespace v1 {
class AnswerInfo;
class GetScoreResponse;
class LookupScoresResponse;
class Score;
}  // namespace v1

inline constexpr size_t kKeptMax = 4'000;  // per driver; about half stay: an error in 0.2 % of answers shows in 98 %
inline constexpr size_t kKeptAbsentMax = 4'000;  // per driver, of absences that may be right
inline constexpr size_t kExamplesMax = 5;        // of wrong answers: enough to see a pattern

struct KeptAnswer {
  int64_t snapshot = 0;
  uint32_t known_index = 0;  // into the pool's known ids
  bool found = false;
  std::string score;  // strata.v1.Score as it came, where found
  uint64_t draw = 0;  // the sample has the least ones
};

struct SnapshotSeen {
  int64_t answers = 0;
  int64_t first_ns = 0;  // since the run's start
  int64_t last_ns = 0;
  std::string digest;
};

struct CheckResult {
  std::map<int64_t, SnapshotSeen> snapshots;  // by number
  int64_t switches = 0;  // answers from another snapshot than the one before on the same connection
  int64_t found = 0;     // questions
  int64_t not_found = 0;
  int64_t wrong = 0;
  std::vector<std::string> examples;
  std::vector<KeptAnswer> kept;
  int64_t absent_not_kept = 0;  // beyond kKeptAbsentMax

  void AddWrong(std::string example);
  void Merge(CheckResult other);
};

class AnswerChecks {
 public:
  AnswerChecks(const LoadPlan& plan, const IdPool* ids, int connections);

  // Each returns true for an answer, right or wrong, and false for an error of the server or the way to it.
  bool TakeGet(int64_t question, Key key, int connection, int64_t now_ns, const grpc::Status& status,
               const v1::GetScoreResponse& response);
  bool TakeLookup(int64_t first_question, std::span<const Key> keys, int connection, int64_t now_ns,
                  const grpc::Status& status, const v1::LookupScoresResponse& response);

  CheckResult TakeResult();

 private:
  struct Last {
    std::string name;  // of the snapshot that answered last on a connection
    int64_t number = 0;
    SnapshotSeen* seen = nullptr;
  };

  // The snapshot's number, 0 where it is wrong.
  int64_t TakeSnapshot(const std::string& name, const std::string* digest, int connection, int64_t now_ns);
  void TakeFound(int64_t question, Key key, int64_t snapshot, const v1::Score& score);
  void TakeNotFound(Key key, int64_t snapshot);
  const std::string& IdOf(Key key) const;

  SnapshotName asked_;
  const IdPool* ids_;
  uint64_t seed_;
  bool verify_;
  uint64_t keep_up_to_ = UINT64_MAX;  // draws; halved whenever too many are kept
  std::vector<Last> last_;            // by connection
  CheckResult result_;
  std::vector<KeptAnswer> sample_;
};

}  // namespace strata
