// Profiles of random bases against the slow, obvious computation over all rows.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

#include "tests/data/profile/raw_profile.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10'000;
constexpr uint64_t kSeeds = 60;

RawBase RandomBase(uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&random](uint64_t n) { return static_cast<int64_t>(random() % n); };
  const auto word = [&below](const char* prefix, uint64_t n) {
    return below(5) == 0 ? std::string() : prefix + std::to_string(below(n));
  };
  RawBase base;
  const auto customer = [&below] { return "c" + std::to_string(below(12)); };
  for (int i = 0; i < 150; ++i) {
    RawLine line{.id = customer(), .day = static_cast<Day>(kAsOf - 420 + below(430)), .net = below(2'000) * 10'000};
    line.is_return = below(6) == 0;
    if (line.is_return) line.net = -line.net;
    if (below(5) != 0) line.quantity = below(9) * 500'000;
    if (below(4) != 0) line.order = below(6);
    if (below(2) == 0) line.discount = below(300) * 10'000;
    if (below(3) == 0) line.cost = below(1'000) * 10'000;
    line.product = word("p", 6);
    line.category = word("k", 3);
    line.region = word("r", 3);
    line.channel = word("s", 3);
    base.lines.push_back(line);
  }
  std::set<std::pair<std::string, Day>> versions;
  for (int i = 0; i < 9; ++i) {
    RawProduct product{.product = "p" + std::to_string(below(5)),
                       .from = below(3) == 0 ? kTimelessDay : static_cast<Day>(kAsOf - 420 + below(430)),
                       .category = word("k", 4)};
    if (below(4) != 0) product.unit_cost = below(1'000) * 3'333;
    if (versions.emplace(product.product, product.from).second) base.products.push_back(product);
  }
  const char* const types[] = {"goods", "service", "contact", "retention", "discount"};
  for (int i = 0; i < 25; ++i) {
    base.costs.push_back({.id = customer(),
                          .period = static_cast<Day>(kAsOf - 420 + below(430)),
                          .type = types[below(5)],
                          .amount = below(500) * 10'000 - 100'000});
  }
  std::set<std::pair<std::string, Day>> known;
  for (int i = 0; i < 14; ++i) {
    RawCustomer row{.id = "c" + std::to_string(below(16)),
                    .from = below(2) == 0 ? kTimelessDay : static_cast<Day>(kAsOf - 20 + below(30)),
                    .region = word("r", 5)};
    if (below(2) == 0) row.registered_at = kAsOf - 20 + below(30);
    if (below(3) != 0) row.age = below(90);
    if (known.emplace(row.id, row.from).second) base.customers.push_back(row);
  }
  return base;
}

// Half to even, by the nearest integer of a long double whose operands are far below its precision.
int64_t Rounded(long double value) { return std::llrint(value); }

// The one customer of a base as a person would work it out.
class Oracle {
 public:
  Oracle(const RawBase& base, const std::string& id, const MadeProfile::Options& options)
      : base_(base), options_(options), first_(options.rules.FirstDay(kAsOf)) {
    for (const RawLine& line : base.lines) {
      if (line.id == id && line.day <= kAsOf) all_.push_back(line);
    }
    for (const RawLine& line : all_) {
      if (line.day >= first_) lines_.push_back(line);
    }
    for (const RawCost& cost : base.costs) {
      if (cost.id == id && cost.period <= kAsOf && cost.period >= first_) costs_.push_back(cost);
    }
    for (const RawCustomer& row : base.customers) {
      if (row.id == id && row.from <= kAsOf && (!who_ || who_->from < row.from)) who_ = row;
    }
  }

  bool IsInBase() const { return !all_.empty() || (who_ && (who_->registered_at <= kAsOf)); }

  std::set<Day> PurchaseDays(Day first) const {
    std::set<Day> days;
    for (const RawLine& line : all_) {
      if (!line.is_return && line.day >= first) days.insert(line.day);
    }
    return days;
  }
  int64_t Gross() const {
    int64_t sum = 0;
    const std::set<Day> bought = PurchaseDays(first_);
    for (const RawLine& line : lines_) {
      if (options_.details ? !line.is_return : bought.contains(line.day)) sum += line.net;
    }
    return sum;
  }
  int64_t Net() const {
    int64_t sum = 0;
    for (const RawLine& line : lines_) sum += line.net;
    return sum;
  }
  int64_t Orders() const {
    if (!options_.details || !options_.orders) return static_cast<int64_t>(PurchaseDays(first_).size());
    std::set<std::pair<bool, int64_t>> orders;
    for (const RawLine& line : lines_) {
      if (!line.is_return) orders.emplace(line.order == kNoWhole, line.order == kNoWhole ? line.day : line.order);
    }
    return static_cast<int64_t>(orders.size());
  }
  const RawProduct* VersionOf(const RawLine& line) const {
    const RawProduct* found = nullptr;
    for (const RawProduct& product : base_.products) {
      if (product.product != line.product || product.from > line.day) continue;
      if (found == nullptr || found->from < product.from) found = &product;
    }
    return found;
  }
  int64_t GoodsCost() const {
    int64_t sum = CostOf("goods");
    for (const RawLine& line : options_.details ? lines_ : std::vector<RawLine>()) {
      const RawProduct* version = VersionOf(line);
      int64_t cost = line.cost;
      if (cost == kNoWhole) {
        if (line.quantity == kNoWhole || version == nullptr || version->unit_cost == kNoWhole) continue;
        cost = Rounded(static_cast<long double>(line.quantity) * version->unit_cost / 1'000'000);
      }
      sum = (sum == kNoWhole ? 0 : sum) + (line.is_return ? -cost : cost);
    }
    return sum;
  }
  int64_t CostOf(const std::string& type) const {
    int64_t sum = kNoWhole;
    for (const RawCost& cost : costs_) {
      if (cost.type == type || (type == "other" && cost.type != "goods"))
        sum = (sum == kNoWhole ? 0 : sum) + cost.amount;
    }
    return sum;
  }
  int64_t Margin() const {
    const int64_t goods = GoodsCost(), other = CostOf("other");
    if (lines_.empty() && goods == kNoWhole && other == kNoWhole) return kNoWhole;
    return Net() - (goods == kNoWhole ? 0 : goods) - (other == kNoWhole ? 0 : other);
  }
  std::string CategoryOf(const RawLine& line) const {
    const RawProduct* version = VersionOf(line);
    return !line.category.empty() || version == nullptr ? line.category : version->category;
  }
  std::string MainCategory() const {
    std::map<std::string, int64_t> gross;
    for (const RawLine& line : lines_) {
      if (!line.is_return && !CategoryOf(line).empty()) gross[CategoryOf(line)] += line.net;
    }
    return Greatest(gross);
  }
  int64_t UnitPrice() const {
    int64_t gross = 0, quantity = 0;
    for (const RawLine& line : lines_) {
      if (line.is_return || CategoryOf(line) != MainCategory() || line.quantity == kNoWhole) continue;
      gross += line.net;
      quantity += line.quantity;
    }
    if (MainCategory().empty() || quantity <= 0) return kNoWhole;
    return Rounded(static_cast<long double>(gross) * 1'000'000 / quantity);
  }
  std::string MainRegion() const {
    if (who_ && !who_->region.empty()) return who_->region;
    return options_.details ? MostRows(&RawLine::region) : "";
  }
  std::string MostRows(std::string RawLine::*member) const {
    std::map<std::string, int64_t> counts;
    for (const RawLine& line : lines_) {
      if (!(line.*member).empty()) ++counts[line.*member];
    }
    return Greatest(counts);
  }
  int64_t Discount() const {
    int64_t sum = kNoWhole;
    for (const RawLine& line : lines_) {
      if (line.discount != kNoWhole) sum = (sum == kNoWhole ? 0 : sum) + line.discount;
    }
    return sum;
  }
  int64_t Completeness() const {
    const int present = who_ ? !who_->region.empty() + (who_->age != kNoWhole) + (who_->registered_at != kNoWhole) : 0;
    return Rounded(1'000'000.0L * present / 3);
  }
  int64_t Age() const { return who_ ? who_->age : kNoWhole; }

 private:
  // The first of those with the greatest value; empty: there is none.
  static std::string Greatest(const std::map<std::string, int64_t>& values) {
    std::string best;
    for (const auto& [word, value] : values) {
      if (best.empty() || value > values.at(best)) best = word;
    }
    return best;
  }

  const RawBase& base_;
  const MadeProfile::Options& options_;
  const Day first_;
  std::vector<RawLine> all_, lines_;
  std::vector<RawCost> costs_;
  std::optional<RawCustomer> who_;
};

const ProfileRules kRules = {
    .window_days = 200,
    .rfm_days = DayRange{kAsOf - 300, kAsOf - 50},
    .customers = {{"age", ValueType::kInteger}, {"region", ValueType::kCategory}, {"registered_at", ValueType::kDay}}};

class ProfileOracle : public testing::TestWithParam<std::pair<const char*, MadeProfile::Options>> {};

TEST_P(ProfileOracle, EveryColumnOfEveryCustomer) {
  const MadeProfile::Options& options = GetParam().second;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const RawBase base = RandomBase(seed);
    const MadeProfile made(base, kAsOf, options);
    ASSERT_OK(made.status());
    size_t customers = 0;
    for (int number = 0; number < 16; ++number) {
      const std::string id = "c" + std::to_string(number);
      SCOPED_TRACE(id);
      const Oracle oracle(base, id, options);
      customers += oracle.IsInBase();
      if (!oracle.IsInBase()) continue;
      EXPECT_EQ(made.Whole(id, "orders"), oracle.Orders());
      EXPECT_EQ(made.Whole(id, "gross"), oracle.Gross());
      EXPECT_EQ(made.Whole(id, "returns"), oracle.Gross() - oracle.Net());
      EXPECT_EQ(made.Whole(id, "goods_cost"), oracle.GoodsCost());
      EXPECT_EQ(made.Whole(id, "service_cost"), oracle.CostOf("service"));
      EXPECT_EQ(made.Whole(id, "discount_cost"), oracle.CostOf("discount"));
      EXPECT_EQ(made.Whole(id, "other_cost"), oracle.CostOf("other"));
      EXPECT_EQ(made.Whole(id, "margin"), oracle.Margin());
      EXPECT_EQ(made.Whole(id, "average_order"),
                oracle.Orders() > 0 ? Rounded(static_cast<long double>(oracle.Gross()) / oracle.Orders()) : kNoWhole);
      EXPECT_EQ(made.Text(id, "main_region"), oracle.MainRegion());
      EXPECT_EQ(made.Whole(id, "customers.age"), oracle.Age());
      EXPECT_EQ(made.Whole(id, "completeness"), oracle.Completeness());
      if (!options.details) continue;
      EXPECT_EQ(made.Whole(id, "discount"), oracle.Discount());
      EXPECT_EQ(made.Text(id, "main_category"), oracle.MainCategory());
      EXPECT_EQ(made.Whole(id, "unit_price"), oracle.UnitPrice());
      EXPECT_EQ(made.Text(id, "main_channel"), oracle.MostRows(&RawLine::channel));
    }
    EXPECT_EQ(made.today().size(), customers);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Bases, ProfileOracle,
    testing::Values(std::pair("Details", MadeProfile::Options{.rules = kRules}),
                    std::pair("WithoutOrders", MadeProfile::Options{.orders = false, .rules = kRules}),
                    std::pair("WithoutDetails", MadeProfile::Options{.details = false, .rules = kRules})),
    [](const auto& param) { return param.param.first; });

}  // namespace
}  // namespace strata
