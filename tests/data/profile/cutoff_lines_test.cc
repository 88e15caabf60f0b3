// Churn's features of details of transactions, against the slow, obvious computation over the rows up to a date.
#include "data/profile/cutoff_lines.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

#include "base/churn_rules.h"
#include "tests/data/profile/raw_profile.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10'000;

RawBase RandomBase(uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&random](uint64_t n) { return static_cast<int64_t>(random() % n); };
  const auto word = [&below](const char* prefix, uint64_t n) {
    return below(4) == 0 ? std::string() : prefix + std::to_string(below(n));
  };
  RawBase base;
  for (int i = 0; i < 200; ++i) {
    RawLine line{.id = "c" + std::to_string(below(12)),
                 .day = static_cast<Day>(kAsOf - below(800)),
                 .net = below(2'000) * 10'000};
    line.is_return = below(6) == 0;
    if (line.is_return) line.net = -line.net;
    if (below(5) != 0) line.quantity = below(9) * 500'000;
    if (below(4) != 0) line.order = below(40);
    if (below(2) == 0) line.discount = below(300) * 10'000;
    line.category = word("k", 3);
    line.product = word("p", 3);
    line.region = word("r", 3);
    line.channel = word("s", 3);
    line.promotion = word("q", 2);
    base.lines.push_back(line);
  }
  base.products = {{.product = "p0", .category = "k7"}, {.product = "p1", .from = kAsOf - 300, .category = "k1"}};
  return base;
}

using Values = std::map<std::string, std::string>;  // by feature: a number, a word, or "-"

std::string Text(long double value) { return fmt::format("{:.0f}", static_cast<double>(value)); }

template <typename Map>
std::string Most(const Map& by_word) {
  std::string best = "-";
  for (const auto& [word, value] : by_word) {
    if (best == "-" || value > by_word.at(best)) best = word;
  }
  return best;
}

std::string CategoryOf(const RawBase& base, const RawLine& line) {
  if (!line.category.empty()) return line.category;
  for (const RawProduct& product : base.products) {
    if (product.product == line.product && product.from <= line.day) return product.category;
  }
  return "";
}

Values SlowValues(const RawBase& base, const std::string& customer, Day cutoff) {
  int64_t returned = 0, gross = 0, gross_90 = 0, quantity = 0, discount = 0;
  int rows = 0, promoted = 0, return_rows_90 = 0;
  bool has_quantity = false;
  Day last_return = 0, last_promotion = 0;
  std::set<std::string> orders, orders_90;
  std::map<std::string, int64_t> categories, categories_90, regions, channels;
  for (const RawLine& line : base.lines) {
    const int ago = cutoff - line.day;
    if (line.id != customer || ago < 0) continue;
    if (line.is_return) {
      last_return = std::max(last_return, line.day);
      return_rows_90 += ago < 90;
      returned -= ago < 365 ? line.net : 0;
      continue;
    }
    if (!line.promotion.empty()) last_promotion = std::max(last_promotion, line.day);
    if (ago >= 365) continue;
    ++rows;
    promoted += !line.promotion.empty();
    gross += line.net;
    gross_90 += ago < 90 ? line.net : 0;
    if (line.quantity != kNoWhole) quantity += line.quantity;
    has_quantity |= line.quantity != kNoWhole;
    if (line.discount != kNoWhole) discount += line.discount;
    const std::string order = line.order == kNoWhole ? fmt::format("day {}", line.day) : fmt::format("{}", line.order);
    orders.insert(order);
    if (ago < 90) orders_90.insert(order);
    if (const std::string category = CategoryOf(base, line); !category.empty()) {
      categories[category] += line.net;
      if (ago < 90) categories_90[category] += line.net;
    }
    if (!line.region.empty()) ++regions[line.region];
    if (!line.channel.empty()) ++channels[line.channel];
  }
  const auto n = static_cast<long double>(orders.size()), n_90 = static_cast<long double>(orders_90.size());
  const auto ratio = [](long double part, long double all, long double unit) {
    return all > 0 ? Text(std::nearbyint(part * unit / all)) : "-";
  };
  const auto rounded = [](long double part, long double all) { return std::nearbyint(part / all); };
  const std::string main = Most(categories), now = Most(categories_90);
  Values values = {{"returned_365", Text(returned)},
                   {"days_since_return", last_return == 0 ? "-" : Text(cutoff - last_return)},
                   {"return_rows_90", Text(return_rows_90)},
                   {"orders_365", Text(n)},
                   {"rows_per_order_365", ratio(rows, n, 1024)},
                   {"average_order_365", ratio(gross, n, 1)},
                   {"quantity_365", has_quantity ? Text(quantity) : "-"},
                   {"promotion_rows_share_365", ratio(promoted, rows, 1e6)},
                   {"days_since_promotion", last_promotion == 0 ? "-" : Text(cutoff - last_promotion)},
                   {"bought_only_on_promotion", rows == 0          ? "-"
                                                : promoted == rows ? "1"
                                                                   : "0"},
                   {"discount_share_365", ratio(discount, gross + discount, 1e6)},
                   {"categories_365", Text(categories.size())},
                   {"top_category_share_365", main == "-" ? "-" : ratio(categories.at(main), gross, 1e6)},
                   {"category_changed", now == "-"    ? "-"
                                        : now == main ? "0"
                                                      : "1"},
                   {"main_category", main},
                   {"main_region", Most(regions)},
                   {"main_channel", Most(channels)}};
  values["basket_trend"] = n_90 == 0 || gross <= 0 ? "-" : ratio(rounded(gross_90, n_90), rounded(gross, n), 1024);
  return values;
}

std::string ValueOf(const Column& column, size_t row) {
  if (column.type != ColumnType::kText)
    return column.whole[row] == kNoWhole ? "-" : fmt::format("{}", column.whole[row]);
  return column.code[row] < 0 ? "-" : column.words[static_cast<size_t>(column.code[row])];
}

TEST(CutoffLines, EqualTheSlowComputationOverRowsUpToTheDate) {
  std::set<std::string> wanted;
  for (const ChurnLineFeature& feature : kChurnLineFeatures) wanted.emplace(feature.name);
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    const RawBase base = RandomBase(seed);
    const MadeProfile made(base, kAsOf, {});
    ASSERT_TRUE(made.status().ok()) << made.status();
    for (const Day cutoff : {kAsOf, kAsOf - 61, kAsOf - 365}) {
      SCOPED_TRACE(fmt::format("seed {}, {} days back", seed, kAsOf - cutoff));
      // Every other customer, so that rows of the view are not those of today.
      std::vector<uint32_t> row_of_today;
      std::vector<uint64_t> hash;
      for (uint32_t row = 0; row < made.today().size(); row += 2) {
        row_of_today.push_back(row);
        hash.push_back(made.today().hash[row]);
      }
      CustomerColumns view;
      view.as_of = cutoff;
      view.hash = hash;
      OwnedColumns columns(view.size());
      const absl::Status status = AddLineColumns(view, row_of_today, made.tables(), wanted, &columns);
      ASSERT_TRUE(status.ok()) << status;
      const ColumnSet set = columns.View();
      EXPECT_EQ(set.columns().size(), wanted.size());
      for (size_t i = 0; i < row_of_today.size(); ++i) {
        const std::string customer = made.id(row_of_today[i]);
        for (const auto& [name, value] : SlowValues(base, customer, cutoff)) {
          EXPECT_EQ(ValueOf(*set.Find(name), i), value) << customer << " " << name;
        }
      }
    }
  }
}

TEST(CutoffLines, AreThoseThatAreWanted) {
  const MadeProfile made(RandomBase(3), kAsOf, {});
  OwnedColumns columns(0);
  CustomerColumns nobody;
  nobody.as_of = kAsOf;
  ASSERT_TRUE(AddLineColumns(nobody, {}, made.tables(), {"returned_365", "main_region"}, &columns).ok());
  EXPECT_EQ(columns.View().columns().size(), 2u);
}

TEST(CutoffLines, NameACustomerWhoseSumsLeaveTheirBits) {
  RawBase base;
  base.lines = {{.id = "a", .day = kAsOf, .net = 1, .discount = std::numeric_limits<int64_t>::max()},
                {.id = "a", .day = kAsOf - 1, .net = 1, .discount = 1'000'000}};
  // The profile's sums are of one day, so that only churn's leave their bits.
  const MadeProfile made(base, kAsOf, {.rules = {.window_days = 1}});
  ASSERT_TRUE(made.status().ok()) << made.status();
  OwnedColumns columns(1);
  const absl::Status status =
      AddLineColumns(made.today(), std::vector<uint32_t>{0}, made.tables(), {"discount_share_365"}, &columns);
  EXPECT_EQ(DetailOf(status)->reason, "PROFILE_OVERFLOW");
}

}  // namespace
}  // namespace strata
