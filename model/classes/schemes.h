// Schemes: classes of customers that follow from their own values and fitted or fixed cuts, so that equal customers
// share a class whatever the order of rows. Every scheme is total and disjoint. Pure functions; thread-safe.
//
//   rfm, rfm_ten, rfm_eight    model/rfm/rfm_grids.h; rfm is the grid that the job names
//   value_class                by margin: A to 80 % of the positive margins, B to 95 %, C the rest, D none
//   (value_class.h) grade                      the value class, moved at most one by loyalty and stability
//   (value_class.h) value_level                margin: high, medium, low by the cuts; zero where it is absent or not
//   positive frequency_level            the same of purchase days amount_level               the same of net
//   order_level                the same of the average order
//   spending_level             the same of the unit price within the main category
//   customer_kind              quality: grade A or B; potential: others of the stages new, active or returning whose
//                              margin is below their peers'; ordinary: the rest
//   core                       core: grade A; potential: others whose margin is below their peers'; general: the rest
//   need_class                 potential: no purchase day; important: grade A; ordinary: the rest
//   life_cycle                 model/classes/life_cycle.h
//   stage                      acquisition: potential and new; retention: at risk, dormant and lost; uplift: active or
//                              returning, margin below their peers'; nurture: the rest
//
// "Margin below their peers'" is growth_potential > 0: the peers' quantile minus the own margin; absent where either
// is.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "model/classes/scheme_models.h"
#include "model/columns.h"
#include "model/customer_columns.h"

namespace strata {

struct FittedModels;

// Numbers are slots of the lookup record's classes and must never change, nor must class codes: 1.. in the order of
// ClassNames, 0: none.
enum class SchemeId : uint8_t {
  kRfm = 0,
  kRfmTen = 1,
  kRfmEight = 2,
  kValueClass = 3,
  kGrade = 4,
  kValueLevel = 5,
  kFrequencyLevel = 6,
  kAmountLevel = 7,
  kOrderLevel = 8,
  kSpendingLevel = 9,
  kCustomerKind = 10,
  kCore = 11,
  kNeedClass = 12,
  kLifeCycle = 13,
  kStage = 14,
};
inline constexpr size_t kSchemes = 15;
inline constexpr size_t kMaxRfmClasses = 64;  // of a job's own grid (run/rfm_grid.h); others have fewer

const char* Name(SchemeId scheme);  // "grade"
// By code - 1. Of kRfm those of the grid of eleven; ClassNamesOf knows the grid of the job.
std::span<const std::string_view> ClassNames(SchemeId scheme);
std::vector<std::string> ClassNamesOf(const FittedModels& models, SchemeId scheme);
// One of them, without a copy: views the models. Empty for 0, and for a code that the scheme does not have.
std::string_view ClassNameOf(const FittedModels& models, SchemeId scheme, uint8_t code);

struct ClassCodes {
  std::array<std::vector<uint8_t>, kSchemes> codes;  // by SchemeId and row; empty: not asked for
  std::vector<int64_t> growth_potential;             // micros; kNoWhole: absent. Empty: not asked for
};

// The classes of a shard's customers. `profile` has the rows of `today`; a column that it lacks counts as absent in
// every row. What the schemes read of it: margin, average_order, unit_price, main_category, main_region, tenure_band,
// active_quarters, last_gap_days, and for windowed RFM rfm_recency, rfm_frequency, rfm_monetary.
ClassCodes ClassifyCustomers(const FittedModels& models, const CustomerColumns& today, const ColumnSet& profile);

// Why the class of a customer changed. Numbers may be stored and must never change.
enum class Cause : uint8_t {
  kNone = 0,        // it did not
  kBought = 1,      // the customer's own values changed, with a row since the last time
  kAged = 2,        // they changed by the passing of time alone
  kCuts = 3,        // the cuts moved
  kBothBought = 4,  // both
  kBothAged = 5,
  kEntered = 6,  // the customer was not in the base; said by who compares bases, never by CauseOf
  kLeft = 7,     // is no longer in the base; likewise
};
const char* Name(Cause cause);  // "both_bought"; "" for kNone

// `before`: the class last time; `by_old_cuts`: by last time's models on today's values; `now`: today's. last_row_day:
// of the newest accepted row up to today.
Cause CauseOf(uint8_t before, uint8_t by_old_cuts, uint8_t now, Day last_row_day, Day previous_as_of);

}  // namespace strata
