// A job: what to compute, as written in a YAML file. Plain values; run/job_file.h reads and checks the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "run/churn_settings.h"
#include "run/clustering_settings.h"
#include "run/expectations.h"
#include "run/lifetime_settings.h"
#include "run/on_finish.h"
#include "run/scheme_settings.h"
#include "run/segments/segment_definition.h"
#include "run/source_rules.h"
#include "run/table_source.h"
#include "run/veto_rules.h"

namespace strata {

inline constexpr uint32_t kMaxShards = 65536;           // 16 bits of shard number in object keys and frames
inline constexpr size_t kMaxJobFileBytes = 256 * 1024;  // hundreds of segments with what people say of them

// Column names of the source by field; empty where not mapped.
struct TransactionColumns {
  std::string customer_id, time, amount, quantity, unit_price;
  std::string transaction_id, updated_at, order_id, product_id, currency, is_return, region, channel, promotion_id;
  std::string due_date, payment_date;
  std::string category, discount, cost;
};

struct TransactionSource {
  std::string uri;  // as written: file, folder or glob; relative to the job file, or absolute, or s3://
  TransactionColumns columns;
  std::string time_format;  // strptime-like; empty: ISO 8601
  char delimiter = ',';     // CSV only
  OnMissingCustomer on_missing_customer = OnMissingCustomer::kReject;
  OnVanished on_vanished = OnVanished::kKeep;
  OnChanged on_changed = OnChanged::kError;
  // Whether what a row says beside customer, day and amount stays in the ledger, where a column of it is mapped
  // (data/rows/table_layout.h).
  bool keep_lines = true;
  Expectations expect;
};

// Customers known by several ids: a row says that old_id is the same person as new_id, known since date.
struct AliasSource {
  std::string uri;  // as of TransactionSource
  std::string old_id, new_id, date;
};

// Units of the job's currency for one unit of a currency on a day.
struct FxSource {
  std::string uri;  // as of TransactionSource
  std::string currency, day, rate;
};

// What stays of earlier nights (docs/retention.md). Whatever is beyond both the count and the age is removed at the end
// of a run, unless it is in use. The defaults keep a quarter of a year of nightly runs.
struct Retention {
  int snapshots_min = 30;   // the newest of the job, whatever their age; 1 or more
  int snapshots_days = 90;  // younger ones, whatever their number
  int runs_min = 100;       // records of runs, with their quarantine
  int runs_days = 90;
  bool operator==(const Retention&) const = default;
};

struct Job {
  std::string name;  // [a-z][a-z0-9_-]{0,62}
  std::optional<Day> as_of;
  std::string time_zone = "UTC";
  std::string currency;  // ISO 4217 letters
  uint64_t seed = 1;
  uint32_t shards = 64;
  TransactionSource transactions;
  std::vector<TableSource> tables;  // beside transactions, by TableId
  std::optional<AliasSource> aliases;
  std::optional<FxSource> fx;
  ErrorBudget error_budget;
  Retention retention;
  std::optional<RfmRules> rfm;
  std::optional<ClusteringSettings> clustering;
  std::optional<LifetimeSettings> lifetime;
  std::optional<ChurnSettings> churn;
  std::optional<ValueSettings> value;
  std::optional<LevelSettings> levels;
  std::optional<LifeCycleSettings> life_cycle;
  std::vector<SegmentDefinition> segments;  // the job's own, by name
  bool all_reports = false;
  std::vector<std::string> reports;  // asked for by name, ascending
  VetoRules veto;
  OnFinish on_finish;

  // Null: the job has no such table. Not for transactions, which every job has.
  const TableSource* Find(TableId table) const;
  bool WantsSchemes() const { return value.has_value() || levels.has_value() || life_cycle.has_value(); }
  bool WantsReports() const { return all_reports || !reports.empty(); }
};

}  // namespace strata
