// Details of transactions say what the days of the ledger say: as many rows, of the same files and days, with the same
// sums, through nights, removals, duplicates and conflicts.
#include <gtest/gtest.h>

#include "data/ledger/segment_spans.h"
#include "tests/data/ledger/shards.h"
#include "tests/data/rows/living_table.h"

namespace strata {
namespace {

constexpr uint64_t kSeeds = 40;

TableLayout LineLayout(bool has_key) {
  return {.table = TableId::kTransactions,
          .names = {"net", "is_return"},
          .types = {ValueType::kMoney, ValueType::kFlag},
          .has_key = has_key,
          .effect = Effect::kEvent,
          .entity = {}};
}

TableBatch LinesOf(const RowBatch& rows) {
  TableBatch lines;
  lines.hash = rows.hash;
  lines.id = rows.id;
  lines.day = rows.day;
  lines.minute = rows.minute;
  lines.file = rows.file;
  lines.key = rows.transaction;
  lines.version = rows.updated_at_us;
  lines.row_hash = rows.row_hash;
  lines.columns.resize(2);
  lines.columns[0].type = ValueType::kMoney;
  lines.columns[0].whole = rows.net_micros;
  lines.columns[1].type = ValueType::kFlag;
  lines.columns[1].whole.assign(rows.is_return.begin(), rows.is_return.end());
  return lines;
}

using DaySums = std::map<std::tuple<CustomerKey, Day>, std::tuple<int64_t, int64_t, int64_t>>;  // net, rows, returns

DaySums SumsOf(const TableShard& lines) {
  DaySums sums;
  for (const TableShard::Owner& owner : lines.owners()) {
    for (size_t row = owner.begin; row < owner.end; ++row) {
      auto& [net, rows, returns] = sums[{CustomerKey(owner.hash, owner.id), lines.day()[row]}];
      net += lines.whole(0)[row];
      ++rows;
      returns += lines.whole(1)[row];
    }
  }
  return sums;
}

DaySums SumsOf(const LedgerSegment& days) {
  DaySums sums;
  for (size_t customer = 0; customer < days.customers(); ++customer) {
    for (const LedgerDay& day : days.days(customer)) {
      auto& [net, rows, returns] = sums[{CustomerKey(days.hash(customer), days.id(customer)), day.day}];
      net += day.net_micros;
      rows += day.rows;
      returns += day.return_rows;
    }
  }
  return sums;
}

class LineRows : public testing::TestWithParam<bool> {};

TEST_P(LineRows, SumToTheDaysOfTheLedger) {
  const bool has_transaction_id = GetParam();
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::vector<RawRow> rows = RandomRows(seed, 300);
    LivingShard days(has_transaction_id);
    LivingTable lines(LineLayout(has_transaction_id));
    const auto removed = static_cast<int32_t>(random() % 5);
    for (int night = 0; night < 10; ++night) {
      std::vector<RawRow> fresh;
      for (const RawRow& row : rows) {
        if (random() % 10 == 0 && !(night > 6 && row.file == removed)) fresh.push_back(row);
      }
      const RowBatch batch = ToBatch(fresh, has_transaction_id);
      days.AddBatches({batch});
      lines.Add({LinesOf(batch)});
      EXPECT_EQ(lines.totals().customers, days.totals().customers);
      EXPECT_EQ(lines.totals().rows, days.totals().rows);
      EXPECT_EQ(lines.totals().conflicts, days.totals().conflicts);
      EXPECT_EQ(lines.totals().rows_by_file, days.totals().rows_by_file);
      EXPECT_EQ(lines.totals().rows_by_day, days.totals().rows_by_day);
      if (night == 6) {
        days.Remove(removed);
        lines.Remove(removed);
      }
    }
    const DaySums of_lines = SumsOf(lines.Read(20000));
    days.AddBatches({}, Compaction::kAll);
    EXPECT_EQ(of_lines, SumsOf(days.shard().segments.front()));
  }
}

INSTANTIATE_TEST_SUITE_P(Transactions, LineRows, testing::Bool(),
                         [](const auto& param) { return param.param ? "Mapped" : "NotMapped"; });

}  // namespace
}  // namespace strata
