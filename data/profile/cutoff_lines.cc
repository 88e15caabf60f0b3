#include "data/profile/cutoff_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "base/churn_rules.h"
#include "base/column_type.h"
#include "base/hash.h"
#include "base/int128.h"
#include "data/profile/product_versions.h"
#include "data/profile/word_union.h"
#include "model/statistics/integer_sums.h"

namespace strata {
namespace {

constexpr int64_t kOne = 1'000'000;  // millionths
constexpr int64_t kRatio = int64_t{1} << kChurnRatioBits;
constexpr int kYear = 365, kQuarter = 90;

// By order or code; the few of one customer.
struct Amount {
  Int128 year = 0, quarter = 0;  // gross of the last so many days
  bool in_quarter = false;
};

struct CustomerLines {
  Int128 returned = 0, gross = 0, gross_quarter = 0, quantity = 0, discount = 0;
  int64_t rows = 0, promoted = 0, return_rows = 0;
  Day last_return = 0, last_promotion = 0;
  bool has_returned = false, has_promotion = false, has_quantity = false;
  std::map<std::pair<bool, int64_t>, bool> orders;  // (no id, id or day) → in the last quarter
  std::map<int32_t, Amount> categories;
  std::map<int32_t, int64_t> regions, channels;  // rows
};

template <typename Map, typename Value>
int32_t Greatest(const Map& by_code, const Value& value_of) {
  auto best = by_code.end();
  for (auto at = by_code.begin(); at != by_code.end(); ++at) {
    if (best == by_code.end() || value_of(at->second) > value_of(best->second)) best = at;
  }
  return best == by_code.end() ? -1 : best->first;  // ties: the first by bytes
}

int64_t Share(Int128 part, Int128 all, int64_t unit) { return all > 0 ? RoundedQuotient(part * unit, all) : kNoWhole; }

class LineColumns {
 public:
  LineColumns(const CustomerColumns& view, const ShardTables& tables)
      : view_(view),
        lines_(*tables.tables[static_cast<size_t>(TableId::kTransactions)]),
        products_(tables.reference[static_cast<size_t>(TableId::kProducts)]),
        versions_(products_, lines_),
        categories_(WordsOf(&lines_, lines_.Column("category")),
                    WordsOf(products_, products_ == nullptr ? -1 : products_->Column("category"))) {
    for (size_t i = 0; i < kNumbers.size(); ++i) wholes_[i].reserve(view.size());
  }

  absl::Status Read(std::span<const uint32_t> row_of_today) {
    for (size_t i = 0; i < view_.size(); ++i) {
      const CustomerLines of = LinesOf(row_of_today[i]);
      if (!Keep(of)) {
        return MakeError(absl::StatusCode::kOutOfRange, "PROFILE_OVERFLOW",
                         fmt::format("customer {}: a sum over its transactions leaves 64 bits", Hex(view_.hash[i])),
                         {{"customer_hash", Hex(view_.hash[i])}});
      }
    }
    return absl::OkStatus();
  }

  void Add(const std::set<std::string>& wanted, OwnedColumns* columns) {
    for (size_t i = 0; i < kNumbers.size(); ++i) {
      const auto& [name, type] = kNumbers.at(i);
      if (!wanted.contains(std::string(name))) continue;
      columns->AddWhole(std::string(name), type, type == ColumnType::kMoney ? "micros" : "", std::move(wholes_.at(i)));
    }
    if (wanted.contains("main_category")) columns->AddText("main_category", category_, categories_.words);
    if (wanted.contains("main_region")) {
      columns->AddText("main_region", region_, WordsOf(&lines_, lines_.Column("region")));
    }
    if (wanted.contains("main_channel")) {
      columns->AddText("main_channel", channel_, WordsOf(&lines_, lines_.Column("channel")));
    }
  }

 private:
  static constexpr std::array<std::pair<std::string_view, ColumnType>, 15> kNumbers = {
      {{"returned_365", ColumnType::kMoney},
       {"days_since_return", ColumnType::kInteger},
       {"return_rows_90", ColumnType::kInteger},
       {"orders_365", ColumnType::kInteger},
       {"rows_per_order_365", ColumnType::kInteger},
       {"average_order_365", ColumnType::kMoney},
       {"basket_trend", ColumnType::kInteger},
       {"quantity_365", ColumnType::kInteger},
       {"promotion_rows_share_365", ColumnType::kShare},
       {"days_since_promotion", ColumnType::kInteger},
       {"bought_only_on_promotion", ColumnType::kFlag},
       {"discount_share_365", ColumnType::kShare},
       {"categories_365", ColumnType::kInteger},
       {"top_category_share_365", ColumnType::kShare},
       {"category_changed", ColumnType::kFlag}}};

  std::span<const int64_t> Wholes(std::string_view name) const {
    const int column = lines_.Column(name);
    return column < 0 ? std::span<const int64_t>() : lines_.whole(column);
  }
  int32_t CodeAt(std::string_view name, size_t row) const {
    const int column = lines_.Column(name);
    return column < 0 ? -1 : lines_.code(column)[row];
  }

  CustomerLines LinesOf(uint32_t customer) const;
  void AddPurchase(size_t row, int days_ago, CustomerLines* of) const;
  int32_t CategoryOf(size_t row) const;
  bool Keep(const CustomerLines& of);

  const CustomerColumns& view_;
  const TableShard& lines_;
  const TableShard* const products_;
  const ProductVersions versions_;
  const WordUnion categories_;
  const std::span<const int64_t> net_ = Wholes("net"), is_return_ = Wholes("is_return"), quantity_ = Wholes("quantity"),
                                 order_ = Wholes("order_id"), discount_ = Wholes("discount");
  std::array<std::vector<int64_t>, kNumbers.size()> wholes_;
  std::vector<int32_t> category_, region_, channel_;
};

int32_t LineColumns::CategoryOf(size_t row) const {
  const int32_t own = CodeAt("category", row);
  if (own >= 0) return categories_.code_of_first[static_cast<size_t>(own)];
  const int32_t code = versions_.Category(versions_.RowAt(CodeAt("product_id", row), lines_.day()[row]));
  return code < 0 ? -1 : categories_.code_of_second[static_cast<size_t>(code)];
}

void LineColumns::AddPurchase(size_t row, int days_ago, CustomerLines* of) const {
  const bool in_quarter = days_ago < kQuarter;
  if (CodeAt("promotion_id", row) >= 0) {
    of->last_promotion = lines_.day()[row];  // rows ascend by day
    of->has_promotion = true;
  }
  if (days_ago >= kYear) return;
  ++of->rows;
  of->promoted += CodeAt("promotion_id", row) >= 0 ? 1 : 0;
  of->gross += net_[row];
  if (in_quarter) of->gross_quarter += net_[row];
  if (!quantity_.empty() && quantity_[row] != kNoWhole) {
    of->quantity += quantity_[row];
    of->has_quantity = true;
  }
  if (!discount_.empty() && discount_[row] != kNoWhole) of->discount += discount_[row];
  if (!order_.empty()) {
    const bool no_id = order_[row] == kNoWhole;
    of->orders[{no_id, no_id ? lines_.day()[row] : order_[row]}] |= in_quarter;
  }
  if (const int32_t category = CategoryOf(row); category >= 0) {
    Amount& amount = of->categories[category];
    amount.year += net_[row];
    amount.quarter += in_quarter ? net_[row] : 0;
    amount.in_quarter |= in_quarter;
  }
  if (const int32_t channel = CodeAt("channel", row); channel >= 0) ++of->channels[channel];
  if (const int32_t region = CodeAt("region", row); region >= 0) ++of->regions[region];
}

// Of the rows up to the view's date.
CustomerLines LineColumns::LinesOf(uint32_t customer) const {
  CustomerLines of;
  for (size_t row = lines_.begin(customer); row < lines_.end(customer); ++row) {
    const int days_ago = view_.as_of - lines_.day()[row];
    if (days_ago < 0) break;
    if (is_return_[row] == 0) {
      AddPurchase(row, days_ago, &of);
      continue;
    }
    of.last_return = lines_.day()[row];
    of.has_returned = true;
    of.return_rows += days_ago < kQuarter ? 1 : 0;
    if (days_ago < kYear) of.returned -= net_[row];
  }
  return of;
}

// False where a sum leaves its bits, with room for the factors of quotients.
bool LineColumns::Keep(const CustomerLines& of) {
  const auto fits = [](Int128 value) { return value > kNoWhole && value <= std::numeric_limits<int64_t>::max(); };
  for (const Int128 value : {of.returned, of.gross, of.gross_quarter, of.quantity, of.discount}) {
    if (!fits(value)) return false;
  }
  size_t next = 0;
  const auto add = [&](int64_t value) { wholes_.at(next++).push_back(value); };
  const auto orders = static_cast<int64_t>(of.orders.size());
  const int64_t recent =
      std::count_if(of.orders.begin(), of.orders.end(), [](const auto& order) { return order.second; });
  add(static_cast<int64_t>(of.returned));
  add(of.has_returned ? view_.as_of - of.last_return : kNoWhole);
  add(of.return_rows);
  add(orders);
  add(orders > 0 ? Share(of.rows, orders, kRatio) : kNoWhole);
  const int64_t lately_each = recent > 0 ? Share(of.gross_quarter, recent, 1) : kNoWhole;
  const int64_t each = orders > 0 ? Share(of.gross, orders, 1) : kNoWhole;
  add(each);
  const bool has_trend = recent > 0 && each > 0;
  if (has_trend && !fits(static_cast<Int128>(lately_each) * kRatio / each * 2)) return false;
  add(has_trend ? RoundedQuotient(static_cast<Int128>(lately_each) * kRatio, each) : kNoWhole);
  add(of.has_quantity ? static_cast<int64_t>(of.quantity) : kNoWhole);
  add(Share(of.promoted, of.rows, kOne));
  add(of.has_promotion ? view_.as_of - of.last_promotion : kNoWhole);
  add(of.rows == 0 ? kNoWhole : of.promoted == of.rows ? 1 : 0);
  add(of.gross + of.discount > 0 ? Share(of.discount, of.gross + of.discount, kOne) : kNoWhole);
  add(static_cast<int64_t>(of.categories.size()));
  const int32_t main = Greatest(of.categories, [](const Amount& amount) { return amount.year; });
  add(main < 0 ? kNoWhole : Share(of.categories.at(main).year, of.gross, kOne));
  std::map<int32_t, Amount> lately = of.categories;
  std::erase_if(lately, [](const auto& entry) { return !entry.second.in_quarter; });
  const int32_t now = Greatest(lately, [](const Amount& amount) { return amount.quarter; });
  add(now < 0 ? kNoWhole : now == main ? 0 : 1);
  category_.push_back(main);
  region_.push_back(Greatest(of.regions, [](int64_t rows) { return rows; }));
  channel_.push_back(Greatest(of.channels, [](int64_t rows) { return rows; }));
  return true;
}

}  // namespace

absl::Status AddLineColumns(const CustomerColumns& view, std::span<const uint32_t> row_of_today,
                            const ShardTables& tables, const std::set<std::string>& wanted, OwnedColumns* columns) {
  if (wanted.empty()) return absl::OkStatus();
  LineColumns lines(view, tables);
  STRATA_RETURN_IF_ERROR(lines.Read(row_of_today));
  lines.Add(wanted, columns);
  return absl::OkStatus();
}

}  // namespace strata
