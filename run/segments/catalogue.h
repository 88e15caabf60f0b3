// What a condition of a job may name: columns of a customer, and columns of the events in tables that the job has.
// Plain values and pure functions; thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/column_type.h"
#include "run/segments/node.h"
#include "run/table_schema.h"
#include "run/table_source.h"

namespace strata {

struct NameInfo {
  ColumnType type = ColumnType::kInteger;
  std::vector<std::string> words = {};  // of a choice, in its order; empty: any text
  Stored stored = Stored::kPlain;
};
using NameInfos = std::map<std::string, NameInfo, std::less<>>;

struct ColumnCatalogue {
  NameInfos columns;  // of a customer: "net", "grade", "customers.gender"
  // By table. Every one has day, days_ago (CURRENT_DATE - day) and minute (of the day); with a mapped product_id it has
  // the columns of products too, as "products.brand".
  std::map<std::string, NameInfos, std::less<>> events;
  // What other jobs could name, and the key that a job needs for it: "grade" → "models.value", "cases" →
  // "sources.cases", "contacts.channel" → "sources.contacts.columns.channel".
  std::map<std::string, std::string, std::less<>> absent;
};

// A table as the job has it.
struct CatalogueTable {
  const TableSchema* schema = nullptr;  // never null
  bool in_job = false;                  // transactions: true where details are kept
  std::vector<std::string> mapped;      // fields; empty unless in_job
  std::vector<ExtraColumn> extra;       // customers only
};

// The part of a job that decides what there is to name.
struct CatalogueSources {
  std::vector<CatalogueTable> tables;  // all that there are, in the job or not
  bool rfm = false, clustering = false, lifetime = false, churn = false;
  bool windowed_rfm = false;  // RFM of a window, not of all purchases
  bool value = false, levels = false, life_cycle = false;
  std::vector<std::string> rfm_classes;  // of the job's grid
};

// Names of customer columns are those of the snapshot's Parquet parts, `feature_` and `class_` left out; ids of
// customers are no columns of them. Tables whose rows are versions (customers, kyc) give columns, those whose rows are
// events are tables of their own.
ColumnCatalogue CatalogueOf(const CatalogueSources& sources);

}  // namespace strata
