#include "data/profile/profile.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "base/column_type.h"
#include "base/hash.h"
#include "base/int128.h"
#include "data/profile/churn_columns.h"
#include "data/profile/lifetime_periods.h"
#include "data/profile/line_sums.h"
#include "data/profile/table_columns.h"
#include "data/profile/word_union.h"
#include "model/lifetime/discrete_table.h"
#include "model/statistics/integer_sums.h"

namespace strata {
namespace {

constexpr int64_t kOne = 1'000'000;  // millionths

// In the order of their words' bytes, which is not that of the days.
constexpr std::array<std::string_view, 4> kTenureBands = {"0-90", "1096+", "366-1095", "91-365"};
int32_t TenureOf(int64_t days) { return days <= 90 ? 0 : days <= 365 ? 3 : days <= 1095 ? 2 : 1; }

constexpr std::array<std::string_view, 4> kOtherCosts = {"service", "contact", "retention", "discount"};

class ProfileBuilder {
 public:
  ProfileBuilder(const CustomerColumns& today, const DayFacts& days, const ShardTables& tables,
                 const ProfileRules& rules)
      : today_(today), days_(days), tables_(tables), rules_(rules), columns_(today.size()) {}

  absl::StatusOr<OwnedColumns> Build() {
    if (Table(TableId::kTransactions) != nullptr) {
      STRATA_ASSIGN_OR_RETURN(lines_, SumLines(today_, tables_, days_, rules_));
    }
    STRATA_RETURN_IF_ERROR(AddMoney());
    AddPlaces();
    AddRhythm();
    AddLifetime();
    AddAttributes();
    return std::move(columns_);
  }

 private:
  const TableShard* Table(TableId table) const { return tables_.tables[static_cast<size_t>(table)]; }
  std::vector<int64_t> Absent() const { return std::vector<int64_t>(today_.size(), kNoWhole); }
  std::vector<int32_t> NoWords() const { return std::vector<int32_t>(today_.size(), -1); }

  void AddMoneyColumn(const char* name, std::vector<int64_t> values) {
    columns_.AddWhole(name, ColumnType::kMoney, "micros", std::move(values));
  }

  absl::Status AddMoney();
  absl::Status SumCosts(std::vector<int64_t>* goods, std::array<std::vector<int64_t>, kOtherCosts.size()>* others);
  void AddPlaces();
  void AddRhythm();
  void AddLifetime();
  void AddContracts(const LifetimeContract& contract);
  void AddAttributes();
  absl::Status Overflow(size_t customer) const {
    return MakeError(absl::StatusCode::kOutOfRange, "PROFILE_OVERFLOW",
                     fmt::format("customer {}: its costs, or its margin, leave 64 bits", Hex(today_.hash[customer])),
                     {{"customer_hash", Hex(today_.hash[customer])}});
  }

  const CustomerColumns& today_;
  const DayFacts& days_;
  const ShardTables& tables_;
  const ProfileRules& rules_;
  std::optional<LineSums> lines_;
  OwnedColumns columns_;
};

bool Fits(Int128 value) { return value > kNoWhole && value <= std::numeric_limits<int64_t>::max(); }

// Adds to *sum, absent as 0; false where that does not fit.
bool AddTo(int64_t* sum, int64_t more) {
  const Int128 result = static_cast<Int128>(*sum == kNoWhole ? 0 : *sum) + more;
  *sum = static_cast<int64_t>(result);
  return Fits(result);
}

// By customer; absent where there is none in the window.
absl::Status ProfileBuilder::SumCosts(std::vector<int64_t>* goods,
                                      std::array<std::vector<int64_t>, kOtherCosts.size()>* others) {
  const TableShard* costs = Table(TableId::kCosts);
  if (costs == nullptr) return absl::OkStatus();
  const int type = costs->Column("type"), amount = costs->Column("amount");
  std::vector<std::vector<int64_t>*> target_of;  // by code of the type
  for (const std::string_view word : WordsOf(costs, type)) {
    std::vector<int64_t>* target = goods;
    for (size_t i = 0; i < kOtherCosts.size(); ++i) {
      if (word == kOtherCosts.at(i)) target = &others->at(i);
    }
    target_of.push_back(target);
  }
  const Day first = rules_.FirstDay(today_.as_of);
  for (size_t customer = 0; customer < today_.size(); ++customer) {
    for (size_t row = costs->begin(customer); row < costs->end(customer); ++row) {
      const int32_t code = costs->code(type)[row];
      const int64_t micros = costs->whole(amount)[row];
      if (costs->day()[row] < first || code < 0 || micros == kNoWhole) continue;
      if (!AddTo(&(*target_of[static_cast<size_t>(code)])[customer], micros)) return Overflow(customer);
    }
  }
  return absl::OkStatus();
}

absl::Status ProfileBuilder::AddMoney() {
  const std::vector<int64_t>& gross = lines_.has_value() ? lines_->gross : days_.gross;
  const std::vector<int64_t>& returns = lines_.has_value() ? lines_->returns : days_.returns;
  const std::vector<int64_t>& orders = lines_.has_value() ? lines_->orders : days_.orders;
  std::vector<int64_t> goods = lines_.has_value() ? lines_->goods_cost : Absent();
  std::array<std::vector<int64_t>, kOtherCosts.size()> others;
  others.fill(Absent());
  STRATA_RETURN_IF_ERROR(SumCosts(&goods, &others));
  std::vector<int64_t> other = Absent(), margin = Absent(), average = Absent();
  for (size_t i = 0; i < today_.size(); ++i) {
    for (const std::vector<int64_t>& costs : others) {
      if (costs[i] != kNoWhole && !AddTo(&other[i], costs[i])) return Overflow(i);
    }
    if (days_.has_rows[i] != 0 || goods[i] != kNoWhole || other[i] != kNoWhole) {
      Int128 left = static_cast<Int128>(gross[i]) - returns[i];
      for (const int64_t cost : {goods[i], other[i]}) left -= cost == kNoWhole ? 0 : cost;
      if (!Fits(left)) return Overflow(i);
      margin[i] = static_cast<int64_t>(left);
    }
    if (orders[i] > 0) average[i] = RoundedQuotient(gross[i], orders[i]);
  }
  columns_.AddWhole("orders", ColumnType::kInteger, "orders", orders);
  AddMoneyColumn("gross", gross);
  AddMoneyColumn("returns", returns);
  AddMoneyColumn("discount", lines_.has_value() ? lines_->discount : Absent());
  AddMoneyColumn("goods_cost", std::move(goods));
  for (size_t i = 0; i < kOtherCosts.size(); ++i) {
    columns_.AddWhole(fmt::format("{}_cost", kOtherCosts.at(i)), ColumnType::kMoney, "micros", std::move(others.at(i)));
  }
  AddMoneyColumn("other_cost", std::move(other));
  AddMoneyColumn("margin", std::move(margin));
  AddMoneyColumn("average_order", std::move(average));
  return absl::OkStatus();
}

void ProfileBuilder::AddPlaces() {
  AddMoneyColumn("unit_price", lines_.has_value() ? lines_->unit_price : Absent());
  columns_.AddText("main_category", lines_.has_value() ? lines_->category : NoWords(),
                   lines_.has_value() ? lines_->categories : std::vector<std::string_view>());
  const TableShard* customers = Table(TableId::kCustomers);
  const int home = customers == nullptr ? -1 : customers->Column("region");
  const WordUnion regions(WordsOf(customers, home),
                          lines_.has_value() ? lines_->regions : std::vector<std::string_view>());
  std::vector<int32_t> region = NoWords(), tenure = NoWords();
  for (size_t i = 0; i < today_.size(); ++i) {
    if (home >= 0 && customers->begin(i) < customers->end(i)) {
      const int32_t code = customers->code(home)[customers->end(i) - 1];
      if (code >= 0) region[i] = regions.code_of_first[static_cast<size_t>(code)];
    }
    if (region[i] < 0 && lines_.has_value() && lines_->region[i] >= 0) {
      region[i] = regions.code_of_second[static_cast<size_t>(lines_->region[i])];
    }
    if (today_.purchase_days[i] > 0) tenure[i] = TenureOf(int64_t{today_.as_of} - today_.first_day[i]);
  }
  columns_.AddText("main_region", std::move(region), regions.words);
  columns_.AddText("main_channel", lines_.has_value() ? lines_->channel : NoWords(),
                   lines_.has_value() ? lines_->channels : std::vector<std::string_view>());
  columns_.AddText("tenure_band", std::move(tenure), kTenureBands);
}

void ProfileBuilder::AddRhythm() {
  columns_.AddWhole("last_gap_days", ColumnType::kInteger, "days", days_.last_gap_days);
  columns_.AddWhole("last_row_day", ColumnType::kDay, "", days_.last_row_day);
  columns_.AddWhole("active_quarters", ColumnType::kInteger, "quarters", days_.active_quarters);
  if (rules_.churn_days.has_value()) {
    columns_.AddWhole(kChurnTenure, ColumnType::kInteger, "days", days_.churn_tenure);
    columns_.AddWhole(kChurnLost, ColumnType::kFlag, "", days_.churn_lost);
  }
  if (!rules_.rfm_days.has_value()) return;
  columns_.AddWhole("rfm_recency", ColumnType::kInteger, "days", days_.rfm_recency);
  columns_.AddWhole("rfm_frequency", ColumnType::kInteger, "days", days_.rfm_frequency);
  AddMoneyColumn("rfm_monetary", days_.rfm_monetary);
}

void ProfileBuilder::AddLifetime() {
  if (rules_.opportunity.has_value()) {
    columns_.AddWhole(kOpportunitiesX, ColumnType::kInteger, "opportunities", days_.opportunities_x);
    columns_.AddWhole(kOpportunitiesLast, ColumnType::kInteger, "", days_.opportunities_last);
    columns_.AddWhole(kOpportunitiesN, ColumnType::kInteger, "opportunities", days_.opportunities_n);
  }
  if (rules_.contract.has_value()) AddContracts(*rules_.contract);
}

// The contract's columns are of the customers table, in the version that applies.
void ProfileBuilder::AddContracts(const LifetimeContract& contract) {
  const TableShard* customers = Table(TableId::kCustomers);
  const auto column_of = [customers](std::string_view name) {
    return customers == nullptr || name.empty() ? -1 : customers->Column(name.substr(name.find('.') + 1));
  };
  const int start = column_of(contract.start), end = column_of(contract.end);
  std::vector<int64_t> periods = Absent(), lost = Absent();
  for (size_t i = 0; start >= 0 && i < today_.size(); ++i) {
    if (customers->begin(i) == customers->end(i)) continue;
    const size_t row = customers->end(i) - 1;
    const int64_t from = customers->whole(start)[row];
    const int64_t until = end < 0 ? kNoWhole : customers->whole(end)[row];
    if (from == kNoWhole) continue;
    const auto time = ContractTimeOf(static_cast<Day>(from),
                                     until == kNoWhole ? std::nullopt : std::optional(static_cast<Day>(until)),
                                     today_.as_of, contract.period);
    if (!time.has_value()) continue;
    periods[i] = time->periods;
    lost[i] = time->lost ? 1 : 0;
  }
  columns_.AddWhole(kContractPeriods, ColumnType::kInteger, "periods", std::move(periods));
  columns_.AddWhole(kContractLost, ColumnType::kInteger, "", std::move(lost));
}

void ProfileBuilder::AddAttributes() {
  std::vector<int64_t> present(today_.size(), 0);
  int64_t mapped = 0;
  for (const auto& [id, attributes] :
       {std::pair(TableId::kCustomers, &rules_.customers), std::pair(TableId::kKyc, &rules_.kyc)}) {
    const TableShard* table = Table(id);
    if (table == nullptr) continue;
    for (const ProfileAttribute& attribute : *attributes) {
      AddTableColumn(*table, fmt::format("{}.{}", SchemaOf(id).name, attribute.name), attribute, &columns_, &present);
      ++mapped;
    }
  }
  std::vector<int64_t> completeness = Absent();
  const bool has_table = Table(TableId::kCustomers) != nullptr || Table(TableId::kKyc) != nullptr;
  for (size_t i = 0; has_table && i < today_.size(); ++i) {
    completeness[i] = mapped == 0 ? kOne : RoundedQuotient(static_cast<Int128>(present[i]) * kOne, mapped);
  }
  columns_.AddWhole("completeness", ColumnType::kShare, "", std::move(completeness));
}

}  // namespace

absl::StatusOr<OwnedColumns> BuildProfile(const CustomerColumns& today, const DayFacts& days, const ShardTables& tables,
                                          const ProfileRules& rules) {
  return ProfileBuilder(today, days, tables, rules).Build();
}

std::vector<KnownCustomer> KnownCustomers(const TableShard& customers, Day as_of) {
  const int registered = customers.Column("registered_at");
  std::vector<KnownCustomer> known;
  for (const TableShard::Owner& owner : customers.owners()) {
    const int64_t since = registered < 0 ? kNoWhole : customers.whole(registered)[owner.end - 1];
    if (since == kNoWhole || since <= as_of) known.push_back({owner.hash, owner.id});
  }
  return known;
}

}  // namespace strata
