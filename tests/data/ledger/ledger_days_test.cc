// The days of a shard as they are taken elsewhere, against the slow ledger.
#include "data/ledger/ledger_days.h"

#include <gtest/gtest.h>

#include "data/ledger/batch_check.h"
#include "tests/base/status_matchers.h"
#include "tests/data/ledger/shards.h"

namespace strata {
namespace {

struct Line {
  std::string id;
  Day day = 0;
  int64_t net_micros = 0;
  int64_t rows = 0;
  int64_t return_rows = 0;
  bool operator==(const Line&) const = default;
};

std::vector<Line> LinesOf(const LedgerShard& shard, Day last) {
  std::vector<Line> lines;
  EXPECT_TRUE(ForEachDay(shard, last, [&lines](const CustomerDay& day) {
                EXPECT_EQ(day.is_purchase(), day.rows > day.return_rows);
                lines.push_back({std::string(day.id), day.day, day.net_micros, day.rows, day.return_rows});
                return absl::OkStatus();
              }).ok());
  return lines;
}

std::vector<Line> SlowLines(const std::vector<RawRow>& rows, bool has_transaction_id, Day last) {
  const OracleLedger oracle = BuildOracle(rows, has_transaction_id);
  std::vector<Line> lines;
  for (const auto& [customer, parts] : oracle.days) {
    std::map<Day, Line> days;
    for (const auto& [day_and_file, part] : parts) {
      Line& line = days[day_and_file.first];
      line.id = customer.second;
      line.day = day_and_file.first;
      line.net_micros += part.net_micros;
      line.rows += part.rows;
      line.return_rows += part.return_rows;
    }
    for (const auto& [day, line] : days) {
      if (day <= last) lines.push_back(line);
    }
  }
  return lines;
}

class LedgerDays : public testing::TestWithParam<bool> {};

TEST_P(LedgerDays, AreThoseOfTheRowsInTheOrderOfTheLedger) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::vector<RawRow> rows = RandomRows(seed, 200);
    std::mt19937_64 random(seed);
    std::shuffle(rows.begin(), rows.end(), random);
    LivingShard shard(GetParam());
    for (size_t begin = 0; begin < rows.size(); begin += 50)
      shard.Add({std::vector<RawRow>(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                                     rows.begin() + static_cast<std::ptrdiff_t>(begin + 50))});
    for (const Day last : {kLastDay, Day{9200}, Day{8999}})
      EXPECT_EQ(LinesOf(shard.shard(), last), SlowLines(rows, GetParam(), last)) << last;
    shard.Remove(2);
    std::vector<RawRow> left;
    for (const RawRow& row : rows) {
      if (row.file != 2) left.push_back(row);
    }
    EXPECT_EQ(LinesOf(shard.shard(), kLastDay), SlowLines(left, GetParam(), kLastDay));
  }
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutTransactionIds, LedgerDays, testing::Bool());

TEST(LedgerDaysVisited, EndAtTheFirstError) {
  LivingShard shard(false);
  shard.Add({RandomRows(1, 20)});
  int visited = 0;
  const absl::Status status = ForEachDay(shard.shard(), kLastDay, [&visited](const CustomerDay&) {
    return ++visited == 3 ? MakeError(absl::StatusCode::kInternal, "EXPORT_UNWRITTEN", "disk full") : absl::OkStatus();
  });
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kInternal, "EXPORT_UNWRITTEN"));
  EXPECT_EQ(visited, 3);
}

}  // namespace
}  // namespace strata
