// Turns the values of one row of transactions, a cell for each TransactionField, into what the ledger keeps of it, or
// says which value is wrong. Not thread-safe (it reuses buffers); one per split.
//
// Rules. A value is missing when it is null or blank. Ids and other texts are taken as they are, blanks around
// included. Numbers, times, currency and flags are trimmed of blanks.
//   customer_id     at most kMaxCustomerIdBytes of UTF-8
//   time            see time_reader.h
//   amount          where mapped, every row needs it; else it is quantity × unit_price, rounded half to even to micros,
//   and
//                   every row needs both. quantity and unit_price beside an amount may be missing, but must be numbers.
//   currency        in every row: exactly the job's, or with rates (sources.fx) one that has a rate for the row's day;
//                   the amount is then converted, rounded once, half to even
//   is_return       true, false, 1, 0, yes, no, y, n, t, f in any case, in every row; where it is not mapped a row is a
//                   return if quantity < 0 or amount < 0. The net of a return is -|amount|, of any other row the
//                   amount.
//   transaction_id  every row needs it
//   updated_at      a missing one is older than any other
//   other texts     UTF-8, where details are kept at most kMaxCategoryBytes of it (orders are keys and have no limit)
//   due_date, payment_date  times where not missing
//   discount, cost  numbers of at least 0 where not missing; in the currency of the row, as its amount
// The first wrong value in the order of TransactionField is the row's fault.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/status.h"
#include "data/source/fault.h"
#include "data/source/row_sink.h"
#include "data/source/time_reader.h"
#include "data/tables/fx_table.h"
#include "run/job.h"
#include "run/transaction_fields.h"

namespace strata {

inline constexpr int64_t kNoUpdatedAt = std::numeric_limits<int64_t>::min();

struct ParsedRow {
  std::string_view customer_id;  // alive as long as the cells
  LocalTime time;
  int64_t net_micros = 0;
  bool is_return = false;
  // In the job's currency; nullopt: not mapped, or missing.
  std::optional<int64_t> discount_micros, cost_micros;
  // Where transaction_id is mapped:
  Hash128 transaction;
  int64_t updated_at_us = kNoUpdatedAt;
  // XXH3-64 over the canonical form of all mapped values in field order: texts with their length, numbers as micros,
  // times as day and nanosecond, flags as 0 or 1; so 12.5 and 12.50 are equal, and CSV equals Parquet.
  uint64_t row_hash = 0;
};

// Null, or a text that is blank.
bool IsMissing(const Cell& cell);
// kNone, kMissing, or kNotAFlag: not one of the words above.
FaultKind ReadFlag(const Cell& cell, bool* value);

class RowParser {
 public:
  // `fx`: rates for other currencies, null where there are none; must outlive this.
  static absl::StatusOr<RowParser> ForJob(const Job& job, const FxTable* fx = nullptr);

  // True when the row is good and `row` filled, else `fault` is.
  bool Parse(const Cells& cells, ParsedRow* row, Fault* fault);

  // The last good row's quantity in micros, due_date and payment_date as days; nullopt: not mapped, or missing.
  std::optional<int64_t> quantity() const;
  std::optional<int64_t> due_date() const { return DateAt(0); }
  std::optional<int64_t> payment_date() const { return DateAt(1); }

  // The rates that rows asked for, ascending.
  std::vector<FxUse> FxUses() const { return fx_.has_value() ? fx_->Uses() : std::vector<FxUse>(); }

 private:
  RowParser(const Job& job, TimeReader times, const FxTable* fx);

  bool IsMapped(TransactionField field) const { return mapped_[static_cast<size_t>(field)]; }
  FaultKind CheckText(const Cell& cell) const;
  // Of one that details keep as a word.
  FaultKind CheckWord(const Cell& cell) const;
  std::optional<int64_t> DateAt(size_t i) const {
    return has_date_[i] ? std::optional<int64_t>(dates_[i].day) : std::nullopt;
  }
  bool ParseNumbers(const Cells& cells, Fault* fault);
  bool ParseNumber(const Cells& cells, TransactionField field, bool required, Fault* fault);
  bool ParseTail(const Cells& cells, ParsedRow* row, Fault* fault);
  // Whether the row's amount waits for the rate of its currency.
  bool IsForeign(const Cells& cells) const;
  bool Convert(const Cells& cells, Day day, Fault* fault);
  // Discount and cost.
  bool ParseDeductions(const Cells& cells, ParsedRow* row, Fault* fault);
  void ComputeNet(ParsedRow* row) const;
  uint64_t HashOf(const Cells& cells, const ParsedRow& row);

  struct Number {
    bool present = false;
    int64_t micros = 0;
  };
  Number& NumberOf(TransactionField field) {
    constexpr auto kFirst = static_cast<size_t>(TransactionField::kAmount);
    constexpr auto kFirstYounger = static_cast<size_t>(TransactionField::kDiscount);
    const auto number = static_cast<size_t>(field);
    return numbers_[number < kFirstYounger ? number - kFirst : number - kFirstYounger + 3];
  }

  std::array<bool, kTransactionFieldCount> mapped_{};
  bool keeps_words_ = false;  // of products, regions, ...: details are kept
  TimeReader times_;
  std::string currency_;
  std::optional<FxLookups> fx_;
  // Of the row at hand.
  std::array<Number, 5> numbers_;   // amount, quantity, unit_price, discount, cost
  std::array<LocalTime, 2> dates_;  // due_date, payment_date
  std::array<bool, 2> has_date_{};
  bool flag_ = false;
  int64_t amount_micros_ = 0;    // as mapped, or the product; in the job's currency
  bool is_negative_ = false;     // the amount as it is written
  FxRate rate_;                  // of the row's currency; empty: it is the job's
  std::vector<char> canonical_;  // room for the canonical form
  std::string product_;          // words for a product that is too large
};

}  // namespace strata
