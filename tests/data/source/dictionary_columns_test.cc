// Text columns with few distinct values are read through their dictionaries: rows, rejects and hashes must be those of
// the same values read as plain texts.
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>

#include <random>

#include "data/source/parquet_source.h"
#include "tests/base/status_matchers.h"
#include "tests/data/source/parquet_writer.h"
#include "tests/data/source/sample_job.h"

namespace strata {
namespace {

using Texts = std::vector<std::optional<std::string>>;

std::string Write(const std::vector<NamedArray>& columns, bool dictionaries) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& [name, array] : columns) {
    fields.push_back(arrow::field(name, array->type()));
    arrays.push_back(array);
  }
  const auto table = arrow::Table::Make(arrow::schema(fields), arrays);
  parquet::WriterProperties::Builder properties;
  dictionaries ? properties.enable_dictionary() : properties.disable_dictionary();
  auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
  constexpr int64_t kRowsPerGroup = 700;
  EXPECT_TRUE(
      parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), sink, kRowsPerGroup, properties.build()).ok());
  return sink->Finish().ValueOrDie()->ToString();
}

// Everything a reader hands on, as one text.
class Recorder final : public RowSink {
 public:
  void OnBlank(int64_t) override { ADD_FAILURE() << "Parquet has no blank records"; }
  void OnMalformed(int64_t, const Fault&) override { ADD_FAILURE() << "Parquet has no malformed records"; }
  void OnRow(int64_t line, const Cells& cells) override {
    std::string row = std::to_string(line);
    for (const Cell& cell : cells) {
      row += '|' + std::to_string(static_cast<int>(cell.kind)) + ' ' + std::string(cell.text);
      clean += cell.is_clean;
    }
    rows.push_back(std::move(row));
  }
  std::vector<std::string> rows;
  int clean = 0;
};

Texts Draw(std::mt19937_64* random, size_t rows, const Texts& values) {
  Texts drawn;
  for (size_t i = 0; i < rows; ++i) drawn.push_back(values[(*random)() % values.size()]);
  return drawn;
}

TEST(DictionaryColumns, HaveTheCellsAndRowsOfPlainTexts) {
  constexpr size_t kRows = 2'000;
  Job job = SampleJob();
  job.transactions.columns.region = "region";
  job.transactions.columns.transaction_id = "transaction";
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const Texts ids = {"anna", "bert", "c\xC3\xA9line", "", " \t", std::nullopt, "\xFF\xFE", std::string(300, 'x')};
    const Texts regions = {"north",       "south", "", std::nullopt, "a region whose name is longer than sixteen bytes",
                           "\xC0 no text"};
    const Texts days = {"2024-01-01", "2024-02-30", std::nullopt, "2024-03-01 12:30"};
    const Texts amounts = {"1.50", "-2", "x", "", "1e3"};
    Texts transactions;
    for (size_t i = 0; i < kRows; ++i) transactions.push_back("t" + std::to_string(random() % kRows));
    const std::vector<NamedArray> columns = {{"id", ArrayOf(Draw(&random, kRows, ids), arrow::BinaryBuilder())},
                                             {"day", ArrayOf(Draw(&random, kRows, days), arrow::StringBuilder())},
                                             {"amount", ArrayOf(Draw(&random, kRows, amounts), arrow::StringBuilder())},
                                             {"region", ArrayOf(Draw(&random, kRows, regions), arrow::BinaryBuilder())},
                                             {"transaction", ArrayOf(transactions, arrow::StringBuilder())}};
    Recorder read[2];
    std::vector<MappedRows> mapped[2];
    for (const bool dictionaries : {false, true}) {
      const std::string bytes = Write(columns, dictionaries);
      ASSERT_OK(
          ReadParquetRows(bytes, "f", FieldsOf(job.transactions), {.begin = 0, .end = 3}, kRows, &read[dictionaries]));
      MemoryFileSystem files;
      files.Set("f.parquet", bytes);
      const auto result = MapFile(files, files.Info("f.parquet"), job);
      ASSERT_OK(result);
      mapped[dictionaries] = *result;
    }
    EXPECT_EQ(read[0].rows.size(), kRows);
    EXPECT_EQ(read[0].rows, read[1].rows);
    EXPECT_EQ(read[0].clean, 0) << "nothing is known of plain texts";
    EXPECT_GT(read[1].clean, 0) << "no column was read through its dictionary";
    ASSERT_EQ(mapped[0].size(), mapped[1].size());
    for (size_t i = 0; i < mapped[0].size(); ++i) {
      EXPECT_EQ(mapped[0][i].shards, mapped[1][i].shards);
      EXPECT_EQ(mapped[0][i].counts, mapped[1][i].counts);
      EXPECT_EQ(mapped[0][i].rejected_by_reason, mapped[1][i].rejected_by_reason);
      EXPECT_GT(mapped[0][i].counts.accepted, 50);
      EXPECT_GT(mapped[0][i].counts.rejected, 50);
    }
  }
}

}  // namespace
}  // namespace strata
