// Columns through their bytes and back, and what is no such file.
#include "data/profile/column_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "data/profile/owned_columns.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

const std::vector<std::string_view> kWords = {"a", "b", "c"};

OwnedColumns Sample(size_t rows) {
  OwnedColumns columns(rows);
  std::vector<int64_t> whole(rows, kNoWhole);
  std::vector<int32_t> code(rows, -1);
  for (size_t i = 0; i < rows; i += 2) {
    whole[i] = static_cast<int64_t>(i) - 3;
    code[i] = i % 4 == 0 ? 0 : 2;
  }
  columns.AddWhole("margin", ColumnType::kMoney, "micros", whole);
  columns.AddText("main_region", code, kWords);
  columns.AddWhole("last_row_day", ColumnType::kDay, "", whole);
  columns.AddText("empty", std::vector<int32_t>(rows, -1), {});
  return columns;
}

TEST(ColumnFile, GivesBackWhatWasEncoded) {
  for (const size_t rows : {size_t{0}, size_t{1}, size_t{9}, size_t{1000}}) {
    const OwnedColumns owned = Sample(rows);
    ColumnSet columns = owned.View();
    std::vector<double> numbers(rows, 0.25);
    if (rows > 0) numbers[0] = std::numeric_limits<double>::quiet_NaN();
    Column number;
    number.name = "p_alive";
    number.type = ColumnType::kNumber;
    number.number = numbers;
    columns.Add(number);
    const auto bytes = EncodeColumns(columns);
    ASSERT_OK(bytes);
    EXPECT_EQ(*EncodeColumns(columns), *bytes);
    const auto file = ColumnFile::Open(*bytes);
    ASSERT_OK(file);
    ASSERT_EQ(file->columns().columns().size(), columns.columns().size());
    EXPECT_EQ(file->columns().rows(), rows);
    for (size_t i = 0; i < columns.columns().size(); ++i) {
      const Column& expected = columns.columns()[i];
      const Column& found = file->columns().columns()[i];
      EXPECT_EQ(found.name, expected.name);
      EXPECT_EQ(found.type, expected.type);
      EXPECT_EQ(found.unit, expected.unit);
      EXPECT_TRUE(std::equal(found.whole.begin(), found.whole.end(), expected.whole.begin(), expected.whole.end()));
      EXPECT_TRUE(std::equal(found.code.begin(), found.code.end(), expected.code.begin(), expected.code.end()));
      EXPECT_TRUE(std::equal(found.words.begin(), found.words.end(), expected.words.begin(), expected.words.end()));
    }
    if (rows == 0) continue;
    EXPECT_TRUE(std::isnan(file->columns().Find("p_alive")->number[0]));
  }
}

TEST(ColumnFile, WordsThatNobodyHasAreLeftOut) {
  const OwnedColumns owned = Sample(9);
  const ColumnSet columns = owned.View();
  const Column* region = columns.Find("main_region");
  ASSERT_EQ(region->words.size(), 2u);
  EXPECT_EQ(region->words[1], "c");
  EXPECT_EQ(region->code[2], 1);
}

TEST(ColumnFile, RefusesWhatIsNone) {
  const OwnedColumns owned = Sample(50);
  const std::string bytes = *EncodeColumns(owned.View());
  EXPECT_THAT(ColumnFile::Open("nonsense"), FailsWith(absl::StatusCode::kDataLoss, "COLUMNS_CORRUPT"));
  EXPECT_FALSE(ColumnFile::Open(std::string_view(bytes).substr(0, bytes.size() / 2)).ok());

  // Codes beside the words, made by hand.
  const std::vector<int32_t> codes = {5};
  const std::vector<std::string> words = {"a"};
  Column column;
  column.name = "main_region";
  column.type = ColumnType::kText;
  column.code = codes;
  column.words = words;
  ColumnSet columns;
  columns.Add(column);
  const auto wrong = EncodeColumns(columns);
  ASSERT_OK(wrong);
  EXPECT_THAT(ColumnFile::Open(*wrong), FailsWith(absl::StatusCode::kDataLoss, "COLUMNS_CORRUPT"));
}

TEST(ColumnFile, RefusesColumnsOfDifferentLength) {
  const std::vector<int64_t> one = {1}, two = {1, 2};
  ColumnSet columns;
  Column column;
  column.name = "a";
  column.whole = one;
  columns.Add(column);
  column.name = "b";
  column.whole = two;
  columns.Add(column);
  EXPECT_THAT(ColumnFile::Open(*EncodeColumns(columns)), FailsWith(absl::StatusCode::kDataLoss, "COLUMNS_CORRUPT"));
}

}  // namespace
}  // namespace strata
