// The rows of one customer while they are put together from several places. Not thread-safe; reused from customer to
// customer, so that none allocates.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "data/ledger/ledger.h"
#include "data/ledger/segment_spans.h"

namespace strata {

class CustomerRows {
 public:
  void Clear();
  // In any order: days where there are no lines, else lines alone.
  void AddDay(const LedgerDay& day) { parts_.push_back(day); }
  void AddLine(const LedgerLine& line) { stored_.push_back(line); }

  // Sums days by day and file; with lines first settles which of them count. OUT_OF_RANGE (NET_OVERFLOW) names the
  // customer's hash and the day whose net leaves 64 bits, or whose rows leave 32.
  absl::Status Settle(uint64_t hash, bool has_lines);

  // After Settle.
  const DaySpans& days() const { return days_; }
  std::span<const LedgerLine> stored() const { return stored_; }    // line_rules.h
  std::span<const LedgerLine> winners() const { return winners_; }  // line_rules.h
  int64_t conflicts() const { return conflicts_; }

 private:
  std::vector<LedgerDay> parts_;
  std::vector<LedgerLine> stored_;
  std::vector<LedgerLine> winners_;
  int64_t conflicts_ = 0;

  std::vector<Day> day_;
  std::vector<int32_t> file_;
  std::vector<int64_t> net_micros_;
  std::vector<int32_t> rows_;
  std::vector<int32_t> return_rows_;
  DaySpans days_;
};

// A customer's hash and a day, as an error of their sums names them.
absl::Status DayOverflow(uint64_t hash, Day day, const std::string& net_micros, int64_t rows);

}  // namespace strata
