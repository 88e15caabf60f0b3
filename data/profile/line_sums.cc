#include "data/profile/line_sums.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/column_type.h"
#include "base/hash.h"
#include "base/int128.h"
#include "data/profile/product_versions.h"
#include "data/profile/word_union.h"
#include "model/statistics/integer_sums.h"

namespace strata {
namespace {

constexpr int64_t kMicros = 1'000'000;

std::span<const int64_t> Wholes(const TableShard& table, std::string_view name) {
  const int column = table.Column(name);
  return column < 0 ? std::span<const int64_t>() : table.whole(column);
}
std::span<const int32_t> Codes(const TableShard& table, std::string_view name) {
  const int column = table.Column(name);
  return column < 0 ? std::span<const int32_t>() : table.code(column);
}
int64_t Value(std::span<const int64_t> values, size_t row) { return values.empty() ? kNoWhole : values[row]; }

// Counts by code of one customer at a time: as large as the dictionary, and emptied by what was touched.
class MostRows {
 public:
  explicit MostRows(size_t words) : counts_(words) {}
  void Add(int32_t code) {
    if (code < 0) return;
    if (counts_[static_cast<size_t>(code)]++ == 0) touched_.push_back(code);
  }
  // The code of most rows, of equal ones the first; -1: none. Begins anew.
  int32_t Take() {
    int32_t best = -1;
    for (const int32_t code : touched_) {
      const int64_t count = counts_[static_cast<size_t>(code)];
      const int64_t most = best < 0 ? 0 : counts_[static_cast<size_t>(best)];
      if (count > most || (count == most && code < best)) best = code;
    }
    for (const int32_t code : touched_) counts_[static_cast<size_t>(code)] = 0;
    touched_.clear();
    return best;
  }

 private:
  std::vector<int64_t> counts_;
  std::vector<int32_t> touched_;
};

struct CategorySum {
  bool touched = false;
  Int128 gross = 0;
  Int128 counted_gross = 0, quantity = 0;  // of the rows with a quantity
};

class LineReader {
 public:
  LineReader(const CustomerColumns& today, const ShardTables& tables, const DayFacts& days, const ProfileRules& rules)
      : today_(today),
        lines_(*tables.tables[static_cast<size_t>(TableId::kTransactions)]),
        products_(tables.reference[static_cast<size_t>(TableId::kProducts)]),
        days_(days),
        first_day_(rules.FirstDay(today.as_of)),
        versions_(products_, lines_),
        categories_(WordsOf(&lines_, lines_.Column("category")),
                    WordsOf(products_, products_ == nullptr ? -1 : products_->Column("category"))),
        net_(Wholes(lines_, "net")),
        is_return_(Wholes(lines_, "is_return")),
        quantity_(Wholes(lines_, "quantity")),
        order_(Wholes(lines_, "order_id")),
        discount_(Wholes(lines_, "discount")),
        cost_(Wholes(lines_, "cost")),
        product_(Codes(lines_, "product_id")),
        category_(Codes(lines_, "category")),
        region_(Codes(lines_, "region")),
        channel_(Codes(lines_, "channel")),
        by_category_(categories_.words.size()),
        regions_(lines_.Column("region") < 0 ? 0 : lines_.words(lines_.Column("region"))),
        channels_(lines_.Column("channel") < 0 ? 0 : lines_.words(lines_.Column("channel"))) {}

  absl::StatusOr<LineSums> Read() {
    if (lines_.orphans() != 0) {
      return MakeError(absl::StatusCode::kInternal, "ACCOUNTING",
                       fmt::format("{} details of transactions belong to nobody who has rows", lines_.orphans()));
    }
    for (size_t customer = 0; customer < today_.size(); ++customer) STRATA_RETURN_IF_ERROR(ReadCustomer(customer));
    sums_.categories = categories_.words;
    sums_.regions = WordsOf(&lines_, lines_.Column("region"));
    sums_.channels = WordsOf(&lines_, lines_.Column("channel"));
    return std::move(sums_);
  }

 private:
  absl::Status ReadCustomer(size_t customer);
  void ReadRow(size_t row);
  void AddGoods(size_t row, int64_t version, bool is_return);
  absl::Status Keep(size_t customer);
  void KeepCategory();
  int64_t Fitting(Int128 value) {
    fits_ = fits_ && value > kNoWhole && value <= std::numeric_limits<int64_t>::max();
    return fits_ ? static_cast<int64_t>(value) : 0;
  }

  const CustomerColumns& today_;
  const TableShard& lines_;
  const TableShard* products_;
  const DayFacts& days_;
  const Day first_day_;
  const ProductVersions versions_;
  const WordUnion categories_;
  const std::span<const int64_t> net_, is_return_, quantity_, order_, discount_, cost_;
  const std::span<const int32_t> product_, category_, region_, channel_;
  LineSums sums_;

  // Of the customer at hand.
  bool fits_ = true;
  Int128 gross_ = 0, returns_ = 0, discounts_ = 0, goods_ = 0;
  bool has_discount_ = false, has_goods_ = false;
  std::vector<std::pair<bool, int64_t>> orders_;  // (no id, id or day)
  std::vector<CategorySum> by_category_;
  std::vector<int32_t> touched_;
  MostRows regions_, channels_;
};

absl::Status LineReader::ReadCustomer(size_t customer) {
  gross_ = returns_ = discounts_ = goods_ = 0;
  has_discount_ = has_goods_ = false;
  orders_.clear();
  Int128 net = 0;
  for (size_t row = lines_.begin(customer); row < lines_.end(customer); ++row) {
    net += net_[row];
    if (lines_.day()[row] >= first_day_) ReadRow(row);
  }
  const auto rows = static_cast<int64_t>(lines_.end(customer) - lines_.begin(customer));
  if (rows != today_.rows[customer] || net != today_.net_micros[customer]) {
    return MakeError(absl::StatusCode::kInternal, "ACCOUNTING",
                     fmt::format("customer {}: details have {} rows with a net of {}, the ledger has {} with {}",
                                 Hex(today_.hash[customer]), rows, ToString(net), today_.rows[customer],
                                 today_.net_micros[customer]));
  }
  return Keep(customer);
}

// Goods that come back give back what they cost.
void LineReader::AddGoods(size_t row, int64_t version, bool is_return) {
  Int128 cost = Value(cost_, row);
  if (cost == kNoWhole) {
    const int64_t quantity = Value(quantity_, row), unit_cost = versions_.UnitCost(version);
    if (quantity == kNoWhole || unit_cost == kNoWhole) return;
    const Int128 product = static_cast<Int128>(quantity) * unit_cost;
    Fitting(product / kMicros * 2);  // so that the quotient below fits as well
    if (!fits_) return;
    cost = RoundedQuotient(product, kMicros);
  }
  goods_ += is_return && cost > 0 ? -cost : cost;
  has_goods_ = true;
}

void LineReader::ReadRow(size_t row) {
  const bool is_return = is_return_[row] != 0;
  const int64_t version = versions_.RowAt(product_.empty() ? -1 : product_[row], lines_.day()[row]);
  AddGoods(row, version, is_return);
  if (const int64_t discount = Value(discount_, row); discount != kNoWhole) {
    discounts_ += discount;
    has_discount_ = true;
  }
  if (!region_.empty()) regions_.Add(region_[row]);
  if (!channel_.empty()) channels_.Add(channel_[row]);
  if (is_return) {
    returns_ -= net_[row];
    return;
  }
  gross_ += net_[row];
  if (!order_.empty()) {
    const int64_t id = order_[row];
    orders_.emplace_back(id == kNoWhole, id == kNoWhole ? lines_.day()[row] : id);
  }
  int32_t category =
      category_.empty() || category_[row] < 0 ? -1 : categories_.code_of_first[static_cast<size_t>(category_[row])];
  if (category < 0 && versions_.Category(version) >= 0) {
    category = categories_.code_of_second[static_cast<size_t>(versions_.Category(version))];
  }
  if (category < 0) return;
  CategorySum& sum = by_category_[static_cast<size_t>(category)];
  if (!sum.touched) touched_.push_back(category);
  sum.touched = true;
  sum.gross += net_[row];
  if (Value(quantity_, row) == kNoWhole) return;
  sum.counted_gross += net_[row];
  sum.quantity += quantity_[row];
}

void LineReader::KeepCategory() {
  int32_t best = -1;
  for (const int32_t code : touched_) {
    if (best < 0) {
      best = code;
      continue;
    }
    const Int128 gross = by_category_[static_cast<size_t>(code)].gross;
    const Int128 most = by_category_[static_cast<size_t>(best)].gross;
    if (gross > most || (gross == most && code < best)) best = code;
  }
  int64_t price = kNoWhole;
  if (best >= 0) {
    const CategorySum& sum = by_category_[static_cast<size_t>(best)];
    const int64_t gross = Fitting(sum.counted_gross), quantity = Fitting(sum.quantity);
    if (fits_ && quantity > 0) {
      const Int128 scaled = static_cast<Int128>(gross) * kMicros;
      Fitting(scaled / quantity * 2);
      if (fits_) price = RoundedQuotient(scaled, quantity);
    }
  }
  sums_.category.push_back(best);
  sums_.unit_price.push_back(price);
  for (const int32_t code : touched_) by_category_[static_cast<size_t>(code)] = {};
  touched_.clear();
}

absl::Status LineReader::Keep(size_t customer) {
  std::sort(orders_.begin(), orders_.end());
  const auto distinct = std::unique(orders_.begin(), orders_.end()) - orders_.begin();
  sums_.orders.push_back(order_.empty() ? days_.orders[customer] : static_cast<int64_t>(distinct));
  sums_.gross.push_back(Fitting(gross_));
  sums_.returns.push_back(Fitting(returns_));
  sums_.discount.push_back(has_discount_ ? Fitting(discounts_) : kNoWhole);
  sums_.goods_cost.push_back(has_goods_ ? Fitting(goods_) : kNoWhole);
  sums_.region.push_back(regions_.Take());
  sums_.channel.push_back(channels_.Take());
  KeepCategory();
  if (fits_) return absl::OkStatus();
  return MakeError(absl::StatusCode::kOutOfRange, "PROFILE_OVERFLOW",
                   fmt::format("customer {}: a sum over its transactions leaves 64 bits", Hex(today_.hash[customer])),
                   {{"customer_hash", Hex(today_.hash[customer])}});
}

}  // namespace

absl::StatusOr<LineSums> SumLines(const CustomerColumns& today, const ShardTables& tables, const DayFacts& days,
                                  const ProfileRules& rules) {
  return LineReader(today, tables, days, rules).Read();
}

}  // namespace strata
