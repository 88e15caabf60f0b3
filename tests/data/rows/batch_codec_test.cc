// A map task's table rows give back each shard's batch, and nothing else, whatever happens to the bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/status_matchers.h"
#include "tests/data/rows/raw_table.h"

namespace strata {
namespace {

const auto kCorrupt = FailsWith(absl::StatusCode::kDataLoss, "TABLE_ROWS_CORRUPT");

// Shards of customers, and the reference shard.
std::vector<TableBatch> RandomShards(uint64_t seed, uint32_t shards, size_t rows, bool has_key) {
  std::vector<std::vector<RawTableRow>> dealt(shards + 1);
  for (const RawTableRow& row : RandomTableRows(seed, rows, 50)) {
    dealt[ShardOf(Hash64(row.id), shards)].push_back(row);
  }
  dealt[shards] = RandomTableRows(seed, 20, 0);
  std::vector<TableBatch> batches;
  for (const auto& shard : dealt) batches.push_back(shard.empty() ? TableBatch() : ToTableBatch(shard, has_key));
  return batches;
}

TEST(TableBatches, EveryShardComesBack) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    for (const bool has_key : {false, true}) {
      std::vector<TableBatch> shards = RandomShards(seed, static_cast<uint32_t>(1 + seed * 3), 100, has_key);
      if (has_key && seed % 2 == 0) {
        for (TableBatch& batch : shards) batch.differs.assign(batch.size(), 1);
      }
      const std::string object = EncodeTableBatches(shards);
      for (uint32_t shard = 0; shard < shards.size(); ++shard) {
        const absl::StatusOr<TableBatch> batch = DecodeTableBatch(object, shard, RawLayout(has_key));
        ASSERT_OK(batch);
        EXPECT_EQ(*batch, shards[shard]) << "seed " << seed << " shard " << shard;
      }
    }
  }
}

TEST(TableBatches, AnEmptyShardCostsItsIndexEntryAlone) {
  const size_t one = EncodeTableBatches(std::vector<TableBatch>(1)).size();
  EXPECT_EQ(EncodeTableBatches(std::vector<TableBatch>(1001)).size(), one + 1000 * 24);
  EXPECT_EQ(DecodeTableBatch(EncodeTableBatches(std::vector<TableBatch>(3)), 2, RawLayout(true))->size(), 0u);
}

TEST(TableBatches, SayHowLargeTheirShardsAreWithoutReadingThem) {
  const std::vector<TableBatch> shards = RandomShards(5, 9, 300, true);
  const std::string object = EncodeTableBatches(shards);
  std::vector<uint64_t> bytes(shards.size());
  ASSERT_OK(AddTableBatchSizes(object, &bytes));
  for (size_t shard = 0; shard < shards.size(); ++shard) {
    const size_t alone =
        EncodeTableBatches({shards[shard]}).size() - EncodeTableBatches(std::vector<TableBatch>(1)).size();
    EXPECT_EQ(bytes[shard], alone) << shard;
  }
  std::vector<uint64_t> too_many(shards.size() + 1);
  EXPECT_THAT(AddTableBatchSizes(object, &too_many), kCorrupt);
}

TEST(TableBatches, AFlippedByteIsFoundByTheShardItBelongsTo) {
  const std::vector<TableBatch> shards = RandomShards(1, 4, 12, true);
  const std::string object = EncodeTableBatches(shards);
  for (size_t at = 0; at < object.size(); ++at) {
    std::string flipped = object;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    int refused = 0;
    for (uint32_t shard = 0; shard < shards.size(); ++shard) {
      const absl::StatusOr<TableBatch> batch = DecodeTableBatch(flipped, shard, RawLayout(true));
      if (batch.ok()) {
        EXPECT_EQ(*batch, shards[shard]) << at;
      } else {
        ++refused;
        EXPECT_THAT(batch, kCorrupt) << at;
      }
    }
    EXPECT_GT(refused, 0) << at;
  }
}

TEST(TableBatches, TruncationIsRefusedByEveryShard) {
  const std::string object = EncodeTableBatches(RandomShards(1, 4, 12, false));
  for (size_t size = 0; size < object.size(); ++size) {
    const std::string_view cut = std::string_view(object).substr(0, size);
    for (uint32_t shard = 0; shard < 5; ++shard) {
      EXPECT_THAT(DecodeTableBatch(cut, shard, RawLayout(false)), kCorrupt) << size;
    }
  }
}

TEST(TableBatches, BelongToTheLayoutTheyWereMadeFor) {
  const std::string object = EncodeTableBatches(RandomShards(1, 1, 50, true));
  TableLayout fewer = RawLayout(true);
  fewer.names.pop_back();
  fewer.types.pop_back();
  EXPECT_THAT(DecodeTableBatch(object, 0, fewer), kCorrupt);
  EXPECT_THAT(DecodeTableBatch(object, 0, RawLayout(false)),
              FailsWith(absl::StatusCode::kDataLoss, "BATCH_INCONSISTENT"));
}

TEST(TableBatches, CustomersAndReferenceRowsDoNotMix) {
  const TableBatch customers = ToTableBatch({{.id = "ann", .day = 1}}, false);
  const TableBatch reference = ToTableBatch({{.day = 1}}, false);
  EXPECT_OK(DecodeTableBatch(EncodeTableBatches({customers, reference}), 0, RawLayout(false)));
  EXPECT_OK(DecodeTableBatch(EncodeTableBatches({customers, reference}), 1, RawLayout(false)));
  EXPECT_THAT(DecodeTableBatch(EncodeTableBatches({reference, customers}), 0, RawLayout(false)), kCorrupt);
  EXPECT_THAT(DecodeTableBatch(EncodeTableBatches({reference, customers}), 1, RawLayout(false)), kCorrupt);
}

// Each row of the table breaks one promise of a batch that is fine without it.
TEST(TableBatches, AreCheckedRowByRow) {
  const TableBatch fine = ToTableBatch({{.id = "ann", .day = kTimelessDay, .key = 1, .region = "north"},
                                        {.id = "bea", .day = 84005, .minute = 1439, .key = 2}},
                                       true);
  ASSERT_OK(CheckTableBatch(fine, RawLayout(true)));
  struct Break {
    std::string says;
    std::function<void(TableBatch*)> apply;
  };
  const std::vector<Break> breaks = {
      {"day 84006", [](TableBatch* batch) { batch->day[1] = 84006; }},
      {"minute 1440", [](TableBatch* batch) { batch->minute[1] = 1440; }},
      {"file number -1", [](TableBatch* batch) { batch->file[0] = -1; }},
      {"column version has 1", [](TableBatch* batch) { batch->version.pop_back(); }},
      {"column row_hash has 0", [](TableBatch* batch) { batch->row_hash.clear(); }},
      {"column differs has 1", [](TableBatch* batch) { batch->differs = {0}; }},
      {"differs is 2",
       [](TableBatch* batch) {
         batch->differs = {0, 2};
       }},
      {"column region, row 1: code 1", [](TableBatch* batch) { batch->columns[0].code[1] = 1; }},
      {"column region, row 1: code -2", [](TableBatch* batch) { batch->columns[0].code[1] = -2; }},
      {"column amount has 1", [](TableBatch* batch) { batch->columns[2].whole.pop_back(); }},
      {"column amount has another type", [](TableBatch* batch) { batch->columns[2].type = ValueType::kDay; }},
      {"column columns has 2", [](TableBatch* batch) { batch->columns.pop_back(); }},
      {"word 1 is empty", [](TableBatch* batch) { batch->columns[0].words.Append(""); }},
  };
  for (const Break& broken : breaks) {
    TableBatch batch = fine;
    broken.apply(&batch);
    const absl::Status status = CheckTableBatch(batch, RawLayout(true));
    EXPECT_THAT(status, FailsWith(absl::StatusCode::kDataLoss, "BATCH_INCONSISTENT")) << broken.says;
    EXPECT_THAT(status, SaysThat(broken.says));
  }
}

}  // namespace
}  // namespace strata
