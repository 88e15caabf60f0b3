// Numbers of Parquet columns become micros without a text in between: they must be what the text would have said.
#include <arrow/api.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "data/source/decimal.h"
#include "data/source/parquet_cells.h"
#include "tests/data/source/parquet_writer.h"

namespace strata {
namespace {

constexpr uint64_t kSeeds = 20;
constexpr int kValues = 5000;

// Compares every value with what ParseMicros reads in its text; returns how many took the short way.
int ExpectAsText(const std::shared_ptr<arrow::Array>& array, const std::vector<std::string>& texts) {
  const auto cells = MakeParquetCells(FieldRead::kNumber, *array->type());
  cells->Bind(array);
  int typed = 0;
  constexpr size_t kStride = 3;  // cells of other fields lie between
  std::vector<Cell> rows(kCellBlockRows * kStride);
  for (int64_t i = 0; i < array->length(); ++i) {
    const auto place = static_cast<size_t>(i) % kCellBlockRows;
    if (place == 0) {
      const int64_t count = std::min<int64_t>(array->length() - i, kCellBlockRows);
      cells->Fill(i, static_cast<size_t>(count), rows.data() + 1, kStride);
    }
    const Cell& cell = rows[place * kStride + 1];
    const std::string& text = texts[static_cast<size_t>(i)];
    if (cell.kind == Cell::Kind::kMicros) {
      const Decimal expected = ParseMicros(text);
      EXPECT_EQ(expected.fault, FaultKind::kNone) << text;
      EXPECT_EQ(cell.micros, expected.micros) << text;
      ++typed;
    } else {
      EXPECT_EQ(cell.text, text);
    }
  }
  return typed;
}

template <typename Number>
std::string TextOf(Number number) {
  std::array<char, 64> buffer{};
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr};
}

TEST(NumberCells, DoublesAreTheirShortestDecimals) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::vector<std::optional<double>> values = {
        0.0,  -0.0, 0.1,       0.1 + 0.2,        1e9,          999999999.999999, 1e15, 1e300, 5e-324,
        1e-6, 1e-7, 0.0000005, 123456789.123456, std::nan(""), HUGE_VAL};
    while (values.size() < kValues) {
      const auto integer = static_cast<int64_t>(random() % 2'000'000'000'000) - 1'000'000'000'000;
      switch (random() % 4) {
        case 0:  // cents
          values.push_back(static_cast<double>(integer) / 100);
          break;
        case 1:  // up to six decimals
          values.push_back(static_cast<double>(integer) / 1e6);
          break;
        case 2:  // the neighbour of such a number
          values.push_back(std::nextafter(static_cast<double>(integer) / 1e6, 0));
          break;
        default: {  // any bits
          const uint64_t bits = random();
          double any = 0;
          std::memcpy(&any, &bits, sizeof(any));
          values.push_back(any);
        }
      }
    }
    std::vector<std::string> texts;
    for (const auto& value : values) texts.push_back(TextOf(*value));
    const int typed = ExpectAsText(ArrayOf(values, arrow::DoubleBuilder()), texts);
    EXPECT_GT(typed, kValues / 5);
    EXPECT_LT(typed, kValues);
  }
}

TEST(NumberCells, WholeNumbersAreScaledOrStayTexts) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 1'000'000;
  const std::vector<std::optional<int64_t>> values = {
      0, 1, -1, kMost, -kMost, kMost + 1, -kMost - 1, std::numeric_limits<int64_t>::min()};
  std::vector<std::string> texts;
  for (const auto& value : values) texts.push_back(TextOf(*value));
  EXPECT_EQ(ExpectAsText(ArrayOf(values, arrow::Int64Builder()), texts), 5);
  const std::vector<std::optional<uint64_t>> wide = {7, static_cast<uint64_t>(kMost), ~uint64_t{0}};
  EXPECT_EQ(ExpectAsText(ArrayOf(wide, arrow::UInt64Builder()), {"7", TextOf(kMost), TextOf(~uint64_t{0})}), 2);
  const std::vector<std::optional<int8_t>> narrow = {-128, 65};
  EXPECT_EQ(ExpectAsText(ArrayOf(narrow, arrow::Int8Builder()), {"-128", "65"}), 2);
}

TEST(NumberCells, DecimalsAreScaledOrStayTexts) {
  for (const int scale : {0, 2, 4, 6}) {
    const auto type = arrow::decimal128(38, scale);
    arrow::Decimal128Builder builder(type);
    std::vector<std::string> texts;
    const std::string most = std::to_string(std::numeric_limits<int64_t>::max());
    for (const std::string digits : {"0", "1", "-1", "1234567", "-98765432101", "9223372036854775807",
                                     "-9223372036854775808", "99999999999999999999999999999999999999"}) {
      const arrow::Decimal128 value(digits);
      ASSERT_TRUE(builder.Append(value).ok());
      texts.push_back(value.ToString(scale));
    }
    const int typed = ExpectAsText(builder.Finish().ValueOrDie(), texts);
    EXPECT_EQ(typed, scale == 6 ? 6 : 5) << scale;
  }
}

}  // namespace
}  // namespace strata
