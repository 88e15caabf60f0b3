// Merged identities and rates from Parquet: what CSV files of the same rows say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "data/source/table_files.h"
#include "data/tables/alias_table.h"
#include "tests/base/status_matchers.h"
#include "tests/data/source/parquet_writer.h"
#include "tests/data/source/sample_job.h"

namespace strata {
namespace {

template <typename Value>
using Values = std::vector<std::optional<Value>>;

Job TablesJob() {
  Job job = SampleJob();
  job.currency = "EUR";
  job.aliases = {.uri = "a", .old_id = "old", .new_id = "new", .date = "since"};
  job.fx = {.uri = "fx", .currency = "cur", .day = "day", .rate = "rate"};
  return job;
}

std::shared_ptr<arrow::Array> Texts(const Values<std::string>& values) {
  return ArrayOf(values, arrow::StringBuilder());
}
std::shared_ptr<arrow::Array> Days(const Values<int32_t>& values) { return ArrayOf(values, arrow::Date32Builder()); }

absl::StatusOr<ResolvedAliases> Aliases(const std::string& name, const std::string& bytes) {
  MemoryFileSystem files;
  files.Set(name, bytes);
  return ReadAliasFiles(files, {files.Info(name)}, TablesJob());
}

absl::StatusOr<FxTable> Rates(const std::string& name, const std::string& bytes) {
  MemoryFileSystem files;
  files.Set(name, bytes);
  return ReadFxFiles(files, {files.Info(name)}, TablesJob());
}

TEST(TablesInParquet, IdentitiesEqualThoseOfCsv) {
  const auto csv = Aliases("a.csv", "old,new,since\n17,18,1970-01-11\n18,19,1970-01-12\n17,20,1970-01-10\n");
  ASSERT_OK(csv);
  const auto parquet =
      Aliases("a.parquet", WriteParquet({{"since", Days({10, 11, 9})},
                                         {"old", ArrayOf(Values<int64_t>{17, 18, 17}, arrow::Int64Builder())},
                                         {"new", Texts({"18", "19", "20"})}},
                                        2));
  ASSERT_OK(parquet);
  EXPECT_EQ(parquet->table, csv->table);
  EXPECT_EQ(AliasTable::Open(parquet->table)->Resolve("17"), "19");
}

TEST(TablesInParquet, RatesAreExactInEveryType) {
  const Values<int32_t> days = {10, 11, 12};
  const Values<std::string> currencies = {"USD", "USD", "IDR"};
  const auto csv =
      Rates("fx.csv", "cur,day,rate\nUSD,1970-01-11,0.9145\nUSD,1970-01-12,2\nIDR,1970-01-13,0.0000589123\n");
  ASSERT_OK(csv);
  Values<arrow::Decimal128> decimals;
  for (const char* value : {"0.9145000000", "2.0000000000", "0.0000589123"}) {
    decimals.push_back(arrow::Decimal128::FromString(value).ValueOrDie());
  }
  const std::vector<std::shared_ptr<arrow::Array>> columns = {
      Texts({"0.9145", "2.000", "5.89123e-5"}),
      ArrayOf(Values<double>{0.9145, 2, 0.0000589123}, arrow::DoubleBuilder()),
      ArrayOf(decimals, arrow::Decimal128Builder(arrow::decimal128(18, 10))),
  };
  for (const auto& rates : columns) {
    SCOPED_TRACE(rates->type()->ToString());
    const auto table =
        Rates("fx.parquet", WriteParquet({{"cur", Texts(currencies)}, {"day", Days(days)}, {"rate", rates}}, 2));
    ASSERT_OK(table);
    EXPECT_EQ(table->rates(), csv->rates());
  }
}

TEST(TablesInParquet, ErrorsNameTheRowAndTheKeysOfTheTable) {
  const auto null_id = Aliases(
      "a.parquet",
      WriteParquet({{"since", Days({10, 11})}, {"old", Texts({"a", std::nullopt})}, {"new", Texts({"b", "c"})}}, 10));
  EXPECT_THAT(null_id, FailsWith(absl::StatusCode::kInvalidArgument, "TABLE_ROW_INVALID"));
  EXPECT_THAT(null_id, SaysThat("a.parquet:2: sources.aliases.columns.old_id (column 'old'): found nothing"));
  const auto half = ArrayOf(Values<double>{0.5}, arrow::DoubleBuilder());
  const auto fraction =
      Aliases("a.parquet", WriteParquet({{"since", Days({10})}, {"old", half}, {"new", Texts({"b"})}}, 10));
  EXPECT_THAT(fraction, SaysThat("found '0.5'; allowed: a customer id: UTF-8 of at most 256 bytes, or a whole number"));
  const auto type = Rates("fx.parquet", WriteParquet({{"cur", Texts({"USD"})}, {"day", half}, {"rate", half}}, 10));
  EXPECT_THAT(type, FailsWith(absl::StatusCode::kInvalidArgument, "COLUMN_TYPE"));
  EXPECT_THAT(type, SaysThat("sources.fx.columns.day"));
}

}  // namespace
}  // namespace strata
