// What a feed is expected to bring, as tables.
#include "run/expectations.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

RegisteredFile File(int32_t number, uint64_t checksum, int64_t accepted) {
  RegisteredFile file;
  file.number = number;
  file.path = "f" + std::to_string(number);
  file.checksum = checksum;
  file.counts.accepted = accepted;
  return file;
}

TEST(RowsNew, CountsFilesWhoseBytesTheFollowedLedgerLacks) {
  LedgerRegistry now, before;
  now.files = {File(1, 11, 100), File(2, 22, 30), File(4, 44, 5)};
  EXPECT_EQ(RowsNew(now, nullptr), 135) << "nothing is followed: all files";
  before.files = {File(1, 11, 90), File(7, 22, 1)};  // the second one has another name and number since
  EXPECT_EQ(RowsNew(now, &before), 5);
  before.files = {File(1, 10, 100), File(2, 22, 30)};  // the first one was replaced: all of its rows count
  EXPECT_EQ(RowsNew(now, &before), 105);
  EXPECT_EQ(RowsNew(now, &now), 0);
  now.files.push_back(File(9, 99, 1000));
  now.files.back().table = TableId::kVisits;
  EXPECT_EQ(RowsNew(now, &before), 105) << "what other tables bring is not the question";
}

TEST(CheckFeed, NamesTheRuleWhatWasFoundAndWhatIsAllowed) {
  const Day monday = ToDay({2024, 1, 8});
  struct Case {
    Expectations expect;
    FeedFacts facts;
    const char* says;
  };
  const auto rows = [](std::optional<int64_t> min, std::optional<int64_t> max) {
    return Expectations{.rows_new_min = min, .rows_new_max = max, .newest_day_lag_max_days = {}};
  };
  const Expectations lag{.rows_new_min = {}, .rows_new_max = {}, .newest_day_lag_max_days = 3};
  const Case cases[] = {
      {rows(10, {}), {.rows_new = 10}, ""},
      {rows(10, {}),
       {.rows_new = 9},
       "sources.transactions.expect.rows_new_min: found 9 new accepted rows, allowed is at least 10"},
      {rows({}, 10), {.rows_new = 10}, ""},
      {rows({}, 10),
       {.rows_new = 11},
       "sources.transactions.expect.rows_new_max: found 11 new accepted rows, allowed is at most 10"},
      {rows({}, 0), {.rows_new = 0}, ""},
      {lag, {.newest_day = monday - 3, .expected_day = monday}, ""},
      {lag,
       {.newest_day = monday - 4, .expected_day = monday},
       "sources.transactions.expect.newest_day_lag_max_days: found 4 days from the newest row, of 2024-01-04, to "
       "2024-01-08, allowed is at most 3 days"},
      {lag, {.newest_day = monday + 5, .expected_day = monday}, ""},
      {lag,
       {.newest_day = {}, .expected_day = monday},
       "sources.transactions.expect.newest_day_lag_max_days: found no row up to 2024-01-08, allowed is at most 3 days"},
      {{.rows_new_min = 1, .rows_new_max = {}, .newest_day_lag_max_days = 0},
       {.rows_new = 0, .newest_day = monday - 1, .expected_day = monday},
       "sources.transactions.expect.rows_new_min: found 0 new accepted rows, allowed is at least 1; "
       "sources.transactions.expect.newest_day_lag_max_days: found 1 days from the newest row, of 2024-01-07, to "
       "2024-01-08, allowed is at most 0 days"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(DescribeRules(CheckFeed(c.expect, c.facts, "sources.transactions")), c.says);
  }
}

}  // namespace
}  // namespace strata
