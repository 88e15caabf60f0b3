// A base with all tables: transactions stay as they were, both formats hold the same, every planted fault is found as
// often as the truth says, and the truth about margins is what the rows add up to.
#include <arrow/api.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "data/snapshot/parquet_bytes.h"
#include "data/source/table_mapper.h"
#include "data/synthetic/base_writer.h"
#include "data/synthetic/tables/table_maker.h"
#include "run/job_sources.h"
#include "run/yaml_section.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"
#include "tests/data/source/shown_rows.h"

namespace strata {
namespace {

using Json = nlohmann::json;

BaseOptions Options(const std::string& out, double dirty_ratio = 0.05) {
  return {.world = {.customers = 2'000,
                    .transactions = 16'000,
                    .seed = 5,
                    .first_day = ToDay({.year = 2022, .month = 3, .day = 1}),
                    .dirty_ratio = dirty_ratio,
                    .all_tables = true},
          .out = out,
          .files = 3,
          .threads = 2};
}

std::string Contents(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// A base with everything, written into a folder of its own.
struct Base {
  explicit Base(SyntheticFormat format, double dirty_ratio = 0.05)
      : options(Options(folder.Under("base"), dirty_ratio)) {
    options.format = format;
    const auto generated = GenerateBase(options, NewPosixFileSystem().get(), nullptr);
    EXPECT_OK(generated);
    truth = Json::parse(Contents(options.out + "/truth_tables.json"));
    job.name = "synthetic";
    job.currency = "EUR";
    job.shards = 4;
    const auto text = Contents(options.out + "/job.yaml");
    tables = ReadTables(text);
  }

  static std::vector<TableSource> ReadTables(const std::string& text) {
    const auto root = YamlSection::ParseFile(text, "job.yaml",
                                             {"name", "as_of", "time_zone", "currency", "seed", "shards", "sources",
                                              "error_budget", "models", "reports", "segments"})
                          .value();
    return ReadTableSources(*root.OpenSection("sources", "tables", 20).value()).value();
  }

  TemporaryFolder folder;
  BaseOptions options;
  Json truth;
  Job job;
  std::vector<TableSource> tables;
};

struct ReadTable {
  RowCounts counts;
  std::map<std::string, int64_t> reasons;
  std::vector<std::string> rows, keyed;  // shown ones; with their keys where they have one
  int64_t duplicates = 0, after = 0, links_to_nobody = 0;
  std::map<std::string, int64_t> missing;  // of rows that hold
};

// A table as a run reads it. `customers`: ids in the customers table.
ReadTable Read(const Base& base, const TableSource& source, const std::set<std::string>& customers) {
  const auto files = NewPosixFileSystem();
  const auto listed = ListSource(*files, source.uri, base.options.out).value();
  const TableLayout layout = LayoutOf(source);
  const Day last_day = base.options.world.first_day + base.options.world.days - 1;
  ReadTable read;
  std::set<std::string> keys;
  for (const FileInfo& file : listed) {
    const FileScan scan = ScanFile(*files, file, FieldsOf(source)).value();
    for (const Split& split : scan.splits) {
      const MappedTable mapped = MapTableSplit(*files, file.path, scan, split, base.job, source, 0).value();
      read.counts.Add(mapped.counts);
      for (const auto& [reason, rows] : mapped.rejected_by_reason) read.reasons[reason] += rows;
      for (const TableBatch& batch : mapped.rows) {
        const std::vector<std::string> shown = ShownRows(batch);
        for (size_t row = 0; row < batch.size(); ++row) {
          const std::string key = layout.has_key ? std::string(batch.id[row]) + Hex(batch.key[row]) : "";
          if (!key.empty() && !keys.insert(key).second) {
            ++read.duplicates;
            continue;
          }
          read.rows.push_back(shown[row]);
          if (batch.day[row] > last_day) {
            ++read.after;
            continue;
          }
          for (size_t i = 0; i < layout.names.size(); ++i) {
            if (ShownValue(batch.columns[i], row) == "-") ++read.missing[layout.names[i]];
          }
        }
      }
      for (const TableBatch& batch : mapped.links) {
        for (size_t row = 0; row < batch.size(); ++row) {
          const bool is_new = keys.insert("link " + Hex(batch.key[row])).second;
          if (is_new && !customers.contains(std::string(batch.id[row]))) ++read.links_to_nobody;
        }
      }
    }
  }
  std::sort(read.rows.begin(), read.rows.end());
  return read;
}

std::set<std::string> CustomersOf(const Base& base) {
  std::set<std::string> ids;
  const int64_t all = base.options.world.customers + base.options.world.customers / kNeverBuysDivisor;
  for (uint32_t i = 0; i < all; ++i) ids.insert(CustomerId(i));
  return ids;
}

TEST(GeneratedTables, LeaveTransactionsAsTheyAre) {
  const TemporaryFolder folder;
  BaseOptions options = Options(folder.Under("all"));
  options.format = SyntheticFormat::kCsv;
  ASSERT_OK(GenerateBase(options, NewPosixFileSystem().get(), nullptr));
  options.out = folder.Under("transactions");
  options.world.all_tables = false;
  ASSERT_OK(GenerateBase(options, NewPosixFileSystem().get(), nullptr));
  int64_t lines = 0;
  for (int file = 0; file < options.files; ++file) {
    const std::string name = fmt::format("/transactions/part-{:05}.csv", file);
    std::istringstream all(Contents(folder.Under("all") + name)), alone(Contents(options.out + name));
    for (std::string with, without; std::getline(all, with); ++lines) {
      ASSERT_TRUE(std::getline(alone, without));
      ASSERT_EQ(with.substr(0, without.size() + 1), without + ",") << "two columns more, discount and cost";
    }
    EXPECT_TRUE(alone.eof() || alone.peek() == EOF);
  }
  EXPECT_GT(lines, 10'000);
  EXPECT_EQ(Contents(folder.Under("all/truth.parquet")), Contents(options.out + "/truth.parquet"));
  EXPECT_EQ(Contents(folder.Under("all/truth.json")), Contents(options.out + "/truth.json"));
}

TEST(GeneratedTables, AreTheSameInBothFormatsAndForAnyThreads) {
  const Base parquet(SyntheticFormat::kParquet), csv(SyntheticFormat::kCsv);
  EXPECT_EQ(parquet.truth, csv.truth);
  EXPECT_EQ(parquet.tables.size(), kTableCount - 1);
  const std::set<std::string> customers = CustomersOf(parquet);
  for (size_t i = 0; i < parquet.tables.size(); ++i) {
    const ReadTable one = Read(parquet, parquet.tables[i], customers), other = Read(csv, csv.tables[i], customers);
    EXPECT_EQ(one.counts, other.counts) << parquet.tables[i].uri;
    EXPECT_EQ(one.reasons, other.reasons) << parquet.tables[i].uri;
    EXPECT_EQ(one.rows, other.rows) << parquet.tables[i].uri;
    EXPECT_GT(one.rows.size(), 100u) << parquet.tables[i].uri;
  }
  const TemporaryFolder folder;
  BaseOptions options = Options(folder.Under("one"));
  options.threads = 1;
  ASSERT_OK(GenerateBase(options, NewPosixFileSystem().get(), nullptr));
  for (const char* file : {"/surveys/part-00002.parquet", "/truth_tables.parquet", "/products.parquet", "/job.yaml"}) {
    EXPECT_EQ(Contents(options.out + file), Contents(parquet.options.out + file)) << file;
  }
}

TEST(GeneratedTables, FaultsAreFoundAsOftenAsTheyWerePlanted) {
  for (const double ratio : {0.0, 0.05, 0.4}) {
    const Base base(SyntheticFormat::kParquet, ratio);
    const std::set<std::string> customers = CustomersOf(base);
    std::set<std::string> kinds;
    for (const TableSource& source : base.tables) {
      const std::string name(SchemaOf(source.table).name);
      if (!base.truth["tables"].contains(name)) continue;  // products and market have none
      const Json& truth = base.truth["tables"][name];
      const ReadTable read = Read(base, source, customers);
      const Json& accounts = truth["a_run_accounts"];
      EXPECT_EQ(read.counts.read, accounts["read"]) << name;
      EXPECT_EQ(read.counts.rejected, accounts["rejected"]) << name;
      EXPECT_EQ(read.duplicates, accounts["duplicates"]) << name;
      EXPECT_EQ(read.counts.accepted - read.duplicates, accounts["accepted"]) << name;
      EXPECT_EQ(read.after, truth["rows_after_the_last_day"]) << name;
      EXPECT_EQ(static_cast<int64_t>(read.rows.size()) - read.after, truth["rows_that_hold"]) << name;
      std::map<std::string, int64_t> reasons;
      const auto found = [&](const auto& has) { return std::count_if(read.rows.begin(), read.rows.end(), has); };
      for (const Json& fault : truth["faults"]) {
        const std::string kind = fault["kind"];
        const int64_t rows = fault["rows"];
        kinds.insert(kind);
        EXPECT_EQ(rows > 0, ratio > 0) << name << " " << fault;
        if (fault.contains("reason") && rows > 0) reasons[fault["reason"]] = rows;
        if (kind == "orphan_customer") {
          EXPECT_EQ(found([](const std::string& row) { return row[0] == 'X'; }), rows) << name;
        }
        if (kind == "orphan_product") {
          EXPECT_EQ(found([](const std::string& row) { return row.find(kUnknownProduct) != row.npos; }), rows) << name;
        }
      }
      EXPECT_EQ(read.reasons, reasons) << name;
      for (const auto& [column, rows] : read.missing)
        EXPECT_EQ(rows, truth["missing_of_those"][column]) << name << column;
      if (name == "customers") {
        EXPECT_EQ(read.links_to_nobody, truth["orphan_referrers"]);
        EXPECT_EQ(read.links_to_nobody > 0, ratio > 0);
      }
      if (read.counts.rejected == 0) continue;
      ASSERT_TRUE(source.error_budget.has_value()) << name;
      EXPECT_LE(static_cast<double>(read.counts.rejected) / static_cast<double>(read.counts.read),
                source.error_budget->rejected_ratio_max);
    }
    EXPECT_EQ(kinds.size(), kTableFaults);
  }
}

// Rows of a Parquet file of the base by customer, the sums of a money column.
std::map<std::string, int64_t> Sums(const std::shared_ptr<arrow::Table>& table, const std::string& column) {
  std::map<std::string, int64_t> sums;
  const auto& ids = static_cast<const arrow::StringArray&>(*table->GetColumnByName("customer_id")->chunk(0));
  const auto& values = static_cast<const arrow::Decimal128Array&>(*table->GetColumnByName(column)->chunk(0));
  for (int64_t i = 0; i < table->num_rows(); ++i) {
    if (values.IsNull(i) || ids.IsNull(i)) continue;
    sums[ids.GetString(i)] += static_cast<int64_t>(arrow::Decimal128(values.GetValue(i)).low_bits());
  }
  return sums;
}

TEST(GeneratedTables, MarginsAreWhatTheRowsAddUpTo) {
  const TemporaryFolder folder;
  BaseOptions options = Options(folder.Under("base"), 0);
  options.files = 1;
  ASSERT_OK(GenerateBase(options, NewPosixFileSystem().get(), nullptr));
  const auto read = [&](const std::string& file) { return ReadParquet(Contents(options.out + file), file).value(); };
  const auto sales = read("/transactions/part-00000.parquet");
  std::map<std::string, int64_t> unit_cost;
  const auto products = read("/products.parquet");
  for (int64_t i = 0; i < products->num_rows(); ++i) {
    unit_cost[static_cast<const arrow::StringArray&>(*products->GetColumnByName("product_id")->chunk(0)).GetString(i)] =
        static_cast<int64_t>(arrow::Decimal128(static_cast<const arrow::Decimal128Array&>(
                                                   *products->GetColumnByName("unit_cost")->chunk(0))
                                                   .GetValue(i))
                                 .low_bits());
  }
  std::map<std::string, int64_t> margin = Sums(sales, "amount");
  for (auto& [id, cents] : margin) cents *= 10'000;
  const auto text = [&](const char* column, int64_t i) {
    return static_cast<const arrow::StringArray&>(*sales->GetColumnByName(column)->chunk(0)).GetString(i);
  };
  const auto& is_return = static_cast<const arrow::BooleanArray&>(*sales->GetColumnByName("is_return")->chunk(0));
  int64_t by_unit_cost = 0;
  for (int64_t i = 0; i < sales->num_rows(); ++i) {
    const auto& cost = static_cast<const arrow::Decimal128Array&>(*sales->GetColumnByName("cost")->chunk(0));
    if (cost.IsValid(i)) {
      const auto cents = static_cast<int64_t>(arrow::Decimal128(cost.GetValue(i)).low_bits());
      EXPECT_GE(cents, 0);
      margin[text("customer_id", i)] += (is_return.Value(i) ? 10'000 : -10'000) * cents;
      continue;
    }
    ++by_unit_cost;
    const int32_t pieces =
        static_cast<const arrow::Int32Array&>(*sales->GetColumnByName("quantity")->chunk(0)).Value(i);
    margin[text("customer_id", i)] -= pieces * unit_cost[text("product_id", i)];
  }
  EXPECT_GT(by_unit_cost, 100);
  for (const auto& [id, micros] : Sums(read("/costs/part-00000.parquet"), "amount")) margin[id] -= micros;
  const auto truth = read("/truth_tables.parquet");
  EXPECT_EQ(Sums(truth, "margin"), margin);
  const auto losers = std::count_if(margin.begin(), margin.end(), [](const auto& one) { return one.second < 0; });
  EXPECT_GT(losers, 40) << "3 % of 2,000, and whoever bought below cost";
  EXPECT_LT(losers, 400);
}

}  // namespace
}  // namespace strata
