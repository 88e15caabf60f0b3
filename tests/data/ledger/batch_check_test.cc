// Rows that no ingest may hand over are refused by name, not stored.
#include "data/ledger/batch_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/ledger/raw_rows.h"

namespace strata {
namespace {

TEST(BatchCheck, TheCalendarIsTheOneOfDates) {
  EXPECT_EQ(kFirstDay, ToDay({.year = kFirstYear, .month = 1, .day = 1}));
  EXPECT_EQ(kLastDay, ToDay({.year = kLastYear, .month = 12, .day = 31}));
}

TEST(BatchCheck, GoodRowsPass) {
  EXPECT_TRUE(CheckBatch({}).ok());
  EXPECT_TRUE(CheckBatch(ToBatch(RandomRows(1, 100), true)).ok());
  EXPECT_TRUE(CheckBatch(ToBatch(RandomRows(1, 100), false)).ok());
}

TEST(BatchCheck, BadRowsAreNamed) {
  struct Case {
    void (*change)(RowBatch&);
    const char* message;
  };
  const Case cases[] = {
      {[](RowBatch& b) { b.day.pop_back(); }, "column day has 9 values, expected are 10"},
      {[](RowBatch& b) { b.id.Append("x"); }, "column id has 11 values"},
      {[](RowBatch& b) { b.row_hash.pop_back(); }, "column row_hash has 9 values"},
      {[](RowBatch& b) { b.updated_at_us.clear(); }, "column updated_at_us has 0 values"},
      {[](RowBatch& b) { b.day[3] = kLastDay + 1; }, "row 3: day 84006"},
      {[](RowBatch& b) { b.day[3] = kFirstDay - 1; }, "row 3: day -25568"},
      {[](RowBatch& b) { b.minute[2] = 1440; }, "row 2: minute 1440"},
      {[](RowBatch& b) { b.minute[2] = -1; }, "row 2: minute -1"},
      {[](RowBatch& b) { b.is_return[9] = 2; }, "row 9: is_return is 2"},
      {[](RowBatch& b) { b.file[0] = -1; }, "row 0: file number -1"},
      {[](RowBatch& b) {
         b.id = TextColumn::FromParts("ab", {1, 1, 2, 2, 2, 2, 2, 2, 2, 2});
       },
       "row 1 has no customer"},
      {[](RowBatch& b) {
         b.id = TextColumn::FromParts("0123456789", {1, 2, 3, 4, 5, 6, 7, 8, 9, 99});
       },
       "row 9 has no"},
  };
  for (const Case& c : cases) {
    RowBatch batch = ToBatch(RandomRows(1, 10), true);
    c.change(batch);
    const absl::Status status = CheckBatch(batch);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(StdView(status.message())), testing::HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace strata
