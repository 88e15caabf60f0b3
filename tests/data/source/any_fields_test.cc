// Readers look for whatever fields they are given, in the order of their cells: CSV and Parquet alike.
#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "data/source/csv_source.h"
#include "data/source/decimal.h"
#include "data/source/parquet_source.h"
#include "data/source/time_reader.h"
#include "tests/base/status_matchers.h"
#include "tests/data/source/parquet_writer.h"

namespace strata {
namespace {

template <typename Value>
using Values = std::vector<std::optional<Value>>;

// Rows as "line|cell|cell", a missing cell as "-".
class Recorder final : public RowSink {
 public:
  void OnBlank(int64_t) override { ADD_FAILURE() << "no record is blank"; }
  void OnMalformed(int64_t, const Fault& fault) override { ADD_FAILURE() << fault.found; }
  void OnRow(int64_t line, const Cells& cells) override {
    std::string row = std::to_string(line);
    for (const Cell& cell : cells) row += '|' + (cell.kind == Cell::Kind::kMissing ? "-" : Show(cell));
    rows.push_back(row);
  }
  std::vector<std::string> rows;
};

SourceFields Campaigns() {
  constexpr std::string_view kPrefix = "sources.campaigns.columns.";
  SourceFields source;
  source.delimiter = ';';
  source.fields = {FieldNamed("opened", "o", kPrefix, FieldRead::kTimeOrFlag),
                   FieldNamed("clicked", "", kPrefix, FieldRead::kTimeOrFlag),
                   FieldNamed("sent", "s", kPrefix, FieldRead::kTimeOrFlag),
                   FieldNamed("cost", "c", kPrefix, FieldRead::kNumber),
                   FieldNamed("campaign_id", "id", kPrefix, FieldRead::kText)};
  return source;
}

std::vector<NamedArray> Columns(std::shared_ptr<arrow::Array> sent) {
  const auto opened =
      ArrayOf(Values<int64_t>{0, std::nullopt, 90'061},
              arrow::TimestampBuilder(arrow::timestamp(arrow::TimeUnit::SECOND), arrow::default_memory_pool()));
  return {{"id", ArrayOf(Values<int32_t>{7, 8, 9}, arrow::Int32Builder())},
          {"s", std::move(sent)},
          {"not mapped", ArrayOf(Values<int32_t>{1, 2, 3}, arrow::Int32Builder())},
          {"o", opened},
          {"c", ArrayOf(Values<double>{0.5, 2, std::nullopt}, arrow::DoubleBuilder())}};
}

TEST(AnyFields, AreCellsInTheirOrder) {
  const SourceFields source = Campaigns();
  const std::string parquet =
      WriteParquet(Columns(ArrayOf(Values<bool>{true, false, std::nullopt}, arrow::BooleanBuilder())), 10);
  Recorder from_parquet;
  ASSERT_OK(ReadParquetRows(parquet, "f.parquet", source, {.begin = 0, .end = 1, .first_line = 1}, 10, &from_parquet));
  const std::vector<std::string> expected = {"1|1970-01-01T00:00:00|-|true|0.5|7", "2|-|-|false|2|8",
                                             "3|1970-01-02T01:01:01|-|-|-|9"};
  EXPECT_EQ(from_parquet.rows, expected);

  const std::string csv = "id;s;not mapped;o;c\n7;true;1;1970-01-01T00:00:00;0.5\n8;false;2;;2\n";
  FileScan scan;
  ASSERT_OK(ScanCsv(csv, "f.csv", source, CsvLimits{}, &scan));
  const auto layout = ReadCsvLayout(csv, "f.csv", source, kMaxRecordBytes);
  ASSERT_OK(layout);
  Recorder from_csv;
  ReadCsvRows(csv, *layout, scan.splits.at(0), source.delimiter, kMaxRecordBytes, 10, &from_csv);
  EXPECT_EQ(from_csv.rows, std::vector<std::string>({"2|1970-01-01T00:00:00|-|true|0.5|7", "3||-|false|2|8"}));
}

TEST(AnyFields, AreNamedByTheirKeysInErrors) {
  const std::string wrong = WriteParquet(Columns(ArrayOf(Values<int32_t>{1, 0, 1}, arrow::Int32Builder())), 10);
  FileScan scan;
  const absl::Status type = ScanParquet(wrong, "f.parquet", Campaigns(), 10, &scan);
  EXPECT_THAT(type, FailsWith(absl::StatusCode::kInvalidArgument, "COLUMN_TYPE"));
  EXPECT_THAT(type,
              SaysThat("found the column 's' of type int32 for sources.campaigns.columns.sent; allowed: timestamp, "
                       "date, boolean, string"));
  const absl::Status missing = ScanCsv("id;s;o\n", "f.csv", Campaigns(), CsvLimits{}, &scan);
  EXPECT_THAT(missing, FailsWith(absl::StatusCode::kInvalidArgument, "COLUMN_MISSING"));
  EXPECT_THAT(missing, SaysThat("f.csv: found no column 'c' (sources.campaigns.columns.cost)"));
}

}  // namespace
}  // namespace strata
