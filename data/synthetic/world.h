// A synthetic base before anybody lives in it: what was asked for, checked, and the planted parameters that make about
// that many rows, solved from the expectation of the model and never by trial. Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "data/synthetic/catalogue.h"
#include "data/synthetic/shape.h"
#include "data/synthetic/weighted_choice.h"
#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/gamma_gamma.h"

namespace strata {

inline constexpr int64_t kSyntheticCustomersMax = 100'000'000;        // their truth is held encoded, about 4 GB then
inline constexpr int64_t kSyntheticTransactionsMax = 20'000'000'000;  // a terabyte: more is several bases
inline constexpr int kSyntheticDaysMin = 90;        // a quarter: below it no drop-out can be told from a pause
inline constexpr int kSyntheticDaysMax = 7305;      // twenty years
inline constexpr double kPurchasesPerDayMax = 0.5;  // of an average customer: a person, not a machine
inline constexpr double kDirtyRatioMax = 0.5;       // every clean row has at most one broken copy

struct WorldOptions {
  int64_t customers = 0;
  int64_t transactions = 0;  // rows wanted, dirty ones included
  uint64_t seed = 1;
  BaseShape shape = BaseShape::kRetail;
  Day first_day = 0;
  int days = 730;
  double dirty_ratio = 0;  // share of all rows
  std::string currency = "EUR";
  bool all_tables = false;  // or transactions alone
};

// A planted group with everything solved.
struct PlantedGroup {
  GroupShape shape;
  BgNbdParameters purchases;  // time unit week; alpha 0: nobody buys twice
  GammaGammaParameters spend;
  double lines_mean = 1;  // of this base: small bases a customer have small baskets
  double return_share = 0;
  std::vector<double> lines_below;  // [k]: P(lines <= k + 1)
  double expected_purchases = 0;    // per customer, the first included
  double expected_rows = 0;         // per customer, returns included, dirt left out
};

struct World {
  WorldOptions options;
  std::vector<PlantedGroup> groups;
  std::vector<int64_t> list_price_cents;  // by product
  WeightedChoice group_choice, region_choice, reason_choice, product_choice;
  std::vector<WeightedChoice> channel_choice;  // by group
  double dirty_per_clean = 0;                  // chance of a broken copy of a row
  double expected_rows = 0;                    // of the base, dirt included
  std::optional<Catalogue> catalogue;          // of a base with all tables

  Day last_day() const { return options.first_day + options.days - 1; }
};

// INVALID_ARGUMENT (FLAG_INVALID) names the flag (--customers, --transactions, --start, --days, --dirty-ratio,
// --currency, --tables), what was found and what is allowed.
absl::StatusOr<World> MakeWorld(const WorldOptions& options);

}  // namespace strata
