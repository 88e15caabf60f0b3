// Files of a base: the same bytes for any number of threads, the same rows for any number of files and either format,
// and a truth that agrees with what a reader counts.
#include "data/synthetic/base_writer.h"

#include <arrow/api.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "data/snapshot/parquet_bytes.h"
#include "data/source/ingest.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"
#include "tests/data/synthetic/read_base.h"
#include "tests/store/faulty_calls.h"

namespace strata {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

BaseOptions Options(const std::string& out, int64_t customers = 3'000, int64_t transactions = 30'000) {
  return {.world = {.customers = customers,
                    .transactions = transactions,
                    .seed = 17,
                    .first_day = ToDay({.year = 2022, .month = 3, .day = 1}),
                    .dirty_ratio = 0.03},
          .out = out,
          .files = 5};
}

absl::StatusOr<GeneratedBase> Generate(const BaseOptions& options) {
  return GenerateBase(options, NewPosixFileSystem().get(), nullptr);
}

std::string Contents(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// All files below a folder by their path in it.
std::map<std::string, std::string> Tree(const std::string& folder) {
  std::map<std::string, std::string> tree;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) tree[fs::relative(entry.path(), folder).string()] = Contents(entry.path().string());
  }
  return tree;
}

std::vector<std::string> SortedLines(const std::string& folder) {
  std::vector<std::string> lines;
  for (const auto& [path, text] : Tree(folder)) {
    if (!path.ends_with(".csv")) continue;
    std::istringstream stream(text);
    std::string line;
    std::getline(stream, line);  // the header
    while (std::getline(stream, line)) lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::shared_ptr<arrow::Table> Truth(const std::string& folder) {
  return ReadParquet(Contents(folder + "/truth.parquet"), "truth.parquet").value();
}

template <typename Array>
const Array& Column(const std::shared_ptr<arrow::Table>& table, const std::string& name) {
  return static_cast<const Array&>(*table->GetColumnByName(name)->chunk(0));
}

TEST(GenerateBase, ThreadsDoNotShowInAnyByte) {
  for (const SyntheticFormat format : {SyntheticFormat::kParquet, SyntheticFormat::kCsv}) {
    const TemporaryFolder folder;
    std::map<std::string, std::string> first;
    for (const int threads : {1, 2, 4}) {
      BaseOptions options = Options(folder.Under(fmt::format("with-{}", threads)));
      options.format = format;
      options.threads = threads;
      ASSERT_OK(Generate(options));
      const auto tree = Tree(options.out);
      EXPECT_EQ(tree.size(), 5 + 4u);
      if (first.empty()) first = tree;
      EXPECT_TRUE(tree == first) << threads << " threads";
    }
    BaseOptions other = Options(folder.Under("other"));
    other.format = format;
    other.world.seed = 18;
    ASSERT_OK(Generate(other));
    for (const auto& [path, text] : Tree(other.out)) EXPECT_NE(text, first.at(path)) << path;
  }
}

TEST(GenerateBase, FilesDivideTheSameRows) {
  const TemporaryFolder folder;
  std::vector<std::string> lines;
  std::shared_ptr<arrow::Table> truth;
  for (const int files : {1, 5, 64}) {
    BaseOptions options = Options(folder.Under(fmt::format("in-{}", files)));
    options.format = SyntheticFormat::kCsv;
    options.files = files;
    options.threads = 2;
    ASSERT_OK(Generate(options));
    const auto own_truth = Truth(options.out);
    if (files == 1) {
      lines = SortedLines(options.out);
      truth = own_truth;
    }
    EXPECT_EQ(SortedLines(options.out), lines);
    EXPECT_TRUE(own_truth->Equals(*truth));
  }
  EXPECT_GT(lines.size(), 25'000u);
}

TEST(GenerateBase, BothFormatsHoldTheSameRows) {
  const TemporaryFolder folder;
  BaseOptions options = Options(folder.Under("parquet"));
  ASSERT_OK(Generate(options));
  const auto parquet = ReadGeneratedBase(options.out);
  ASSERT_OK(parquet);
  options.out = folder.Under("csv");
  options.format = SyntheticFormat::kCsv;
  ASSERT_OK(Generate(options));
  const auto csv = ReadGeneratedBase(options.out);
  ASSERT_OK(csv);
  EXPECT_EQ(csv->segment_digests, parquet->segment_digests);
  EXPECT_EQ(csv->counts, parquet->counts);
}

TEST(GenerateBase, ARunAccountsForDirtAsTheTruthSays) {
  for (const SyntheticFormat format : {SyntheticFormat::kParquet, SyntheticFormat::kCsv}) {
    for (const double ratio : {0.0, 0.03, 0.5}) {
      const TemporaryFolder folder;
      BaseOptions options = Options(folder.Under("base"));
      options.format = format;
      options.world.dirty_ratio = ratio;
      const auto base = Generate(options);
      ASSERT_OK(base);
      const auto read = ReadGeneratedBase(options.out);
      ASSERT_OK(read);
      const auto truth = nlohmann::json::parse(Contents(options.out + "/truth.json"));
      const auto& accounts = truth["rows"]["a_run_accounts"];
      EXPECT_EQ(read->counts.read, accounts["read"]);
      EXPECT_EQ(read->counts.accepted, accounts["accepted"]);
      EXPECT_EQ(read->counts.rejected, accounts["rejected"]);
      EXPECT_EQ(read->counts.duplicates, accounts["duplicates"]);
      EXPECT_TRUE(read->counts.Balances());
      std::map<std::string, int64_t> reasons;
      for (const auto& kind : truth["dirty_kinds"]) {
        const int64_t rows = kind["rows"];
        if (kind["class"] == "rejected" && rows > 0) reasons[kind["reason"]] = rows;
        EXPECT_TRUE(kind["kind"] != "conflict" || read->conflicts == rows) << read->conflicts;
        EXPECT_EQ(rows > 0, ratio > 0) << kind;
      }
      EXPECT_EQ(read->rejected_by_reason, reasons);
      // The job's own error budget lets it pass.
      const double rejected = static_cast<double>(read->counts.rejected) / static_cast<double>(read->counts.read);
      EXPECT_LE(rejected, read->job.error_budget.rejected_ratio_max);
      EXPECT_EQ(read->job.error_budget.rejected_ratio_max > 0, ratio > 0);
    }
  }
}

TEST(GenerateBase, TheTruthIsWhatAReaderCounts) {
  const TemporaryFolder folder;
  BaseOptions options = Options(folder.Under("base"));
  options.files = 1;  // so that the truth is one chunk
  const auto base = Generate(options);
  ASSERT_OK(base);
  const auto read = ReadGeneratedBase(options.out);
  ASSERT_OK(read);
  const auto truth = Truth(options.out);
  std::map<std::string, int64_t> row_of;
  const auto& ids = Column<arrow::StringArray>(truth, "customer_id");
  for (int64_t i = 0; i < truth->num_rows(); ++i) row_of[ids.GetString(i)] = i;
  EXPECT_EQ(row_of.size(), 3'000u);
  size_t seen = 0;
  for (const FeatureFile& file : read->features) {
    const CustomerColumns& found = file.features().today;
    for (size_t i = 0; i < found.size(); ++i, ++seen) {
      const int64_t row = row_of.at(std::string(file.id(i)));
      ASSERT_EQ(found.purchase_days[i], Column<arrow::Int32Array>(truth, "purchase_days").Value(row));
      ASSERT_EQ(found.rows[i], Column<arrow::Int32Array>(truth, "rows").Value(row));
      ASSERT_EQ(found.return_rows[i], Column<arrow::Int32Array>(truth, "return_rows").Value(row));
      ASSERT_EQ(found.first_day[i], Column<arrow::Date32Array>(truth, "first_purchase_date").Value(row));
      ASSERT_EQ(found.last_day[i], Column<arrow::Date32Array>(truth, "last_purchase_date").Value(row));
      const arrow::Decimal128 net(Column<arrow::Decimal128Array>(truth, "net").GetValue(row));
      ASSERT_EQ(arrow::Decimal128(found.net_micros[i]), net * arrow::Decimal128(10'000));
    }
  }
  EXPECT_EQ(seen, row_of.size());
  EXPECT_EQ(read->counts.read, base->counts.rows());
  EXPECT_EQ(*read->job.as_of, base->world.last_day());
}

TEST(GenerateBase, AFolderThatHoldsSomethingIsLeftAsItIs) {
  const TemporaryFolder folder;
  const std::string note = folder.Under("note.txt");
  std::ofstream(note) << "mine";
  const auto refused = Generate(Options(folder.path()));
  EXPECT_THAT(refused, FailsWith(absl::StatusCode::kInvalidArgument, "FLAG_INVALID"));
  EXPECT_THAT(refused, SaysThat("--out " + folder.path() + ": holds " + note + " already"));
  EXPECT_EQ(Tree(folder.path()).size(), 1u);
  EXPECT_THAT(Generate(Options(note)), SaysThat("--out " + note + ": is a file"));
  fs::create_directory(folder.Under("empty"));
  EXPECT_OK(Generate(Options(folder.Under("empty"))));
  EXPECT_THAT(Generate(Options(folder.Under("empty"))), SaysThat("already; allowed is a new or empty folder"));
}

TEST(GenerateBase, FileCountsThatCannotBeAreRefused) {
  const TemporaryFolder folder;
  BaseOptions few = Options(folder.Under("a"), 1'000'000, 30'000'000);
  few.files = 7;
  EXPECT_THAT(Generate(few), SaysThat("--files 7: allowed is 8 to 10000"));
  BaseOptions many = Options(folder.Under("b"), 3, 30);
  many.files = 4;
  EXPECT_THAT(Generate(many), SaysThat("--files 4: allowed is 1 to 3"));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(GenerateBase, TheSmallestBaseIsWholeToo) {
  const TemporaryFolder folder;
  for (const BaseShape shape : {BaseShape::kRetail, BaseShape::kSparse}) {
    BaseOptions options = Options(folder.Under(std::string(Name(shape))), 1, 1);
    options.world.shape = shape;
    options.world.dirty_ratio = 0;
    options.files = 0;
    const auto base = Generate(options);
    ASSERT_OK(base);
    EXPECT_EQ(base->counts.rows(), 1);
    const auto read = ReadGeneratedBase(options.out);
    ASSERT_OK(read);
    EXPECT_EQ(read->counts.accepted, 1);
  }
}

TEST(GenerateBase, ADiskThatFailsIsToldAndLeavesNoJob) {
  // Every call that changes something fails once, and then for good.
  const int64_t errors[] = {ENOSPC, EIO};
  for (const bool for_good : {false, true}) {
    int failures = 0;
    for (int call = 1;; ++call) {
      const TemporaryFolder folder;
      BaseOptions options = Options(folder.Under("base"), 40, 200);
      options.files = 2;
      FaultPlan plan{.fail_at = call, .error = static_cast<int>(errors[call % 2]), .for_good = for_good};
      const auto files = NewPosixFileSystem(FaultyCalls(&plan));
      const auto base = GenerateBase(options, files.get(), nullptr);
      if (plan.fired == 0) {
        ASSERT_OK(base);
        break;
      }
      // A job that is there, is there with everything it needs; and nothing is done without one.
      const bool has_job = fs::exists(options.out + "/job.yaml");
      EXPECT_TRUE(!has_job || ReadGeneratedBase(options.out).ok()) << call;
      if (base.ok()) {  // some calls do not matter, such as closing a folder
        EXPECT_TRUE(has_job) << call;
        continue;
      }
      ++failures;
      EXPECT_THAT(base, SaysThat(folder.path())) << call;
    }
    EXPECT_GT(failures, 10);
  }
}

}  // namespace
}  // namespace strata
