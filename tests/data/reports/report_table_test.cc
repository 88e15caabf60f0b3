// Tables of reports: made row by row, sorted, checked, and the same after Parquet.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <tuple>

#include "data/reports/report_table.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

std::vector<ReportColumn> AllTypes() {
  return {{"label", ReportType::kText, "", "Text."},    {"number_of", ReportType::kInteger, "rows", "Integer."},
          {"when", ReportType::kDay, "", "Day."},       {"is_it", ReportType::kFlag, "", "Flag."},
          {"amount", ReportType::kMoney, "", "Money."}, {"mean", ReportType::kNumber, "days", "Number."},
          {"part", ReportType::kShare, "1", "Share."},  {"remark", ReportType::kText, "", "Not of the key."}};
}

ReportTable RandomTable(uint64_t seed, size_t rows) {
  std::mt19937_64 random(seed);
  const auto whole = [&random](int64_t low, int64_t high) -> ReportCell {
    if (random() % 5 == 0) return std::monostate();
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  const auto text = [&random]() -> ReportCell {
    static constexpr const char* kTexts[] = {"", "a", "b", "\xc3\xa9t\xc3\xa9", "a,\"b\"\n"};
    if (random() % 5 == 0) return std::monostate();
    return std::string(kTexts[random() % 5]);
  };
  const auto number = [&random]() -> ReportCell {
    if (random() % 5 == 0) return std::nan("");
    return std::ldexp(static_cast<double>(random() >> 12) - 1e15, -30);
  };
  ReportRows made("sample", AllTypes());
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  for (size_t i = 0; i < rows; ++i) {
    made.Add(
        {text(), whole(-3, 3), whole(-20'000, 40'000), whole(0, 1), whole(-kMax, kMax), number(), number(), text()});
  }
  auto table = made.Take();
  EXPECT_OK(table);
  return *std::move(table);
}

bool SameNumbers(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

TEST(ReportTypes, HaveNamesBothWays) {
  for (const ReportColumn& column : AllTypes()) EXPECT_EQ(ReportTypeNamed(Name(column.type)), column.type);
  EXPECT_EQ(ReportTypeNamed("decimal"), std::nullopt);
}

TEST(ReportParquet, ComesBackAsItWasAndEqualTablesHaveEqualBytes) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    const ReportTable table = RandomTable(seed, seed * 7);
    const auto bytes = EncodeReport("sample", AllTypes(), table);
    ASSERT_OK(bytes);
    EXPECT_EQ(*EncodeReport("sample", AllTypes(), table), *bytes);
    const auto back = DecodeReport("sample", *bytes, AllTypes());
    ASSERT_OK(back);
    EXPECT_EQ(back->rows, table.rows);
    EXPECT_EQ(back->whole, table.whole);
    EXPECT_EQ(back->text, table.text);
    for (size_t i = 0; i < table.number.size(); ++i) EXPECT_TRUE(SameNumbers(back->number[i], table.number[i])) << i;
  }
}

TEST(ReportParquet, AnotherDescriptionOrDamageIsRefused) {
  const std::string bytes = *EncodeReport("sample", AllTypes(), RandomTable(1, 30));
  const auto refused = FailsWith(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT");
  std::vector<ReportColumn> columns = AllTypes();
  columns.pop_back();
  EXPECT_THAT(DecodeReport("sample", bytes, columns), refused);
  columns = AllTypes();
  columns[1].type = ReportType::kMoney;
  EXPECT_THAT(DecodeReport("sample", bytes, columns), refused);
  EXPECT_THAT(DecodeReport("sample", bytes, columns), SaysThat("report sample: column 1 is number_of: int64"));
  columns = AllTypes();
  columns[4].name = "sum";
  EXPECT_THAT(DecodeReport("sample", bytes, columns), refused);
  for (size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 40) {
    EXPECT_THAT(DecodeReport("sample", std::string_view(bytes).substr(0, size), AllTypes()), refused) << size;
  }
}

TEST(ReportRowOrder, IsThatOfTheLeadingKeyColumnsForAnyOrderOfArrival) {
  // Rows as tuples, sorted the obvious way; two rows never agree in the whole key.
  using Key = std::tuple<std::optional<std::string>, int64_t>;
  const std::vector<ReportColumn> columns = {{"label", ReportType::kText, "", "Text."},
                                             {"number_of", ReportType::kInteger, "", "Integer."},
                                             {"mean", ReportType::kNumber, "", "Number."}};
  std::vector<Key> keys;
  for (const char* label : {"b", "a", "", "aa"}) {
    for (const int64_t number : {3, -1, 0}) keys.emplace_back(label, number);
  }
  keys.emplace_back(std::nullopt, 5);
  keys.emplace_back("a", kNoWhole);
  for (uint64_t seed = 0; seed < 30; ++seed) {
    std::mt19937_64 random(seed);
    std::shuffle(keys.begin(), keys.end(), random);
    ReportRows rows("sample", columns);
    for (const auto& [label, number] : keys) {
      rows.Add({label.has_value() ? ReportCell(*label) : ReportCell(),
                number == kNoWhole ? ReportCell() : ReportCell(number), static_cast<double>(number)});
    }
    const auto table = rows.Take();
    ASSERT_OK(table);
    std::vector<Key> sorted = keys;
    std::sort(sorted.begin(), sorted.end());
    for (size_t row = 0; row < sorted.size(); ++row) {
      EXPECT_EQ(Key(table->text[0][row], table->whole[1][row]), sorted[row]) << "seed " << seed << ", row " << row;
      EXPECT_EQ(table->number[2][row], static_cast<double>(table->whole[1][row])) << "rows stay together";
    }
  }
}

TEST(ReportRows, WhatDoesNotFitIsAnErrorNotANull) {
  const std::vector<ReportColumn> columns = {{"customers", ReportType::kInteger, "customers", "Integer."},
                                             {"amount", ReportType::kMoney, "", "Money."},
                                             {"part", ReportType::kShare, "1", "Share."}};
  constexpr Int128 kMax = std::numeric_limits<int64_t>::max();
  const auto take = [&columns](const std::function<std::vector<ReportCell>(ReportRows*)>& row) {
    ReportRows rows("sample", columns);
    rows.Add(row(&rows));
    return rows.Take();
  };
  using Cells = std::vector<ReportCell>;
  const auto fits = take([](ReportRows* rows) {
    return Cells{int64_t{1}, rows->Whole(-kMax), ReportRows::Ratio(1, 4)};
  });
  ASSERT_OK(fits);
  EXPECT_EQ(fits->whole[1][0], -std::numeric_limits<int64_t>::max());
  EXPECT_EQ(fits->number[2][0], 0.25);

  const auto overflow = FailsWith(absl::StatusCode::kOutOfRange, "REPORT_OVERFLOW");
  for (const Int128 value : {kMax + 1, -kMax - 1, kMax * kMax}) {
    EXPECT_THAT(take([&](ReportRows* rows) { return Cells{int64_t{1}, rows->Whole(value), 0.5}; }), overflow);
  }
  EXPECT_THAT(take([](ReportRows*) { return Cells{kNoWhole, int64_t{0}, 0.5}; }), overflow);

  const auto invalid = FailsWith(absl::StatusCode::kInternal, "REPORT_INVALID");
  EXPECT_THAT(take([](ReportRows*) { return Cells{int64_t{1}, int64_t{2}}; }), invalid);
  EXPECT_THAT(take([](ReportRows*) { return Cells{1.5, int64_t{2}, 0.5}; }), invalid);
  EXPECT_THAT(take([](ReportRows*) { return Cells{int64_t{1}, std::string("2"), 0.5}; }), invalid);
  EXPECT_THAT(take([](ReportRows*) { return Cells{int64_t{1}, int64_t{2}, int64_t{0}}; }), invalid);

  const auto nothing = take([](ReportRows*) { return Cells{int64_t{0}, std::monostate(), ReportRows::Ratio(1, 0)}; });
  ASSERT_OK(nothing);
  EXPECT_EQ(nothing->whole[1][0], kNoWhole);
  EXPECT_TRUE(std::isnan(nothing->number[2][0]));
}

TEST(ReportTables, AreCheckedAgainstTheirColumns) {
  const auto invalid = FailsWith(absl::StatusCode::kInternal, "REPORT_INVALID");
  ReportTable table = RandomTable(3, 10);
  ASSERT_OK(CheckReportTable("sample", AllTypes(), table));
  ReportTable wrong = table;
  wrong.rows = 9;
  EXPECT_THAT(CheckReportTable("sample", AllTypes(), wrong), invalid);
  wrong = table;
  wrong.number[1].resize(10);
  EXPECT_THAT(CheckReportTable("sample", AllTypes(), wrong), SaysThat("column number_of"));
  wrong = table;
  wrong.text[7][4] = "\xff";
  EXPECT_THAT(CheckReportTable("sample", AllTypes(), wrong), SaysThat("column remark, row 4 is not UTF-8"));
  wrong = table;
  wrong.whole[3][2] = 2;
  EXPECT_THAT(EncodeReport("sample", AllTypes(), wrong), SaysThat("a flag is 0 or 1"));
  wrong = table;
  wrong.whole[2][0] = int64_t{1} << 40;
  EXPECT_THAT(EncodeReport("sample", AllTypes(), wrong), SaysThat("which is no day"));
}

}  // namespace
}  // namespace strata
