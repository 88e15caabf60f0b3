#include "tests/data/segments/scalar_shard.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "base/hash.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

// Every brand has one product, so that the product of an event says its brand.
std::string ProductOf(const std::string& brand) { return "p-" + brand; }

int32_t CodeOf(const std::string& word, std::map<std::string, int32_t>* codes, TextColumn* words) {
  const auto [place, is_new] = codes->emplace(word, static_cast<int32_t>(words->size()));
  if (is_new) words->Append(word);
  return place->second;
}

const ScalarValue* Find(const ScalarRow& row, const std::string& name) {
  const auto found = row.find(name);
  return found == row.end() || found->second.null ? nullptr : &found->second;
}

// Fills one column of a batch; each row gives its value or null.
class ColumnFiller {
 public:
  ColumnFiller(const TableLayout& layout, TableBatch* batch)
      : layout_(layout), batch_(*batch), codes_(layout.names.size()) {
    batch_.columns.resize(layout.names.size());
    for (size_t i = 0; i < layout.names.size(); ++i) batch_.columns[i].type = layout.types[i];
  }

  void Add(const ScalarRow& values) {
    for (size_t i = 0; i < layout_.names.size(); ++i) {
      TableColumn& column = batch_.columns[i];
      const std::string& name = layout_.names[i];
      const ScalarValue* value = Find(values, name == "product_id" ? "products.brand" : name);
      if (!IsCoded(column.type)) {
        column.whole.push_back(value == nullptr ? kNoWhole : value->whole);
      } else if (value == nullptr) {
        column.code.push_back(-1);
      } else {
        const std::string word = name == "product_id" ? ProductOf(value->text) : value->text;
        column.code.push_back(CodeOf(word, &codes_[i], &column.words));
      }
    }
  }

 private:
  const TableLayout& layout_;
  TableBatch& batch_;
  std::vector<std::map<std::string, int32_t>> codes_;
};

void AddPlace(uint64_t hash, const std::string& id, Day day, int minute, TableBatch* batch) {
  batch->hash.push_back(hash);
  batch->id.Append(id);
  batch->day.push_back(day);
  batch->minute.push_back(static_cast<int16_t>(minute));
  batch->file.push_back(1);
}

}  // namespace

ScalarShard::ScalarShard(const ScalarBase& base, const ColumnCatalogue& catalogue) {
  for (size_t i = 0; i < base.customers.size(); ++i) ids_.push_back("customer-" + std::to_string(i));
  std::sort(ids_.begin(), ids_.end(),
            [](const auto& a, const auto& b) { return std::pair(Hash64(a), a) < std::pair(Hash64(b), b); });
  for (const std::string& id : ids_) hash_.push_back(Hash64(id));
  for (const auto& [name, info] : catalogue.columns) AddColumn(name, info, base);
  using enum ValueType;
  AddTable({.table = TableId::kTransactions,
            .names = {"net", "is_return", "quantity", "order_id", "product_id", "category", "due_date"},
            .types = {kMoney, kFlag, kDecimal, kKey, kCategory, kCategory, kDay}},
           base);
  AddTable({.table = TableId::kCases, .names = {"kind", "closed"}, .types = {kChoice, kTime}}, base);
  AddProducts(base.as_of);
}

void ScalarShard::AddColumn(const std::string& name, const NameInfo& info, const ScalarBase& base) {
  Column column{.name = name, .type = info.type};
  std::vector<const ScalarValue*> values;
  for (const ScalarCustomer& customer : base.customers) values.push_back(Find(customer.columns, name));
  if (info.type == ColumnType::kNumber) {
    std::vector<double>& made = number_.emplace_back();
    for (const auto* value : values) made.push_back(value ? value->number : std::numeric_limits<double>::quiet_NaN());
    column.number = made;
  } else if (info.type == ColumnType::kText) {
    std::set<std::string> distinct = {"never said"};
    for (const auto* value : values) {
      if (value != nullptr) distinct.insert(value->text);
    }
    std::vector<std::string>& words = words_.emplace_back(distinct.begin(), distinct.end());
    std::vector<int32_t>& made = code_.emplace_back();
    for (const auto* value : values) {
      const auto place = value ? std::lower_bound(words.begin(), words.end(), value->text) : words.begin() - 1;
      made.push_back(static_cast<int32_t>(place - words.begin()));
    }
    column.code = made;
    column.words = words;
  } else {
    std::vector<int64_t>& made = whole_.emplace_back();
    for (const auto* value : values) made.push_back(value ? value->whole : kNoWhole);
    column.whole = made;
  }
  columns_.Add(std::move(column));
}

const TableShard* ScalarShard::Opened(const TableLayout& layout, const TableBatch& batch, Day as_of) {
  auto update = UpdateTableShard(layout, {}, {}, {batch});
  EXPECT_OK(update);
  segments_.push_back(std::move(update->segment));
  auto shard = TableShard::Open(layout, {segments_.back()}, {}, as_of);
  EXPECT_OK(shard);
  return &shards_.emplace_back(*std::move(shard));
}

void ScalarShard::AddTable(const TableLayout& layout, const ScalarBase& base) {
  TableBatch batch;
  ColumnFiller filler(layout, &batch);
  const std::string table(SchemaOf(layout.table).name);
  for (size_t i = 0; i < base.customers.size(); ++i) {
    const auto events = base.customers[i].events.find(table);
    if (events == base.customers[i].events.end()) continue;
    for (const ScalarEvent& event : events->second) {
      AddPlace(hash_[i], ids_[i], event.day.value_or(kTimelessDay), event.minute, &batch);
      filler.Add(event.values);
    }
  }
  const std::string stranger = "nobody here";  // whose rows concern no customer
  AddPlace(Hash64(stranger), stranger, base.as_of, 0, &batch);
  filler.Add({{"net", WholeValue(1)}, {"is_return", WholeValue(0)}, {"category", TextValue("tea")}});
  const TableShard* shard = Opened(layout, batch, base.as_of);
  shards_.back().Align(hash_, [this](size_t i) { return std::string_view(ids_[i]); });
  tables_.tables[static_cast<size_t>(layout.table)] = shard;
}

void ScalarShard::AddProducts(Day as_of) {
  const TableLayout layout{.table = TableId::kProducts,
                           .names = {"product_id", "brand"},
                           .types = {ValueType::kCategory, ValueType::kCategory},
                           .effect = Effect::kVersion,
                           .entity = {0}};
  TableBatch batch;
  batch.columns = {{.type = ValueType::kCategory}, {.type = ValueType::kCategory}};
  int32_t code = 0;
  for (const std::string brand : {"tea", "never sold", "Oak"}) {
    AddPlace(0, "", kTimelessDay, 0, &batch);
    batch.columns[0].words.Append(ProductOf(brand));
    batch.columns[1].words.Append(brand);
    batch.columns[0].code.push_back(code);
    batch.columns[1].code.push_back(code++);
  }
  tables_.reference[static_cast<size_t>(TableId::kProducts)] = Opened(layout, batch, as_of);
}

}  // namespace strata
