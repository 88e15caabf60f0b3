// A base of transactions with details, products, costs and attributes as a person would write them down, and the tables
// of a shard made of it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "data/ledger/features.h"
#include "data/profile/profile.h"
#include "tests/base/status_matchers.h"
#include "tests/data/ledger/shards.h"
#include "tests/data/rows/living_table.h"

namespace strata {

struct RawLine {
  std::string id;
  Day day = 0;
  int64_t net = 0;
  bool is_return = false;
  int64_t quantity = kNoWhole, order = kNoWhole, discount = kNoWhole, cost = kNoWhole;
  std::string product, category, region, channel, promotion;
};
struct RawProduct {
  std::string product;
  Day from = kTimelessDay;
  std::string category;
  int64_t unit_cost = kNoWhole;
};
struct RawCost {
  std::string id;
  Day period = 0;
  std::string type;
  int64_t amount = 0;
};
struct RawCustomer {
  std::string id;
  Day from = kTimelessDay;
  std::string region;
  int64_t registered_at = kNoWhole, age = kNoWhole, left_at = kNoWhole;
};

struct RawBase {
  std::vector<RawLine> lines;
  std::vector<RawProduct> products;
  std::vector<RawCost> costs;
  std::vector<RawCustomer> customers;
};

// Rows of a table, cell by cell.
class BatchOf {
 public:
  explicit BatchOf(TableLayout layout) : layout_(std::move(layout)) {
    for (const ValueType type : layout_.types) batch_.columns.emplace_back().type = type;
    codes_.resize(layout_.types.size());
  }
  // Texts where the column is coded, whole numbers else; empty texts are missing.
  void Add(const std::string& id, Day day, const std::vector<int64_t>& whole, const std::vector<std::string>& texts) {
    batch_.hash.push_back(id.empty() ? 0 : Hash64(id));
    batch_.id.Append(id);
    batch_.day.push_back(day);
    batch_.minute.push_back(0);
    batch_.file.push_back(0);
    size_t next_whole = 0, next_text = 0;
    for (size_t i = 0; i < layout_.types.size(); ++i) {
      TableColumn& column = batch_.columns[i];
      if (!IsCoded(layout_.types[i])) {
        column.whole.push_back(whole[next_whole++]);
        continue;
      }
      const std::string& word = texts[next_text++];
      const auto [code, is_new] = codes_[i].emplace(word, static_cast<int32_t>(column.words.size()));
      if (is_new && !word.empty()) column.words.Append(word);
      if (is_new && word.empty()) code->second = -1;
      column.code.push_back(code->second);
    }
  }
  const TableLayout& layout() const { return layout_; }
  const TableBatch& batch() const { return batch_; }

 private:
  TableLayout layout_;
  TableBatch batch_;
  std::vector<std::map<std::string, int32_t>> codes_;
};

// The profile of a base that lies in one shard, and what it was made of.
class MadeProfile {
 public:
  struct Options {
    bool details = true;
    bool orders = true;  // order_id is mapped
    ProfileRules rules = {};
  };

  MadeProfile(const RawBase& base, Day as_of, const Options& options) : as_of_(as_of), options_(options) {
    if (options.details) Keep(TableId::kTransactions, LinesOf(base), false);
    if (!base.products.empty()) Keep(TableId::kProducts, ProductsOf(base), true);
    if (!base.costs.empty()) Keep(TableId::kCosts, CostsOf(base), false);
    if (!base.customers.empty()) Keep(TableId::kCustomers, CustomersOf(base), false);
    std::vector<RawRow> rows;
    for (const RawLine& line : base.lines) {
      rows.push_back({.id = line.id, .day = line.day, .net_micros = line.net, .is_return = line.is_return});
    }
    shard_.Add({rows});
    Make();
  }

  const CustomerColumns& today() const { return file_->features().today; }
  std::string id(size_t row) const { return std::string(file_->id(row)); }
  const absl::Status& status() const { return status_; }
  const OwnedColumns& owned() const { return *profile_; }
  const ColumnSet& columns() const { return columns_; }
  const DayFacts& days() const { return *days_; }
  const ShardTables& tables() const { return tables_; }

  size_t RowOf(const std::string& customer) const {
    size_t row = 0;
    while (row < today().size() && id(row) != customer) ++row;
    EXPECT_LT(row, today().size()) << customer << " is not there";
    return row;
  }
  int64_t Whole(const std::string& customer, const std::string& column) const {
    const Column* found = columns_.Find(column);
    EXPECT_NE(found, nullptr) << column;
    return found->whole[RowOf(customer)];
  }
  std::string Text(const std::string& customer, const std::string& column) const {
    const Column* found = columns_.Find(column);
    EXPECT_NE(found, nullptr) << column;
    const int32_t code = found->code[RowOf(customer)];
    return code < 0 ? "" : found->words[static_cast<size_t>(code)];
  }

 private:
  static BatchOf LinesOf(const RawBase& base) {
    BatchOf lines({.table = TableId::kTransactions,
                   .names = {"net", "is_return", "quantity", "order_id", "product_id", "category", "region", "channel",
                             "promotion_id", "discount", "cost"},
                   .types = {ValueType::kMoney, ValueType::kFlag, ValueType::kDecimal, ValueType::kKey,
                             ValueType::kCategory, ValueType::kCategory, ValueType::kCategory, ValueType::kCategory,
                             ValueType::kCategory, ValueType::kMoney, ValueType::kMoney}});
    for (const RawLine& line : base.lines) {
      lines.Add(line.id, line.day,
                {line.net, line.is_return ? 1 : 0, line.quantity, line.order, line.discount, line.cost},
                {line.product, line.category, line.region, line.channel, line.promotion});
    }
    return lines;
  }
  static BatchOf ProductsOf(const RawBase& base) {
    BatchOf products({.table = TableId::kProducts,
                      .names = {"product_id", "category", "unit_cost"},
                      .types = {ValueType::kCategory, ValueType::kCategory, ValueType::kMoney},
                      .effect = Effect::kVersion,
                      .entity = {0}});
    for (const RawProduct& product : base.products) {
      products.Add("", product.from, {product.unit_cost}, {product.product, product.category});
    }
    return products;
  }
  static BatchOf CostsOf(const RawBase& base) {
    BatchOf costs(
        {.table = TableId::kCosts, .names = {"type", "amount"}, .types = {ValueType::kChoice, ValueType::kMoney}});
    for (const RawCost& cost : base.costs) costs.Add(cost.id, cost.period, {cost.amount}, {cost.type});
    return costs;
  }
  static BatchOf CustomersOf(const RawBase& base) {
    BatchOf customers({.table = TableId::kCustomers,
                       .names = {"age", "region", "registered_at", "left_at"},
                       .types = {ValueType::kInteger, ValueType::kCategory, ValueType::kDay, ValueType::kDay},
                       .effect = Effect::kVersion});
    for (const RawCustomer& customer : base.customers) {
      customers.Add(customer.id, customer.from, {customer.age, customer.registered_at, customer.left_at},
                    {customer.region});
    }
    return customers;
  }

  void Keep(TableId table, const BatchOf& batch, bool is_reference) {
    TableLayout layout = batch.layout();
    if (table == TableId::kTransactions && !options_.orders) layout.names[3] = "unused";
    LivingTable& living = living_.emplace_back(layout);
    living.Add({batch.batch()});
    const bool all = table == TableId::kProducts;
    opened_.push_back(living.Read(as_of_, all ? Versions::kAll : Versions::kApplying));
    auto& slots = is_reference ? tables_.reference : tables_.tables;
    slots[static_cast<size_t>(table)] = &opened_.back();
  }

  void Make() {
    std::vector<KnownCustomer> known;
    const TableShard* customers = tables_.tables[static_cast<size_t>(TableId::kCustomers)];
    if (customers != nullptr) known = KnownCustomers(*customers, as_of_);
    days_.emplace(as_of_, options_.rules);
    const auto features = BuildFeatures(shard_.shard(), {.as_of = as_of_}, known, &*days_);
    ASSERT_OK(features);
    bytes_ = features->bytes;
    file_ = *FeatureFile::Open(bytes_);
    for (TableShard& table : opened_) table.Align(today().hash, [this](size_t row) { return file_->id(row); });
    absl::StatusOr<OwnedColumns> profile = BuildProfile(today(), *days_, tables_, options_.rules);
    status_ = profile.status();
    if (!profile.ok()) return;
    profile_.emplace(*std::move(profile));
    columns_ = profile_->View();
  }

  const Day as_of_;
  const Options options_;
  LivingShard shard_{false};
  std::deque<LivingTable> living_;
  std::deque<TableShard> opened_;
  ShardTables tables_;
  std::optional<DayFacts> days_;
  std::string bytes_;
  std::optional<FeatureFile> file_;
  absl::Status status_;
  std::optional<OwnedColumns> profile_;
  ColumnSet columns_;
};

}  // namespace strata
