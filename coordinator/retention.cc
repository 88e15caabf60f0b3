#include "coordinator/retention.h"

#include <algorithm>
#include <set>

namespace strata {
namespace {

constexpr int64_t kDayMs = int64_t{24} * 60 * 60 * 1000;

bool IsYoung(int64_t time_ms, int64_t now_ms, int days) { return now_ms - time_ms < days * kDayMs; }

const SnapshotRecord* Find(const std::vector<SnapshotRecord>& snapshots, int64_t number) {
  const auto found = std::find_if(snapshots.begin(), snapshots.end(),
                                  [number](const SnapshotRecord& snapshot) { return snapshot.number == number; });
  return found == snapshots.end() ? nullptr : &*found;
}

// Numbers of snapshots that stay whatever their age. `newest_first` by number.
std::set<int64_t> InUse(const RetentionFacts& facts, const std::vector<SnapshotRecord>& newest_first) {
  std::set<int64_t> used = {facts.current, facts.active_run, facts.followed_by_active};
  if (newest_first.empty()) return used;
  const SnapshotRecord& newest = newest_first.front();
  used.insert({newest.number, newest.follows});
  if (const SnapshotRecord* current = Find(newest_first, facts.current); current != nullptr)
    used.insert(current->follows);
  // Of several with the latest date the next night takes the newest (Night::ChooseFollowed).
  const auto latest =
      std::max_element(newest_first.begin(), newest_first.end(), [](const SnapshotRecord& a, const SnapshotRecord& b) {
        return std::pair(a.as_of, a.number) < std::pair(b.as_of, b.number);
      });
  used.insert(latest->number);
  return used;
}

}  // namespace

RetentionChoice ChooseRemovals(const Retention& retention, const RetentionFacts& facts) {
  RetentionChoice choice;
  std::vector<SnapshotRecord> snapshots = facts.snapshots;
  std::sort(snapshots.begin(), snapshots.end(),
            [](const SnapshotRecord& a, const SnapshotRecord& b) { return a.number > b.number; });
  const std::set<int64_t> used = InUse(facts, snapshots);
  std::set<int64_t> kept_runs = {facts.active_run};
  for (size_t i = 0; i < snapshots.size(); ++i) {
    const SnapshotRecord& snapshot = snapshots[i];
    const bool stays = std::cmp_less(i, retention.snapshots_min) || used.contains(snapshot.number) ||
                       IsYoung(snapshot.published_ms, facts.now_ms, retention.snapshots_days);
    if (!stays) choice.snapshots.push_back(snapshot.number);
  }
  std::reverse(choice.snapshots.begin(), choice.snapshots.end());
  if (choice.snapshots.size() > kMaxSnapshotsRemovedPerRun) choice.snapshots.resize(kMaxSnapshotsRemovedPerRun);
  for (const SnapshotRecord& snapshot : snapshots) {
    if (!std::binary_search(choice.snapshots.begin(), choice.snapshots.end(), snapshot.number))
      kept_runs.insert(snapshot.run);
  }

  std::vector<EndedRun> runs = facts.runs;
  std::sort(runs.begin(), runs.end(), [](const EndedRun& a, const EndedRun& b) { return a.run > b.run; });
  for (size_t i = 0; i < runs.size(); ++i) {
    const bool stays = std::cmp_less(i, retention.runs_min) || kept_runs.contains(runs[i].run) ||
                       IsYoung(runs[i].ended_ms, facts.now_ms, retention.runs_days);
    if (!stays) choice.runs.push_back(runs[i].run);
  }
  std::reverse(choice.runs.begin(), choice.runs.end());
  if (choice.runs.size() > kMaxRunsRemovedPerRun) choice.runs.resize(kMaxRunsRemovedPerRun);
  return choice;
}

}  // namespace strata
