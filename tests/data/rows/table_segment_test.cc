// Segments of table rows: what they hold, how small they are, and that damage is found.
#include "data/rows/table_segment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/status_matchers.h"
#include "tests/data/rows/living_table.h"
#include "tests/data/rows/raw_table.h"

namespace strata {
namespace {

std::string SegmentOf(const std::vector<RawTableRow>& rows, const TableLayout& layout) {
  return UpdateTableShard(layout, {}, {}, {ToTableBatch(rows, layout.has_key)})->segment;
}

TEST(TableSegments, HoldWhatIsInUseAtTheWidthItNeeds) {
  TableBatch batch = ToTableBatch({{.id = "ann", .day = 100, .region = "north", .amount = 5},
                                   {.id = "ann", .day = 101, .region = "east", .amount = 300}},
                                  false);
  batch.columns[0].words.Append("nowhere");  // in no row
  const std::string bytes = UpdateTableShard(RawLayout(false), {}, {}, {batch})->segment;
  const TableSegment segment = *TableSegment::Open(RawLayout(false), bytes);
  const RowSpans& rows = segment.rows();
  ASSERT_EQ(rows.owners(), 1u);
  EXPECT_EQ(rows.id[0], "ann");
  EXPECT_EQ(rows.day.width(), 1);
  EXPECT_EQ(rows.columns[2].values.width(), 2);
  ASSERT_EQ(rows.columns[0].words.size(), 2u);
  EXPECT_EQ(rows.columns[0].words[0], "east");
  EXPECT_EQ(rows.columns[0].words[1], "north");
  EXPECT_EQ(rows.columns[0].Code(0), 1);
  EXPECT_EQ(rows.columns[0].Code(1), 0);
  EXPECT_EQ(rows.columns[1].words.size(), 0u);
  EXPECT_EQ(rows.columns[1].Code(0), -1);
  EXPECT_EQ(rows.columns[2].Whole(1), 300);
}

TEST(TableSegments, OfOtherColumnsAreAMismatchThatNamesBoth) {
  const std::string bytes = SegmentOf(RandomTableRows(1, 50, 10), RawLayout(true));
  const auto mismatch = FailsWith(absl::StatusCode::kFailedPrecondition, "LEDGER_MISMATCH");
  EXPECT_THAT(TableSegment::Open(RawLayout(false), bytes), mismatch);
  TableLayout renamed = RawLayout(true);
  renamed.names[1] = "colour";
  const auto status = TableSegment::Open(renamed, bytes);
  EXPECT_THAT(status, mismatch);
  EXPECT_THAT(status, SaysThat("product word"));
  EXPECT_THAT(status, SaysThat("colour word"));
  TableLayout other_type = RawLayout(true);
  other_type.types[1] = ValueType::kInteger;
  EXPECT_THAT(TableSegment::Open(other_type, bytes), mismatch);
}

TEST(TableSegments, BytesOfSomethingElseAreRefused) {
  const auto corrupt = FailsWith(absl::StatusCode::kDataLoss, "TABLE_ROWS_CORRUPT");
  EXPECT_THAT(TableSegment::Open(RawLayout(true), ""), corrupt);
  EXPECT_THAT(TableSegment::Open(RawLayout(true), "an Arrow file begins in another way"), corrupt);
  const std::string bytes = SegmentOf(RandomTableRows(1, 30, 10), RawLayout(true));
  for (size_t size = 0; size < bytes.size(); size += 7) {
    EXPECT_THAT(TableSegment::Open(RawLayout(true), std::string_view(bytes).substr(0, size)), corrupt) << size;
  }
}

// Objects are verified against their checksum before they are opened; this is what is left to do should that fail: no
// byte makes a reader go astray.
TEST(TableSegments, AFlippedByteIsRefusedOrReadAsAValue) {
  const TableLayout layout = RawLayout(true, Effect::kVersion, {0});
  const std::string bytes = SegmentOf(RandomTableRows(3, 40, 8), layout);
  int refused = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    const absl::StatusOr<TableSegment> segment = TableSegment::Open(layout, flipped);
    if (!segment.ok()) {
      ++refused;
      continue;
    }
    EXPECT_LE(TableShard::Read(layout, {*segment}, {}, 9020).rows(), 40u) << at;
  }
  EXPECT_GT(refused, 0);
}

TEST(TableSegments, OfWordsInHundredsHaveCodesOfTwoBytes) {
  std::vector<RawTableRow> rows;
  for (int i = 0; i < 300; ++i) rows.push_back({.id = "ann", .day = i, .product = "product-" + std::to_string(i)});
  LivingTable living(RawLayout(false));
  living.Add({ToTableBatch(rows, false)});
  EXPECT_EQ(living.segments()[0].rows().columns[1].values.width(), 2);
  const TableShard shard = living.Read(1000);
  for (size_t i = 0; i < 300; ++i) EXPECT_EQ(shard.word(1, shard.code(1)[i]), "product-" + std::to_string(i));
}

}  // namespace
}  // namespace strata
