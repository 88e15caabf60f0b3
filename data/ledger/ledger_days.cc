#include "data/ledger/ledger_days.h"

#include "data/ledger/customer_rows.h"
#include "data/ledger/day_sum.h"
#include "data/ledger/merged_rows.h"

namespace strata {
namespace {

absl::Status VisitCustomer(const MergedRows& customer, Day last,
                           const std::function<absl::Status(const CustomerDay&)>& visit) {
  const DaySpans& days = customer.days();
  for (size_t i = 0; i < days.size() && days.day[i] <= last;) {
    const Day day = days.day[i];
    DaySum sum;
    for (; i < days.size() && days.day[i] == day; ++i) sum.Add(days.net_micros[i], days.rows[i], days.return_rows[i]);
    if (!FitsMicros(sum.net_micros)) return DayOverflow(customer.hash(), day, ToString(sum.net_micros), sum.rows);
    STRATA_RETURN_IF_ERROR(visit({.id = customer.id(),
                                  .day = day,
                                  .net_micros = static_cast<int64_t>(sum.net_micros),
                                  .rows = sum.rows,
                                  .return_rows = sum.return_rows}));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ForEachDay(const LedgerShard& shard, Day last,
                        const std::function<absl::Status(const CustomerDay& day)>& visit) {
  std::vector<SegmentSpans> segments;
  for (const LedgerSegment& segment : shard.segments) segments.push_back(segment.columns());
  MergedRows customers(std::move(segments), shard.removed_files);
  while (customers.Next()) STRATA_RETURN_IF_ERROR(VisitCustomer(customers, last, visit));
  return customers.status();
}

}  // namespace strata
