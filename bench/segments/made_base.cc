#include "bench/segments/made_base.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <random>
#include <utility>

#include "base/hash.h"

namespace strata {
namespace {

constexpr uint64_t kSeed = 20'251'122;
constexpr int32_t kCategories = 40;  // of events
constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

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
    AddWhole("last_day", ColumnType::kDay, 3, [this] { return kMadeAsOf - static_cast<int64_t>(Exponential(200)); });
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

std::string Micros(int64_t value) {
  return fmt::format("{}{}.{:06}", value < 0 ? "-" : "", std::abs(value) / 1'000'000, std::abs(value) % 1'000'000);
}

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
      return Micros(value);
    case ColumnType::kDay:
      return FormatDay(static_cast<Day>(value));
    case ColumnType::kFlag:
      return value == 1 ? "true" : "false";
    default:
      return fmt::format("{}", value);
  }
}

}  // namespace

std::vector<MadeColumn> MakeColumns(size_t customers) { return Maker(customers).Make(); }

size_t SliceBegin(size_t customers, size_t shard) { return customers * shard / kMadeShards; }

std::vector<std::string> MakeIds(size_t customers) {
  std::vector<std::string> ids;
  for (size_t i = 0; i < customers; ++i) ids.push_back(fmt::format("c{:08}", i));
  for (size_t shard = 0; shard < kMadeShards; ++shard) {
    const auto begin = ids.begin() + static_cast<ptrdiff_t>(SliceBegin(customers, shard));
    const auto end = ids.begin() + static_cast<ptrdiff_t>(SliceBegin(customers, shard + 1));
    std::sort(begin, end,
              [](const auto& a, const auto& b) { return std::pair(Hash64(a), a) < std::pair(Hash64(b), b); });
  }
  return ids;
}

std::vector<MadeEvent> MakeEvents(size_t customers, size_t rows) {
  std::mt19937_64 random(kSeed + 1);
  std::exponential_distribution<double> amount(1 / 25e6);
  std::vector<MadeEvent> events;
  events.reserve(rows);
  for (size_t i = 0; i < rows; ++i) {
    MadeEvent& event = events.emplace_back();
    event.customer = static_cast<uint32_t>(i * customers / rows);
    event.day = kMadeAsOf - static_cast<Day>(random() % 730);
    event.net = static_cast<int64_t>(amount(random)) / 10'000 * 10'000;
    if (random() % 20 == 0) event.net = -event.net;
    event.quantity = static_cast<int64_t>(1 + random() % 5) * 1'000'000;
    event.category = random() % 25 == 0 ? -1 : static_cast<int32_t>(random() % kCategories);
  }
  return events;
}

std::string CategoryName(int32_t category) { return fmt::format("category-{:02}", category); }

void WriteColumns(const std::vector<MadeColumn>& columns, const std::vector<std::string>& ids,
                  const std::string& path) {
  std::ofstream file(path);
  file << "id";
  for (const MadeColumn& column : columns) file << "," << column.name;
  file << "\n";
  for (size_t row = 0; row < ids.size(); ++row) {
    file << ids[row];
    for (const MadeColumn& column : columns) file << "," << CellOf(column, row);
    file << "\n";
  }
}

void WriteEvents(const std::vector<MadeEvent>& events, const std::vector<std::string>& ids, const std::string& path) {
  std::ofstream file(path);
  file << "id,day,days_ago,net,quantity,category\n";
  for (const MadeEvent& event : events) {
    file << ids[event.customer] << "," << FormatDay(event.day) << "," << kMadeAsOf - event.day << ","
         << Micros(event.net) << "," << Micros(event.quantity) << ","
         << (event.category < 0 ? "" : CategoryName(event.category)) << "\n";
  }
}

}  // namespace strata
