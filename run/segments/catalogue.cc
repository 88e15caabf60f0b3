#include "run/segments/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "run/segments/score_names.h"

namespace strata {
namespace {

constexpr std::string_view kDetailsKey =
    "lines: keep and a detail (order_id, product_id, category ...) in sources.transactions";

std::vector<std::string> WordsOf(std::string_view joined) {
  std::vector<std::string> words;
  while (!joined.empty()) {
    const size_t end = std::min(joined.find('|'), joined.size());
    words.emplace_back(joined.substr(0, end));
    joined.remove_prefix(std::min(end + 1, joined.size()));
  }
  return words;
}

NameInfo InfoOf(ValueType type, std::string_view words) {
  switch (type) {
    case ValueType::kKey:
      return {ColumnType::kText, {}, Stored::kKey};
    case ValueType::kCategory:
      return {ColumnType::kText};
    case ValueType::kChoice:
      return {ColumnType::kText, WordsOf(words)};
    case ValueType::kInteger:
      return {ColumnType::kInteger};
    case ValueType::kDecimal:
      return {ColumnType::kShare};
    case ValueType::kMoney:
      return {ColumnType::kMoney};
    case ValueType::kShare:
      return {ColumnType::kShare};
    case ValueType::kDay:
      return {ColumnType::kDay};
    case ValueType::kTime:
      return {ColumnType::kDay, {}, Stored::kMinutes};
    case ValueType::kFlag:
      return {ColumnType::kFlag};
    case ValueType::kTags:
      return {ColumnType::kText};
  }
  return {};
}

bool Has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsAttributes(const TableSchema& schema) {
  return schema.effect == Effect::kVersion && schema.placing == Placing::kCustomer;
}
bool IsEvents(const TableSchema& schema) {
  return schema.effect == Effect::kEvent && schema.placing != Placing::kReference;
}

// Attributes of customers are no ids, and the date of the version that applies is none of them.
bool IsAttribute(const ColumnSchema& column) {
  return column.type != ValueType::kKey && (column.marks & (kValidFrom | kCustomer)) == 0;
}

// Of transactions only details are columns of an event; net and is_return come beside them.
bool IsEventColumn(const TableSchema& schema, const ColumnSchema& column) {
  if ((column.marks & (kCustomer | kUpdatedAt)) != 0) return false;
  return schema.id != TableId::kTransactions || (column.marks & kLineDetail) != 0 || column.name == "quantity";
}

std::string ColumnKey(const TableSchema& schema, std::string_view column) {
  return fmt::format("sources.{}.columns.{}", schema.name, column);
}

class Maker {
 public:
  explicit Maker(const CatalogueSources& sources) : sources_(sources) {}

  ColumnCatalogue Make() {
    for (const ScoreName& score : ScoreNames()) AddScore(score);
    for (const CatalogueTable& table : sources_.tables) {
      if (IsAttributes(*table.schema)) AddAttributes(table);
      if (IsEvents(*table.schema)) AddEvents(table);
    }
    return std::move(made_);
  }

 private:
  bool Asks(ScorePart part) const {
    switch (part) {
      case ScorePart::kAlways:
        return true;
      case ScorePart::kRfm:
        return sources_.rfm;
      case ScorePart::kClustering:
        return sources_.clustering;
      case ScorePart::kLifetime:
        return sources_.lifetime;
      case ScorePart::kChurn:
        return sources_.churn;
      case ScorePart::kValue:
        return sources_.value;
      case ScorePart::kLevels:
        return sources_.levels;
      case ScorePart::kLifeCycle:
        return sources_.life_cycle;
      case ScorePart::kValueAndLifeCycle:
        return sources_.value && sources_.life_cycle;
      case ScorePart::kWindowedRfm:
        return sources_.windowed_rfm;
      case ScorePart::kProfile:
        return HasProfile();
    }
    return false;
  }

  bool HasProfile() const {
    const auto in_job = [](const CatalogueTable& table) { return table.in_job; };
    return sources_.value || sources_.levels || sources_.life_cycle || sources_.windowed_rfm ||
           std::any_of(sources_.tables.begin(), sources_.tables.end(), in_job);
  }

  void AddScore(const ScoreName& score) {
    const std::string name(score.name);
    if (!Asks(score.part)) {
      made_.absent.emplace(name, KeyOf(score.part));
      return;
    }
    const bool of_grid = score.name == "rfm_segment";
    made_.columns.emplace(name, NameInfo{score.type, of_grid ? sources_.rfm_classes : WordsOf(score.words)});
  }

  void AddAttributes(const CatalogueTable& table) {
    const TableSchema& schema = *table.schema;
    for (const ColumnSchema& column : schema.columns) {
      if (!IsAttribute(column)) continue;
      const std::string name = fmt::format("{}.{}", schema.name, column.name);
      if (Has(table.mapped, column.name)) {
        made_.columns.emplace(name, InfoOf(column.type, column.words));
      } else {
        made_.absent.emplace(name, ColumnKey(schema, column.name));
      }
    }
    for (const ExtraColumn& extra : table.extra) {
      made_.columns.emplace(fmt::format("{}.{}", schema.name, extra.name), InfoOf(extra.type, ""));
    }
  }

  void AddEvents(const CatalogueTable& table) {
    const TableSchema& schema = *table.schema;
    const std::string name(schema.name);
    if (!table.in_job) {
      // A job always has transactions; their details are what may be missing.
      const bool has_rows = schema.id == TableId::kTransactions;
      made_.absent.emplace(name, has_rows ? std::string(kDetailsKey) : fmt::format("sources.{}", name));
      return;
    }
    NameInfos names;
    names.emplace("day", NameInfo{ColumnType::kDay});
    names.emplace("days_ago", NameInfo{ColumnType::kInteger});
    names.emplace("minute", NameInfo{ColumnType::kInteger});
    if (schema.id == TableId::kTransactions) {
      names.emplace("net", NameInfo{ColumnType::kMoney});
      names.emplace("is_return", NameInfo{ColumnType::kFlag});
    }
    for (const ColumnSchema& column : schema.columns) {
      if (!IsEventColumn(schema, column)) continue;
      if (Has(table.mapped, column.name)) {
        // A row keeps its time as its day and minute.
        const bool is_day = (column.marks & kRowTime) != 0;
        names.emplace(column.name, is_day ? NameInfo{ColumnType::kDay} : InfoOf(column.type, column.words));
      } else {
        made_.absent.emplace(fmt::format("{}.{}", name, column.name), ColumnKey(schema, column.name));
      }
    }
    AddProducts(table, &names);
    made_.events.emplace(name, std::move(names));
  }

  // The product of an event, where the event names one.
  void AddProducts(const CatalogueTable& events, NameInfos* names) {
    const auto is_products = [](const CatalogueTable& table) { return table.schema->id == TableId::kProducts; };
    const auto products = std::find_if(sources_.tables.begin(), sources_.tables.end(), is_products);
    const auto names_product = [](const ColumnSchema& column) { return (column.marks & kOfProducts) != 0; };
    const auto& columns = events.schema->columns;
    const auto link = std::find_if(columns.begin(), columns.end(), names_product);
    if (products == sources_.tables.end() || link == columns.end()) return;
    for (const ColumnSchema& column : products->schema->columns) {
      if ((column.marks & (kRowKey | kValidFrom)) != 0) continue;
      const std::string name = fmt::format("products.{}", column.name);
      if (!Has(events.mapped, link->name)) {
        made_.absent.emplace(fmt::format("{}.{}", events.schema->name, name), ColumnKey(*events.schema, link->name));
      } else if (!Has(products->mapped, column.name)) {
        made_.absent.emplace(fmt::format("{}.{}", events.schema->name, name),
                             ColumnKey(*products->schema, column.name));
      } else {
        names->emplace(name, InfoOf(column.type, column.words));
      }
    }
  }

  const CatalogueSources& sources_;
  ColumnCatalogue made_;
};

}  // namespace

ColumnCatalogue CatalogueOf(const CatalogueSources& sources) { return Maker(sources).Make(); }

}  // namespace strata
