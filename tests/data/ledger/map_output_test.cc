// A map task's object gives back each shard's batch, and nothing else, whatever happens to its bytes.
#include <gtest/gtest.h>

#include "data/ledger/ledger.h"
#include "data/ledger/map_output_size.h"
#include "tests/base/status_matchers.h"
#include "tests/data/ledger/raw_rows.h"

namespace strata {
namespace {

std::vector<RowBatch> RandomShards(uint64_t seed, size_t shards, size_t rows, bool has_transaction_id) {
  std::vector<std::vector<RawRow>> dealt(shards);
  for (const RawRow& row : RandomRows(seed, rows)) {
    dealt[ShardOf(Hash64(row.id), static_cast<uint32_t>(shards))].push_back(row);
  }
  std::vector<RowBatch> batches;
  for (const auto& shard : dealt) batches.push_back(ToBatch(shard, has_transaction_id));
  return batches;
}

TEST(MapOutput, EveryShardComesBack) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    for (const bool has_transaction_id : {false, true}) {
      const std::vector<RowBatch> shards = RandomShards(seed, 1 + seed * 3, 100, has_transaction_id);
      const std::string object = EncodeMapOutput(shards);
      for (uint32_t shard = 0; shard < shards.size(); ++shard) {
        const absl::StatusOr<RowBatch> batch = DecodeMapOutput(object, shard);
        ASSERT_TRUE(batch.ok()) << "seed " << seed << ": " << batch.status();
        EXPECT_EQ(*batch, shards[shard]) << "seed " << seed << " shard " << shard;
      }
    }
  }
}

TEST(MapOutput, SaysHowLargeItsShardsAreWithoutReadingThem) {
  const std::vector<RowBatch> shards = RandomShards(5, 9, 300, true);
  const std::string object = EncodeMapOutput(shards);
  std::vector<uint64_t> bytes(shards.size());
  ASSERT_OK(AddMapOutputSizes(object, &bytes));
  for (size_t shard = 0; shard < shards.size(); ++shard) {
    // The same rows alone, less what an output of one shard has without rows.
    const size_t alone = EncodeMapOutput({shards[shard]}).size() - EncodeMapOutput(std::vector<RowBatch>(1)).size();
    EXPECT_EQ(bytes[shard], alone) << shard;
  }
  const std::vector<uint64_t> once = bytes;
  ASSERT_OK(AddMapOutputSizes(object, &bytes));
  for (size_t shard = 0; shard < shards.size(); ++shard) EXPECT_EQ(bytes[shard], 2 * once[shard]);
}

TEST(MapOutput, ADamagedIndexIsRefusedInsteadOfTakenForASize) {
  const std::string object = EncodeMapOutput(RandomShards(5, 4, 60, false));
  const auto corrupt = FailsWith(absl::StatusCode::kDataLoss, "MAP_OUTPUT_CORRUPT");
  const size_t header_bytes = EncodeMapOutput({}).size();
  const size_t index_bytes = EncodeMapOutput(std::vector<RowBatch>(4)).size() - header_bytes;
  for (size_t at = 0; at < header_bytes + index_bytes; ++at) {
    if (at >= header_bytes && (at - header_bytes) % 24 >= 16) continue;  // checksums of blocks say nothing of sizes
    std::string flipped = object;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    std::vector<uint64_t> bytes(4);
    EXPECT_THAT(AddMapOutputSizes(flipped, &bytes), corrupt) << "byte " << at;
  }
  for (size_t size = 0; size < object.size(); ++size) {
    std::vector<uint64_t> bytes(4);
    EXPECT_THAT(AddMapOutputSizes(std::string_view(object).substr(0, size), &bytes), corrupt) << size;
  }
  std::vector<uint64_t> of_five(5);
  EXPECT_THAT(AddMapOutputSizes(object, &of_five), corrupt);
}

TEST(MapOutput, RowsOfOneFileNeedNoFileEach) {
  std::vector<RawRow> rows = RandomRows(3, 100);
  for (RawRow& row : rows) row.file = 7;
  const RowBatch of_one_file = ToBatch(rows, false);
  rows[50].file = 8;
  const RowBatch of_two_files = ToBatch(rows, false);
  EXPECT_EQ(*DecodeMapOutput(EncodeMapOutput({of_one_file}), 0), of_one_file);
  EXPECT_EQ(*DecodeMapOutput(EncodeMapOutput({of_two_files}), 0), of_two_files);
  EXPECT_EQ(EncodeMapOutput({of_two_files}).size() - EncodeMapOutput({of_one_file}).size(), 100 * sizeof(int32_t));
}

TEST(MapOutput, AnEmptyShardCostsItsIndexEntryAlone) {
  const size_t one = EncodeMapOutput(std::vector<RowBatch>(1)).size();
  EXPECT_EQ(EncodeMapOutput(std::vector<RowBatch>(1001)).size(), one + 1000 * 24);
  EXPECT_EQ(DecodeMapOutput(EncodeMapOutput(std::vector<RowBatch>(3)), 2)->size(), 0u);
}

TEST(MapOutput, AShardThatIsNotThereIsRefused) {
  const std::string object = EncodeMapOutput(std::vector<RowBatch>(3));
  EXPECT_EQ(DecodeMapOutput(object, 3).status().code(), absl::StatusCode::kDataLoss);
}

TEST(MapOutput, AFlippedByteIsFoundByTheShardItBelongsTo) {
  const std::vector<RowBatch> shards = RandomShards(1, 5, 12, true);
  const std::string object = EncodeMapOutput(shards);
  for (size_t at = 0; at < object.size(); ++at) {
    std::string flipped = object;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    int refused = 0;
    for (uint32_t shard = 0; shard < shards.size(); ++shard) {
      const absl::StatusOr<RowBatch> batch = DecodeMapOutput(flipped, shard);
      if (!batch.ok()) {
        ++refused;
        EXPECT_EQ(batch.status().code(), absl::StatusCode::kDataLoss) << at;
      } else {
        EXPECT_EQ(*batch, shards[shard]) << at;
      }
    }
    EXPECT_GT(refused, 0) << at;
  }
}

TEST(MapOutput, TruncationIsRefusedByEveryShard) {
  const std::vector<RowBatch> shards = RandomShards(1, 5, 40, false);
  const std::string object = EncodeMapOutput(shards);
  for (size_t size = 0; size < object.size(); ++size) {
    for (uint32_t shard = 0; shard < shards.size(); ++shard) {
      EXPECT_EQ(DecodeMapOutput(std::string_view(object).substr(0, size), shard).status().code(),
                absl::StatusCode::kDataLoss);
    }
  }
}

TEST(MapOutput, RowsThatNoIngestMayHandOverAreRefused) {
  RowBatch batch = ToBatch(RandomRows(1, 10), false);
  batch.minute[4] = 2000;
  EXPECT_EQ(DecodeMapOutput(EncodeMapOutput({batch}), 0).status().code(), absl::StatusCode::kDataLoss);
  batch = ToBatch(RandomRows(1, 10), false);
  batch.net_micros.pop_back();
  EXPECT_EQ(DecodeMapOutput(EncodeMapOutput({batch}), 0).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace strata
