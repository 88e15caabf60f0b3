// Which snapshots and runs are old enough to go: a table of cases, and what holds for any history.
#include "coordinator/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace strata {
namespace {

constexpr int64_t kDayMs = int64_t{24} * 60 * 60 * 1000;
constexpr int64_t kNowMs = 20'000 * kDayMs;

SnapshotRecord Snapshot(int64_t number, int64_t days_old, int64_t follows, Day as_of) {
  return {.number = number,
          .as_of = as_of,
          .published_ms = kNowMs - days_old * kDayMs,
          .run = number,
          .follows = follows,
          .ledger_version = number};
}

// `count` nights, the last one published today, each following the one before; snapshot n has date n.
RetentionFacts Nights(int64_t count) {
  RetentionFacts facts{.current = count, .active_run = count, .followed_by_active = count - 1, .now_ms = kNowMs};
  for (int64_t n = 1; n <= count; ++n) {
    facts.snapshots.push_back(Snapshot(n, count - n, n - 1, static_cast<Day>(n)));
    if (n < count) facts.runs.push_back({.run = n, .ended_ms = kNowMs - (count - n) * kDayMs});
  }
  return facts;
}

std::vector<int64_t> UpTo(int64_t last) {
  std::vector<int64_t> numbers;
  for (int64_t n = 1; n <= last; ++n) numbers.push_back(n);
  return numbers;
}

TEST(Retention, CountAndAgeMustBothAllowIt) {
  struct Case {
    const char* what;
    Retention retention;
    std::vector<int64_t> snapshots;
    std::vector<int64_t> runs;
  };
  // 40 nights: snapshot n is 40 - n days old, and so is its run, but for the fortieth, which is under way.
  const Case cases[] = {
      {"the defaults keep a month", {}, {}, {}},
      {"count alone", {10, 0, 10, 0}, UpTo(30), UpTo(29)},
      {"age alone", {1, 7, 1, 7}, UpTo(33), UpTo(33)},
      {"the larger of both", {10, 20, 10, 20}, UpTo(20), UpTo(20)},
      {"one stays, and the one it follows", {1, 0, 1, 0}, UpTo(38), UpTo(38)},
      {"runs of kept snapshots stay", {10, 0, 1, 0}, UpTo(30), UpTo(30)},
      {"snapshots outlive their runs' age", {40, 0, 1, 0}, {}, {}},
      {"runs outlive their snapshots", {1, 0, 100, 0}, UpTo(38), {}},
      {"for ever", {100'000, 36'500, 100'000, 36'500}, {}, {}},
  };
  for (const Case& c : cases) {
    const RetentionChoice choice = ChooseRemovals(c.retention, Nights(40));
    EXPECT_EQ(choice.snapshots, c.snapshots) << c.what;
    EXPECT_EQ(choice.runs, c.runs) << c.what;
  }
}

TEST(Retention, WhatIsInUseStaysHoweverOld) {
  const Retention least{.snapshots_min = 1, .snapshots_days = 0, .runs_min = 1, .runs_days = 0};
  RetentionFacts facts = Nights(20);
  facts.current = 7;                // rolled back: it stays with the one it follows, for the way further back
  facts.followed_by_active = 3;     // --follows 3
  facts.snapshots[11].as_of = 500;  // 12 is of the latest date: what the next night follows
  const RetentionChoice choice = ChooseRemovals(least, facts);
  EXPECT_THAT(choice.snapshots, testing::ElementsAre(1, 2, 4, 5, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18));
  EXPECT_THAT(choice.runs, testing::ElementsAre(1, 2, 4, 5, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18));
}

TEST(Retention, ABackfillDoesNotPushOutWhatTheNextNightFollows) {
  const Retention least{.snapshots_min = 3, .snapshots_days = 0};
  RetentionFacts facts = Nights(5);
  for (int64_t n = 6; n <= 30; ++n) facts.snapshots.push_back(Snapshot(n, 1, n - 1, static_cast<Day>(n - 100)));
  facts.current = 5;
  EXPECT_THAT(ChooseRemovals(least, facts).snapshots, testing::Not(testing::Contains(5)));
}

TEST(Retention, AClockThatWentBackKeepsTooMuch) {
  RetentionFacts facts = Nights(20);
  facts.now_ms = 0;
  const RetentionChoice choice = ChooseRemovals({.snapshots_min = 1, .snapshots_days = 0, .runs_days = 0}, facts);
  EXPECT_TRUE(choice.snapshots.empty());
  EXPECT_TRUE(choice.runs.empty());
}

TEST(Retention, ANightIsNotMadeLongByAShorterRetention) {
  const Retention least{.snapshots_min = 1, .snapshots_days = 0, .runs_min = 1, .runs_days = 0};
  const RetentionChoice choice = ChooseRemovals(least, Nights(2000));
  EXPECT_EQ(choice.snapshots, UpTo(kMaxSnapshotsRemovedPerRun)) << "the oldest first";
  EXPECT_TRUE(choice.runs.size() <= kMaxRunsRemovedPerRun);
  EXPECT_EQ(choice.runs, UpTo(kMaxSnapshotsRemovedPerRun)) << "a run stays until its snapshot has gone";
}

TEST(Retention, NothingIsNothing) {
  EXPECT_TRUE(ChooseRemovals({}, {}).snapshots.empty());
  EXPECT_TRUE(ChooseRemovals({}, {}).runs.empty());
}

// Any history: back-dated nights, roll-backs, skipped numbers, clocks that step.
RetentionFacts AnyHistory(std::mt19937_64* random, Retention* retention) {
  const auto draw = [random](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(*random);
  };
  *retention = {.snapshots_min = static_cast<int>(draw(1, 12)),
                .snapshots_days = static_cast<int>(draw(0, 20)),
                .runs_min = static_cast<int>(draw(1, 12)),
                .runs_days = static_cast<int>(draw(0, 20))};
  RetentionFacts facts{.now_ms = kNowMs};
  const int64_t nights = draw(0, 60);
  for (int64_t n = 1; n <= nights; ++n) {
    if (draw(0, 3) > 0) facts.runs.push_back({.run = n, .ended_ms = kNowMs - draw(-2, 40) * kDayMs});
    if (draw(0, 3) == 0) continue;
    const int64_t follows = facts.snapshots.empty()
                                ? 0
                                : facts.snapshots[static_cast<size_t>(draw(0, std::ssize(facts.snapshots) - 1))].number;
    facts.snapshots.push_back(Snapshot(n, draw(-2, 40), follows, static_cast<Day>(draw(0, 50))));
  }
  const auto any = [&] {
    return facts.snapshots.empty()
               ? 0
               : facts.snapshots[static_cast<size_t>(draw(0, std::ssize(facts.snapshots) - 1))].number;
  };
  facts.current = any();
  facts.followed_by_active = draw(0, 1) == 0 ? 0 : any();
  facts.active_run = nights;
  std::shuffle(facts.snapshots.begin(), facts.snapshots.end(), *random);
  std::shuffle(facts.runs.begin(), facts.runs.end(), *random);
  return facts;
}

TEST(Retention, NeverInUseNeverFollowedNeverTooMany) {
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    Retention retention;
    const RetentionFacts facts = AnyHistory(&random, &retention);
    const RetentionChoice choice = ChooseRemovals(retention, facts);
    ASSERT_TRUE(std::is_sorted(choice.snapshots.begin(), choice.snapshots.end()));
    const std::set<int64_t> gone(choice.snapshots.begin(), choice.snapshots.end());
    const std::set<int64_t> gone_runs(choice.runs.begin(), choice.runs.end());
    ASSERT_EQ(gone.size(), choice.snapshots.size());
    for (const int64_t used : {facts.current, facts.active_run, facts.followed_by_active})
      ASSERT_FALSE(gone.contains(used));
    ASSERT_FALSE(gone_runs.contains(facts.active_run));

    const SnapshotRecord* newest = nullptr;
    const SnapshotRecord* latest = nullptr;
    int64_t kept = 0;
    for (const SnapshotRecord& snapshot : facts.snapshots) {
      if (newest == nullptr || snapshot.number > newest->number) newest = &snapshot;
      if (latest == nullptr || snapshot.as_of > latest->as_of) latest = &snapshot;
      ASSERT_FALSE(snapshot.number == facts.current && gone.contains(snapshot.follows));
      const bool young = snapshot.published_ms > kNowMs - retention.snapshots_days * kDayMs;
      ASSERT_FALSE(young && gone.contains(snapshot.number));
      if (gone.contains(snapshot.number)) continue;
      kept += young ? 0 : 1;
      ASSERT_FALSE(gone_runs.contains(snapshot.run)) << "the run of a kept snapshot";
    }
    if (newest == nullptr) continue;
    ASSERT_FALSE(gone.contains(newest->number));
    ASSERT_FALSE(gone.contains(newest->follows));
    const bool latest_stays = std::any_of(facts.snapshots.begin(), facts.snapshots.end(), [&](const SnapshotRecord& s) {
      return s.as_of == latest->as_of && !gone.contains(s.number);
    });
    ASSERT_TRUE(latest_stays);
    // Bounded: of the old ones the count stays, and at most six for their use.
    ASSERT_LE(kept, retention.snapshots_min + 6);
    const auto older = std::count_if(facts.snapshots.begin(), facts.snapshots.end(), [&](const SnapshotRecord& s) {
      return !choice.snapshots.empty() && s.number > choice.snapshots.back();
    });
    ASSERT_TRUE(gone.empty() || older >= retention.snapshots_min);
  }
}

}  // namespace
}  // namespace strata
