// How long customers stay, by tenure: the product-limit estimator (Kaplan, Meier 1958, Journal of the American
// Statistical Association 53, 457-481) from exact counts by day, with bands on the log(-log) scale (Greenwood 1926;
// Kalbfleisch, Prentice 2002, section 1.4) and delayed entry. Pure functions and plain values; thread-safe.
//
// Whoever buys without a contract is lost at the purchase that opens the first gap longer than the horizon, tenure
// counted from the first purchase. A gap that opened less than a horizon ago may still close: there the customer is
// censored, a horizon before the night's date.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/date.h"

namespace strata {

// How long somebody was followed, days of tenure.
struct TenureSpan {
  int32_t entry = 0;      // 0: from the beginning; later: known only since then
  int32_t exit = 0;       // of the loss, or of the last day that is known
  bool is_event = false;  // lost at `exit`; else censored there
  bool operator==(const TenureSpan&) const = default;
};

// Of a customer who buys, by ascending purchase days up to `as_of`; nullopt: the first purchase is less than a horizon
// ago, or there is none. Precondition: horizon_days >= 1.
std::optional<TenureSpan> TenureOfBuyer(std::span<const Day> purchase_days, Day as_of, int32_t horizon_days);
// Of a contract that runs [start, end), known since `first_known`; no end: it still runs. nullopt: it begins after
// `as_of`, ended before it was known, or ends before it begins.
std::optional<TenureSpan> TenureOfContract(Day start, std::optional<Day> end, Day first_known, Day as_of);

// Counts that merge exactly. Who enters at 0 is at risk from day 0 on; who enters later, from the day after.
struct SurvivalCounts {
  std::map<int32_t, std::array<int64_t, 3>> by_day;  // entered, lost, censored

  // Preconditions: 0 <= entry <= exit, and entry < exit where entry > 0.
  void Add(const TenureSpan& span);
  // Customers who entered at 0 and were lost, or censored, on the day.
  void AddMany(int32_t day, int64_t lost, int64_t censored);
  void Merge(const SurvivalCounts& other);
  void Encode(ByteWriter* writer) const;
  static SurvivalCounts Decode(ByteReader* reader);
  int64_t customers() const;
  bool operator==(const SurvivalCounts&) const = default;
};

struct SurvivalPoint {
  int32_t day = 0;                  // of tenure
  int64_t at_risk = 0;              // on the day, before its losses
  int64_t events = 0;               // lost on it
  double survival = 1;              // share that is still there after the day
  std::optional<double> low, high;  // 95 %; none where nobody is left
};

// One point per day with a loss, ascending; none: nobody was lost.
std::vector<SurvivalPoint> KaplanMeier(const SurvivalCounts& counts);
// The first day after which no more than half are left; nullopt: more are, as long as is known.
std::optional<int32_t> MedianTenure(std::span<const SurvivalPoint> points);

}  // namespace strata
