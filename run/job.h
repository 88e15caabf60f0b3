// A job: what to compute, as written in a YAML file. Plain values; run/job_file.h reads and checks the file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "run/expectations.h"
#include "run/on_finish.h"
#include "run/veto_rules.h"

namespace strata {

inline constexpr uint32_t kMaxShards = 65536;      // 16 bits of shard number in object keys and frames
inline constexpr size_t kMaxJobFileBytes = 32768;  // a job travels in one control frame

enum class OnMissingCustomer { kReject, kSkip };
enum class OnVanished { kKeep, kError, kRemove };
enum class OnChanged { kError, kReplace };

// Column names of the source by field; empty where not mapped.
struct TransactionColumns {
  std::string customer_id, time, amount, quantity, unit_price;
  std::string transaction_id, updated_at, order_id, product_id, currency, is_return, region, channel, promotion_id;
  std::string due_date, payment_date;
};

struct TransactionSource {
  std::string uri;  // as written: file, folder or glob; relative to the job file, or absolute, or s3://
  TransactionColumns columns;
  std::string time_format;  // strptime-like; empty: ISO 8601
  char delimiter = ',';     // CSV only
  OnMissingCustomer on_missing_customer = OnMissingCustomer::kReject;
  OnVanished on_vanished = OnVanished::kKeep;
  OnChanged on_changed = OnChanged::kError;
  Expectations expect;
  // How errors name the columns of a smaller table that is read with the same readers (merged identities, rates): by
  // name of the field. Empty for transactions themselves.
  std::map<std::string, std::string> column_keys;
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

struct ErrorBudget {
  double rejected_ratio_max = 0;  // 0: no reject at any size; above 0 checked from kBudgetRatioMinRows rows on
  std::optional<int64_t> rejected_max;
};
inline constexpr int64_t kBudgetRatioMinRows = 1000;  // below this a ratio says little

struct RfmSettings {
  int scores = 5;  // 2..10
};

struct ClusteringSettings {
  std::optional<int> k;  // nullopt: auto, chosen by silhouette from 2..k_max
  int k_max = 12;        // 2..64
  int iterations_max = 100;
};

struct LifetimeSettings {
  double time_unit_days = 7;  // day 1, week 7, month 30.4375
  std::string time_unit = "week";
  int horizon_days = 365;
  double discount_rate_annual = 0.10;
  bool spend = true;  // gamma_gamma; false: none
};

struct ChurnSettings {
  int horizon_days = 90;
  int eligible_days = 180;  // default 2 * horizon_days
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
  std::optional<AliasSource> aliases;
  std::optional<FxSource> fx;
  ErrorBudget error_budget;
  Retention retention;
  std::optional<RfmSettings> rfm;
  std::optional<ClusteringSettings> clustering;
  std::optional<LifetimeSettings> lifetime;
  std::optional<ChurnSettings> churn;
  VetoRules veto;
  OnFinish on_finish;
};

}  // namespace strata
