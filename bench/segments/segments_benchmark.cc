// Evaluates conditions over made-up customers and writes who is a member, as the report stage does, so that
// bench/segments/measure can hold it beside another engine on the same columns:
//
//   segments_benchmark CONDITIONS CUSTOMERS THREADS FOLDER
//
// CONDITIONS has one condition a line; FOLDER gets columns.csv (unless it is there), the members of every shard, and
// counts.csv, the members by condition. Prints the seconds of the quickest of three passes.
#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/date.h"
#include "data/segments/program.h"
#include "data/snapshot/members_file.h"

namespace strata {
namespace {

constexpr Day kAsOf = 20'000;
constexpr size_t kShards = 64;
constexpr uint64_t kSeed = 20'251'122;
constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

struct MadeColumn {
  std::string name;
  ColumnType type = ColumnType::kInteger;
  std::vector<int64_t> whole;
  std::vector<double> number;
  std::vector<int32_t> code;
  std::vector<std::string> words;
};

// Customers as a base of a shop has them: most buy seldom, some things are not known of everybody.
class Maker {
 public:
  explicit Maker(size_t customers) : customers_(customers) {}

  std::vector<MadeColumn> Make() {
    AddWhole("net", ColumnType::kMoney, 0, [this] { return static_cast<int64_t>(Exponential(150e6)); });
    AddWhole("margin", ColumnType::kMoney, 10, [this] { return static_cast<int64_t>(Exponential(60e6)) - 20'000'000; });
    AddWhole("average_order", ColumnType::kMoney, 5, [this] { return static_cast<int64_t>(Exponential(40e6)); });
    AddWhole("purchase_days", ColumnType::kInteger, 0, [this] { return 1 + static_cast<int64_t>(Exponential(4)); });
    AddWhole("rows", ColumnType::kInteger, 0, [this] { return 1 + static_cast<int64_t>(Exponential(9)); });
    AddWhole("recency_score", ColumnType::kInteger, 5, [this] { return 1 + static_cast<int64_t>(random_() % 5); });
    AddWhole("cluster", ColumnType::kInteger, 5, [this] { return 1 + static_cast<int64_t>(random_() % 8); });
    AddWhole("completeness", ColumnType::kShare, 0, [this] { return static_cast<int64_t>(random_() % 11) * 100'000; });
    AddWhole("last_day", ColumnType::kDay, 3, [this] { return kAsOf - static_cast<int64_t>(Exponential(200)); });
    AddWhole("consent", ColumnType::kFlag, 20, [this] { return static_cast<int64_t>(random_() % 2); });
    AddNumber("p_alive");
    AddNumber("churn_probability");
    AddText("grade", {"A", "B", "C", "D"});
    AddText("life_cycle", {"active", "at_risk", "dormant", "lost", "new", "potential", "returning"});
    std::vector<std::string> categories;
    for (int i = 0; i < 200; ++i) categories.push_back(fmt::format("category-{:03}", i));
    AddText("main_category", std::move(categories));
    return std::move(columns_);
  }

 private:
  double Exponential(double mean) { return std::exponential_distribution<double>(1 / mean)(random_); }
  bool IsUnknown(uint64_t percent) { return random_() % 100 < percent; }

  template <typename Draw>
  void AddWhole(const char* name, ColumnType type, uint64_t unknown_percent, const Draw& draw) {
    MadeColumn& column = columns_.emplace_back(MadeColumn{.name = name, .type = type});
    for (size_t i = 0; i < customers_; ++i) {
      const int64_t value = draw();
      column.whole.push_back(IsUnknown(unknown_percent) ? kNoWhole : value);
    }
  }
  void AddNumber(const char* name) {
    MadeColumn& column = columns_.emplace_back(MadeColumn{.name = name, .type = ColumnType::kNumber});
    for (size_t i = 0; i < customers_; ++i) {
      const double value = static_cast<double>(random_() >> 11) * 0x1p-53;
      column.number.push_back(IsUnknown(10) ? kNoNumber : value);
    }
  }
  void AddText(const char* name, std::vector<std::string> words) {
    MadeColumn& column = columns_.emplace_back(MadeColumn{.name = name, .type = ColumnType::kText});
    for (size_t i = 0; i < customers_; ++i) {
      const auto code = static_cast<int32_t>(random_() % words.size());
      column.code.push_back(IsUnknown(5) ? -1 : code);
    }
    column.words = std::move(words);
  }

  size_t customers_;
  std::mt19937_64 random_{kSeed};
  std::vector<MadeColumn> columns_;
};

std::string CellOf(const MadeColumn& column, size_t row) {
  if (column.type == ColumnType::kText) {
    return column.code[row] < 0 ? "" : column.words[static_cast<size_t>(column.code[row])];
  }
  if (column.type == ColumnType::kNumber) {
    return std::isnan(column.number[row]) ? "" : fmt::format("{}", column.number[row]);
  }
  const int64_t value = column.whole[row];
  if (value == kNoWhole) return "";
  switch (column.type) {
    case ColumnType::kMoney:
    case ColumnType::kShare:
      return fmt::format("{}{}.{:06}", value < 0 ? "-" : "", std::abs(value) / 1'000'000, std::abs(value) % 1'000'000);
    case ColumnType::kDay:
      return FormatDay(static_cast<Day>(value));
    case ColumnType::kFlag:
      return value == 1 ? "true" : "false";
    default:
      return fmt::format("{}", value);
  }
}

void WriteColumns(const std::vector<MadeColumn>& columns, size_t customers, const std::string& path) {
  if (std::ifstream(path).good()) return;
  std::ofstream file(path);
  for (size_t i = 0; i < columns.size(); ++i) file << (i == 0 ? "" : ",") << columns[i].name;
  file << "\n";
  for (size_t row = 0; row < customers; ++row) {
    for (size_t i = 0; i < columns.size(); ++i) file << (i == 0 ? "" : ",") << CellOf(columns[i], row);
    file << "\n";
  }
}

ColumnSet SliceOf(const std::vector<MadeColumn>& columns, size_t begin, size_t end) {
  ColumnSet set;
  for (const MadeColumn& made : columns) {
    Column column{.name = made.name, .type = made.type};
    if (!made.whole.empty()) column.whole = std::span(made.whole).subspan(begin, end - begin);
    if (!made.number.empty()) column.number = std::span(made.number).subspan(begin, end - begin);
    if (!made.code.empty()) column.code = std::span(made.code).subspan(begin, end - begin);
    column.words = made.words;
    set.Add(std::move(column));
  }
  return set;
}

absl::StatusOr<SegmentProgram> ProgramOf(const std::string& path, const std::vector<MadeColumn>& columns) {
  ColumnCatalogue catalogue;
  for (const MadeColumn& column : columns) catalogue.columns[column.name] = NameInfo{column.type};
  std::vector<SegmentDefinition> segments;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const int number = static_cast<int>(segments.size()) + 1;
    segments.push_back({fmt::format("s{:03}", number), "", line, number});
  }
  STRATA_ASSIGN_OR_RETURN(const std::vector<Condition> conditions, ParseSegments(segments, catalogue, path));
  return SegmentProgram::Compile(conditions, {});
}

// One pass over all customers; the counts by segment.
absl::StatusOr<std::vector<int64_t>> Pass(const SegmentProgram& program, const std::vector<MadeColumn>& columns,
                                          size_t customers, const std::string& folder) {
  std::vector<absl::StatusOr<std::vector<int64_t>>> counts(kShards, std::vector<int64_t>());
  tbb::parallel_for(size_t{0}, kShards, [&](size_t shard) {
    counts[shard] = [&]() -> absl::StatusOr<std::vector<int64_t>> {
      const size_t begin = customers * shard / kShards, end = customers * (shard + 1) / kShards;
      STRATA_ASSIGN_OR_RETURN(const MemberBits members, program.Run(SliceOf(columns, begin, end), {}, kAsOf));
      STRATA_ASSIGN_OR_RETURN(const std::string bytes, EncodeMembers(members, end - begin));
      std::ofstream(fmt::format("{}/{:05}.members", folder, shard), std::ios::binary) << bytes;
      std::vector<int64_t> of_shard;
      for (const std::vector<uint64_t>& bits : members.bits) {
        int64_t& count = of_shard.emplace_back(0);
        for (const uint64_t word : bits) count += std::popcount(word);
      }
      return of_shard;
    }();
  });
  std::vector<int64_t> sums;
  for (const auto& of_shard : counts) {
    if (!of_shard.ok()) return of_shard.status();
    sums.resize(of_shard->size());
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += (*of_shard)[i];
  }
  return sums;
}

absl::Status Measure(const std::string& conditions, size_t customers, int threads, const std::string& folder) {
  const std::vector<MadeColumn> columns = Maker(customers).Make();
  WriteColumns(columns, customers, folder + "/columns.csv");
  STRATA_ASSIGN_OR_RETURN(const SegmentProgram program, ProgramOf(conditions, columns));
  double best = std::numeric_limits<double>::max();
  std::vector<int64_t> counts;
  tbb::task_arena arena(threads);
  for (int pass = 0; pass < 3; ++pass) {
    absl::StatusOr<std::vector<int64_t>> found = absl::InternalError("nothing was run");
    const auto begin = std::chrono::steady_clock::now();
    arena.execute([&] { found = Pass(program, columns, customers, folder); });
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    if (!found.ok()) return found.status();
    counts = *std::move(found);
  }
  std::ofstream file(folder + "/counts.csv");
  for (const int64_t count : counts) file << count << "\n";
  std::cout << fmt::format("{:.3f}\n", best);
  return absl::OkStatus();
}

}  // namespace
}  // namespace strata

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: segments_benchmark CONDITIONS CUSTOMERS THREADS FOLDER\n";
    return 2;
  }
  const absl::Status done = strata::Measure(argv[1], std::stoul(argv[2]), std::stoi(argv[3]), argv[4]);
  if (done.ok()) return 0;
  std::cerr << done.ToString() << "\n";
  return 1;
}
