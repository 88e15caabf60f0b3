#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "data/source/parquet_source.h"
#include "data/source/validate.h"
#include "tests/base/status_matchers.h"
#include "tests/data/source/parquet_writer.h"
#include "tests/data/source/sample_job.h"

namespace strata {
namespace {

using ::testing::HasSubstr;

template <typename Value>
using Values = std::vector<std::optional<Value>>;

std::shared_ptr<arrow::Array> Texts(const Values<std::string>& values) {
  return ArrayOf(values, arrow::StringBuilder());
}
std::shared_ptr<arrow::Array> Doubles(const Values<double>& values) { return ArrayOf(values, arrow::DoubleBuilder()); }
std::shared_ptr<arrow::Array> Days(const Values<int32_t>& values) { return ArrayOf(values, arrow::Date32Builder()); }
std::shared_ptr<arrow::Array> Timestamps(const Values<int64_t>& values, arrow::TimeUnit::type unit,
                                         const std::string& zone = "") {
  return ArrayOf(values, arrow::TimestampBuilder(arrow::timestamp(unit, zone), arrow::default_memory_pool()));
}
std::shared_ptr<arrow::Array> Decimals(const Values<std::string>& values, int precision, int scale) {
  Values<arrow::Decimal128> decimals;
  for (const auto& value : values) decimals.push_back(arrow::Decimal128::FromString(*value).ValueOrDie());
  return ArrayOf(decimals, arrow::Decimal128Builder(arrow::decimal128(precision, scale)));
}
std::shared_ptr<arrow::Array> Dictionary(const std::vector<int32_t>& indices, std::shared_ptr<arrow::Array> values) {
  const auto index = ArrayOf(Values<int32_t>(indices.begin(), indices.end()), arrow::Int32Builder());
  return arrow::DictionaryArray::FromArrays(index, std::move(values)).ValueOrDie();
}

absl::StatusOr<std::vector<MappedRows>> Map(const std::string& bytes, const Job& job) {
  MemoryFileSystem files;
  files.Set("f.parquet", bytes);
  return MapFile(files, files.Info("f.parquet"), job);
}

// What three rows of these columns become: "id day minute net" or the reason.
std::vector<std::string> Outcomes(std::shared_ptr<arrow::Array> id, std::shared_ptr<arrow::Array> day,
                                  std::shared_ptr<arrow::Array> amount, Job job = SampleJob()) {
  job.time_zone = "Europe/Berlin";
  const int64_t rows = id->length();
  std::vector<std::string> outcomes;
  for (int64_t i = 0; i < rows; ++i) {
    const auto mapped = Map(
        WriteParquet({{"id", id->Slice(i, 1)}, {"day", day->Slice(i, 1)}, {"amount", amount->Slice(i, 1)}}, 10), job);
    if (!mapped.ok()) return {mapped.status().ToString()};
    const MappedRows& row = mapped->front();
    if (row.counts.accepted == 0) {
      outcomes.push_back(row.quarantine.at(0).reason + " " + row.quarantine.at(0).value);
      continue;
    }
    const RowBatch& batch = row.shards[0];
    outcomes.push_back(std::string(batch.id[0]) + " " + FormatDay(batch.day[0]) + " " +
                       std::to_string(batch.minute[0]) + " " + std::to_string(batch.net_micros[0]));
  }
  return outcomes;
}

using Lines = std::vector<std::string>;

TEST(Parquet, ReadsIdsOfManyTypesAsText) {
  const auto day = Days({0, 0, 0});
  const auto one = Doubles({1, 1, 1});
  const auto ids = [&](std::shared_ptr<arrow::Array> id) { return Outcomes(std::move(id), day, one); };
  const Lines whole = {"7 1970-01-01 0 1000000", "-1 1970-01-01 0 1000000", "MISSING_CUSTOMER "};
  EXPECT_EQ(ids(Texts({"7", "-1", std::nullopt})), whole);
  EXPECT_EQ(ids(Texts({"7", "-1", " "})), Lines({whole[0], whole[1], "MISSING_CUSTOMER  "}));
  EXPECT_EQ(ids(ArrayOf(Values<int64_t>{7, -1, std::nullopt}, arrow::Int64Builder())), whole);
  EXPECT_EQ(ids(ArrayOf(Values<int8_t>{7, -1, std::nullopt}, arrow::Int8Builder())), whole);
  EXPECT_EQ(ids(Doubles({7.0, -1.0, std::nullopt})), whole);
  EXPECT_EQ(ids(ArrayOf(Values<std::string>{"7", "-1", std::nullopt}, arrow::BinaryBuilder())), whole);
  EXPECT_EQ(ids(ArrayOf(Values<std::string>{"7", "-1", std::nullopt}, arrow::LargeStringBuilder())), whole);
  EXPECT_EQ(ids(Dictionary({0, 1, 0}, Texts({"7", "-1"}))), Lines({whole[0], whole[1], whole[0]}));
  EXPECT_EQ(ids(Decimals({"7", "-1", "12345678901234567890123456789012345678"}, 38, 0)),
            Lines({whole[0], whole[1], "12345678901234567890123456789012345678 1970-01-01 0 1000000"}));
  EXPECT_EQ(ids(ArrayOf(Values<uint64_t>{7, UINT64_MAX, std::nullopt}, arrow::UInt64Builder())),
            Lines({whole[0], "18446744073709551615 1970-01-01 0 1000000", whole[2]}));
  EXPECT_EQ(ids(Doubles({17850.5, 1e17, std::nan("")})),
            Lines({"CUSTOMER_ID_NOT_INTEGER 17850.5", "CUSTOMER_ID_NOT_INTEGER 1e+17", "CUSTOMER_ID_NOT_INTEGER nan"}));
}

TEST(Parquet, ReadsAmountsExactly) {
  const auto day = Days({0, 0, 0});
  const auto id = Texts({"c", "c", "c"});
  const auto amounts = [&](std::shared_ptr<arrow::Array> amount) { return Outcomes(id, day, std::move(amount)); };
  const auto good = [](const char* micros) { return std::string("c 1970-01-01 0 ") + micros; };
  EXPECT_EQ(amounts(Doubles({0.1, -2.55, std::nullopt})), Lines({good("100000"), good("-2550000"), "MISSING_AMOUNT "}));
  EXPECT_EQ(amounts(Doubles({0.1 + 0.2, std::nan(""), 1e300})),
            Lines({"AMOUNT_TOO_PRECISE 0.30000000000000004", "AMOUNT_NOT_FINITE nan", "AMOUNT_TOO_LARGE 1e+300"}));
  EXPECT_EQ(amounts(ArrayOf(Values<float>{0.1F, 16777216.0F, -HUGE_VALF}, arrow::FloatBuilder())),
            Lines({good("100000"), good("16777216000000"), "AMOUNT_NOT_FINITE -inf"}));
  EXPECT_EQ(amounts(Decimals({"12.3400", "-0.0001", "9223372036854.7758"}, 18, 4)),
            Lines({good("12340000"), good("-100"), good("9223372036854775800")}));
  EXPECT_EQ(amounts(Decimals({"1.00000000", "0.00000001", "2.50000000"}, 18, 8)),
            Lines({good("1000000"), "AMOUNT_TOO_PRECISE 1E-8", good("2500000")}));
  EXPECT_EQ(amounts(ArrayOf(Values<int32_t>{5, -5, 0}, arrow::Int32Builder())),
            Lines({good("5000000"), good("-5000000"), good("0")}));
  EXPECT_EQ(amounts(Texts({" 1.5", "1,5", ""})),
            Lines({good("1500000"), "AMOUNT_THOUSANDS_SEPARATOR 1,5", "MISSING_AMOUNT "}));
}

TEST(Parquet, ReadsTimesLocalOrConverted) {
  const auto id = Texts({"c", "c", "c"});
  const auto one = Doubles({1, 1, 1});
  const auto times = [&](std::shared_ptr<arrow::Array> day, const Job& job = SampleJob()) {
    return Outcomes(id, std::move(day), one, job);
  };
  const Lines local = {"c 1970-01-01 61 1000000", "c 1969-12-31 1439 1000000", "MISSING_TIME "};
  EXPECT_EQ(times(Timestamps({3'660'000, -1, std::nullopt}, arrow::TimeUnit::MILLI)), local);
  EXPECT_EQ(times(Timestamps({3'660'000'000, -1, std::nullopt}, arrow::TimeUnit::MICRO)), local);
  EXPECT_EQ(times(Timestamps({3'660'000'000'000, -1, std::nullopt}, arrow::TimeUnit::NANO)), local);
  // An instant is shown as Berlin's clocks had it.
  EXPECT_EQ(times(Timestamps({60'000, -3'600'001, std::nullopt}, arrow::TimeUnit::MILLI, "UTC")), local);
  EXPECT_EQ(times(Days({19783, -1, std::nullopt})),
            Lines({"c 2024-03-01 0 1000000", "c 1969-12-31 0 1000000", "MISSING_TIME "}));
  EXPECT_EQ(times(Texts({"2024-03-01", "31/02/2024", "2024-02-30"})),
            Lines({"c 2024-03-01 0 1000000", "TIME_MALFORMED 31/02/2024", "DATE_IMPOSSIBLE 2024-02-30"}));
  EXPECT_EQ(times(Days({100'000, -30'000, 0})),
            Lines({"DATE_OUT_OF_RANGE 2243-10-17T00:00:00", "DATE_OUT_OF_RANGE 1887-11-12T00:00:00",
                   "c 1970-01-01 0 1000000"}));
  // A time_format is for texts; typed times have none.
  Job job = SampleJob();
  job.transactions.time_format = "%d/%m/%Y";
  EXPECT_EQ(times(Days({19783, -1, std::nullopt}), job).front(), "c 2024-03-01 0 1000000");
  EXPECT_EQ(times(Texts({"01/03/2024", "x", "x"}), job).front(), "c 2024-03-01 0 1000000");
}

TEST(Parquet, RefusesTypesThatCannotServe) {
  const auto one = Doubles({1});
  const auto day = Days({0});
  const auto id = Texts({"c"});
  const auto flags = ArrayOf(Values<bool>{true}, arrow::BooleanBuilder());
  struct Case {
    std::vector<NamedArray> columns;
    const char* message;
  };
  const Case cases[] = {
      {{{"id", day}, {"day", day}, {"amount", one}},
       "found the column 'id' of type date32[day] for sources.transactions.columns.customer_id; allowed: string"},
      {{{"id", id}, {"day", one}, {"amount", one}},
       "found the column 'day' of type double for sources.transactions.columns.time; allowed: timestamp"},
      {{{"id", id}, {"day", day}, {"amount", flags}},
       "found the column 'amount' of type bool for sources.transactions.columns.amount; allowed: integer"},
      {{{"id", Decimals({"1.5"}, 4, 2)}, {"day", day}, {"amount", one}}, "decimal128(4, 2)"},
  };
  for (const Case& c : cases) {
    MemoryFileSystem files;
    files.Set("f.parquet", WriteParquet(c.columns, 10));
    const auto scan = ScanFile(files, files.Info("f.parquet"), SampleJob().transactions);
    EXPECT_THAT(scan, FailsWith(absl::StatusCode::kInvalidArgument, "COLUMN_TYPE"));
    EXPECT_THAT(scan, SaysThat(c.message));
  }
  EXPECT_THAT(Map(WriteParquet({{"id", id}, {"date", day}, {"amount", one}}, 10), SampleJob()),
              FailsWith(absl::StatusCode::kInvalidArgument, "COLUMN_MISSING"));
  EXPECT_THAT(Map(WriteParquet({{"id", id}, {"day", day}, {"amount", one}, {"day", day}}, 10), SampleJob()),
              FailsWith(absl::StatusCode::kInvalidArgument, "COLUMN_DUPLICATE"));
}

TEST(Parquet, ReadsFlagsAndIgnoresWhatIsNotMapped) {
  Job job = SampleJob();
  job.transactions.columns.is_return = "ret";
  job.transactions.columns.region = "void";
  const auto nested = arrow::StructArray::Make({Doubles({1, 1})}, std::vector<std::string>{"x"}).ValueOrDie();
  const auto nulls = arrow::MakeArrayOfNull(arrow::null(), 2).ValueOrDie();
  for (const auto& flags : {ArrayOf(Values<bool>{true, false}, arrow::BooleanBuilder()),
                            ArrayOf(Values<int64_t>{1, 0}, arrow::Int64Builder()), Texts({"Yes", "no"})}) {
    const auto mapped = Map(WriteParquet({{"extra", nested},
                                          {"ret", flags},
                                          {"void", nulls},
                                          {"amount", Doubles({2, 2})},
                                          {"day", Days({0, 0})},
                                          {"id", Texts({"a", "a"})}},
                                         10),
                            job);
    ASSERT_OK(mapped);
    EXPECT_EQ(mapped->front().shards[0].net_micros, (std::vector<int64_t>{-2'000'000, 2'000'000}));
  }
}

std::string ManyRows(int64_t rows, int64_t rows_per_group) {
  Values<int64_t> ids;
  Values<int32_t> days;
  Values<double> amounts;
  for (int64_t i = 0; i < rows; ++i) {
    ids.push_back(i % 97);
    days.push_back(static_cast<int32_t>(i % 1000));
    amounts.push_back(i % 50 == 7 ? std::nullopt : std::optional(0.25 * static_cast<double>(i)));
  }
  return WriteParquet({{"id", ArrayOf(ids, arrow::Int64Builder())}, {"day", Days(days)}, {"amount", Doubles(amounts)}},
                      rows_per_group);
}

TEST(Parquet, PlansSplitsOfWholeRowGroups) {
  const std::string bytes = ManyRows(1000, 100);
  FileScan scan;
  ASSERT_OK(ScanParquet(bytes, "f.parquet", FieldsOf(SampleJob().transactions), 250, &scan));
  EXPECT_EQ(scan.records, 1000);
  EXPECT_EQ(scan.splits.size(), 5u);
  uint64_t in_splits = 0;
  for (size_t i = 0; i < scan.splits.size(); ++i) {
    const Split& split = scan.splits[i];
    EXPECT_EQ(split.begin, 2 * i);
    EXPECT_EQ(split.end, 2 * i + 2);
    EXPECT_EQ(split.first_line, static_cast<int64_t>(200 * i + 1));
    EXPECT_EQ(split.records, 200);
    EXPECT_GT(split.bytes, 200u) << "an amount alone has more than a byte a row";
    in_splits += split.bytes;
  }
  EXPECT_LT(in_splits, bytes.size()) << "the footer belongs to none";
  ASSERT_OK(ScanParquet(bytes, "f.parquet", FieldsOf(SampleJob().transactions), 10, &scan));
  EXPECT_EQ(scan.splits.size(), 10u);
  ASSERT_OK(ScanParquet(ManyRows(0, 100), "f.parquet", FieldsOf(SampleJob().transactions), 10, &scan));
  EXPECT_EQ(scan.records, 0);
  EXPECT_TRUE(scan.splits.empty());
}

TEST(Parquet, SplitsAddUpToTheWholeFile) {
  MemoryFileSystem files;
  files.Set("f.parquet", ManyRows(100'000, 7'000));
  const Job job = SampleJob();
  FileScan scan = ScanFile(files, files.Info("f.parquet"), job.transactions).value();
  ASSERT_EQ(scan.splits.size(), 1u);
  const MappedRows whole = MapSplit(files, "f.parquet", scan, scan.splits[0], job, 0).value();
  EXPECT_EQ(whole.counts, (RowCounts{.read = 100'000, .accepted = 98'000, .rejected = 2'000}));
  EXPECT_EQ(whole.quarantine.at(1).line, 58);
  std::vector<int64_t> nets;
  RowCounts counts;
  ASSERT_OK(
      ScanParquet(files.Map("f.parquet").value()->bytes(), "f.parquet", FieldsOf(job.transactions), 10'000, &scan));
  for (const Split& split : scan.splits) {
    const MappedRows part = MapSplit(files, "f.parquet", scan, split, job, 0).value();
    counts.Add(part.counts);
    nets.insert(nets.end(), part.shards[0].net_micros.begin(), part.shards[0].net_micros.end());
    ASSERT_FALSE(part.quarantine.empty());
    EXPECT_EQ((part.quarantine[0].line - 8) % 50, 0);
  }
  EXPECT_EQ(counts, whole.counts);
  EXPECT_EQ(nets, whole.shards[0].net_micros);
}

TEST(Parquet, NamesAFileThatCannotBeRead) {
  const std::string good = ManyRows(5'000, 5'000);
  std::vector<std::string> broken = {"", "PAR1", "not parquet at all", good.substr(0, good.size() / 2)};
  std::string flipped = good;
  flipped[good.size() / 3] = static_cast<char>(flipped[good.size() / 3] ^ 1);  // inside a page
  broken.push_back(flipped);
  for (const std::string& bytes : broken) {
    const auto mapped = Map(bytes, SampleJob());
    EXPECT_THAT(mapped, FailsWith(absl::StatusCode::kInvalidArgument, "FILE_UNREADABLE")) << bytes.size();
    EXPECT_THAT(mapped, SaysThat("f.parquet: "));
  }
}

TEST(Parquet, IsProfiledLikeCsv) {
  MemoryFileSystem files;
  files.Set("f.parquet", ManyRows(1'000, 100));
  Job job = SampleJob();
  job.transactions.uri = "f.parquet";
  const auto profile = ProfileSource(files, job, "", {.records_per_file_max = 150});
  ASSERT_OK(profile);
  EXPECT_EQ(profile->counts, (RowCounts{.read = 150, .accepted = 147, .rejected = 3}));
  EXPECT_EQ(profile->columns.at(1).max, "1970-05-30 00:00");
  EXPECT_EQ(profile->columns.at(2).missing, 3);
  EXPECT_EQ(profile->columns.at(2).max, "37.25");
}

}  // namespace
}  // namespace strata
