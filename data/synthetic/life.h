// A customer's whole life as a pure function of (world, customer number): who they are, when they buy, what, what they
// return, when and why they leave. Nothing depends on other customers, on files or on threads. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "data/synthetic/causes.h"
#include "data/synthetic/nights.h"
#include "data/synthetic/world.h"

namespace strata {

// What is wrong with a row on purpose. Every dirty row is a further row beside a clean one.
enum class DirtyKind : uint8_t {
  kClean,
  kMissingCustomer,       // no customer id
  kBadAmount,             // CSV: a word; Parquet: null, for its columns are typed
  kBadDate,               // CSV: 30 February; Parquet: a year no data has
  kOtherCurrency,         // XTS
  kMissingTransactionId,  // none
  kDuplicate,             // the clean row once more
  kConflict,              // the same transaction with another amount, updated a day earlier
};
inline constexpr size_t kDirtyKinds = 8;  // kClean included

// One row of a transaction file, ready to be sorted and written. Money in cents, time in seconds since the period's
// first midnight.
struct SyntheticRow {
  int64_t transaction_id = 0;
  int64_t order_id = 0;
  int64_t amount_cents = 0;  // quantity * unit_price_cents; negative for a return
  int64_t unit_price_cents = 0;
  uint32_t second = 0;
  uint32_t customer = 0;         // number, from 0
  int32_t quantity = 0;          // negative for a return
  int32_t payment_day = kNoDay;  // of the period; kNoDay: not invoiced, or not paid within the period
  uint16_t product = 0;
  uint8_t region = 0;
  uint8_t channel = 0;
  uint8_t promotion = 0;  // 0: none
  bool is_return = false;
  bool invoiced = false;  // due kDueDays after the day
  DirtyKind dirt = DirtyKind::kClean;

  static constexpr int32_t kNoDay = -1;
  bool operator==(const SyntheticRow&) const = default;
};

inline constexpr uint32_t kSecondsPerDay = 86'400;
// Ids of orders and transactions are customer * kIdsPerCustomer + a number from 0: unique, and the same in any file.
inline constexpr int64_t kIdsPerCustomer = 10'000'000;

struct CustomerTruth {
  uint32_t group = 0;
  LeavingReason reason = LeavingReason::kSilent;  // of whoever has left or winds down; drawn for all
  bool alive = true;                              // at the end of the period: would buy again
  bool winding_down = false;                      // alive, and already in the last kWindDownPurchases purchases
  NightLife night_life = NightLife::kSteady;      // of a base of shape nights
  int night = 0;                                  // the one that sees an awakened customer; 0: none
  ChurnCause cause = ChurnCause::kNone;           // of a base of shape causes
  int32_t cause_cutoff_day = -1;                  // of the period: up to it the cause shows; -1: there is none
  bool cause_leaves = false;                      // whether the customer leaves after it
  int16_t tickets = 0;                            // of the cause
  bool has_ticket = false;                        // one that means nothing
  uint8_t region = 0;                             // at first
  uint8_t channel = 0;                            // the own one
  double rate_per_week = 0;
  double drop_probability = 0;
  double mean_spend = 0;  // planted: of a purchase before any wind-down, units of currency
  int32_t first_day = 0;  // of the period
  int32_t last_purchase_day = 0;
  int32_t purchases = 0;
  int32_t purchase_days = 0;  // purchases less those on a day that already has one
  int32_t rows = 0;           // clean ones, returns included
  int32_t return_rows = 0;
  int64_t net_cents = 0;

  bool operator==(const CustomerTruth&) const = default;
};

// Appends the customer's clean rows in the order of their ids. INTERNAL (SYNTHETIC_OVERFLOW) where a customer has more
// than kIdsPerCustomer rows, which no world allows for.
absl::StatusOr<CustomerTruth> LiveLife(const World& world, uint32_t customer, std::vector<SyntheticRow>* rows);

// Appends to `rows` the broken copies of its rows from `begin` on. A row's dirt is keyed by its transaction.
void AddDirt(const World& world, size_t begin, std::vector<SyntheticRow>* rows);

// "C000000042".
std::string CustomerId(uint32_t customer);

}  // namespace strata
