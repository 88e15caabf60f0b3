// Rows dealt to shards in blocks are the rows dealt one by one.
#include "data/source/staged_rows.h"

#include <gtest/gtest.h>

#include <random>

namespace strata {
namespace {

TEST(StagedRows, AreThoseDealtOneByOne) {
  for (const bool has_transaction_id : {false, true}) {
    for (const uint32_t shards : {1u, 3u, 64u}) {
      for (const size_t rows : {size_t{0}, size_t{1}, size_t{16'384}, size_t{40'000}}) {
        SCOPED_TRACE(testing::Message() << shards << " shards, " << rows << " rows, " << has_transaction_id);
        std::mt19937_64 random(shards + rows);
        std::vector<RowBatch> dealt(shards), expected(shards);
        StagedRows staged(shards, has_transaction_id, 9);
        if (rows > 1) staged.Expect(static_cast<int64_t>(rows), &dealt);
        for (size_t i = 0; i < rows; ++i) {
          const std::string id(1 + random() % 40, static_cast<char>('a' + random() % 26));
          const ParsedRow row{.customer_id = id,
                              .time = {.day = static_cast<Day>(random() % 1000),
                                       .nanos = static_cast<int64_t>(random() % 86'400) * 1'000'000'000},
                              .net_micros = static_cast<int64_t>(random()),
                              .is_return = random() % 2 == 0,
                              .transaction = {random(), random()},
                              .updated_at_us = static_cast<int64_t>(random()),
                              .row_hash = random()};
          staged.Add(row, &dealt);
          RowBatch& batch = expected[ShardOf(Hash64(id), shards)];
          batch.hash.push_back(Hash64(id));
          batch.id.Append(id);
          batch.day.push_back(row.time.day);
          batch.minute.push_back(static_cast<int16_t>(row.time.nanos / 60'000'000'000));
          batch.net_micros.push_back(row.net_micros);
          batch.is_return.push_back(row.is_return);
          batch.file.push_back(9);
          if (!has_transaction_id) continue;
          batch.transaction.push_back(row.transaction);
          batch.updated_at_us.push_back(row.updated_at_us);
          batch.row_hash.push_back(row.row_hash);
        }
        staged.Flush(&dealt);
        EXPECT_TRUE(dealt == expected);
      }
    }
  }
}

}  // namespace
}  // namespace strata
