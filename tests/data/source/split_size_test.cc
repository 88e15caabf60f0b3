// How large splits are, before they are read: as many rows as their files were made of, bytes that add up.
#include "data/source/split_size.h"

#include <gtest/gtest.h>

#include "tests/base/status_matchers.h"
#include "tests/data/source/parquet_writer.h"

namespace strata {
namespace {

std::string Rows(int64_t rows, int64_t rows_per_group) {
  std::vector<std::optional<std::string>> ids;
  for (int64_t i = 0; i < rows; ++i) ids.push_back("customer " + std::to_string(i));
  return WriteParquet({{"customer_id", ArrayOf(ids, arrow::StringBuilder())}}, rows_per_group);
}

TEST(SplitSize, CountsTheRowsOfRowGroups) {
  const std::string bytes = Rows(1000, 300);  // groups of 300, 300, 300 and 100
  const auto middle = SizeOfSplit(bytes, "a.parquet", {.begin = 1, .end = 3, .first_line = 301});
  ASSERT_OK(middle.status());
  EXPECT_EQ(middle->rows, 600);
  EXPECT_GT(middle->bytes, 600u);
  const auto last = SizeOfSplit(bytes, "a.parquet", {.begin = 3, .end = 4, .first_line = 901});
  EXPECT_EQ(last->rows, 100);
  const auto all = SizeOfSplit(bytes, "a.parquet", {.begin = 0, .end = 4, .first_line = 1});
  EXPECT_EQ(all->rows, 1000);
  EXPECT_LT(all->bytes, bytes.size());
}

TEST(SplitSize, CountsTheLinesOfText) {
  const std::string text = "id\n1\n22\n333\n";
  const auto size = SizeOfSplit(text, "a.csv", {.begin = 3, .end = 8, .first_line = 2});
  ASSERT_OK(size.status());
  EXPECT_GE(size->rows, 2);
  EXPECT_LE(size->rows, 3) << "a last line may lack its end, so one is added";
  EXPECT_EQ(size->bytes, 5u);
}

TEST(SplitSize, ErrorsAreThoseOfReading) {
  EXPECT_EQ(DetailOf(SizeOfSplit("no parquet", "a.parquet", {.begin = 0, .end = 1}).status())->reason,
            "FILE_UNREADABLE");
  EXPECT_EQ(DetailOf(SizeOfSplit(Rows(10, 10), "a.parquet", {.begin = 0, .end = 2}).status())->reason, "SPLIT_INVALID");
  EXPECT_EQ(DetailOf(SizeOfSplit("1\n", "a.csv", {.begin = 0, .end = 9}).status())->reason, "SPLIT_INVALID");
}

}  // namespace
}  // namespace strata
