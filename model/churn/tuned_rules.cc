#include "model/churn/tuned_rules.h"

#include <algorithm>

#include "base/int128.h"

namespace strata {
namespace {

using Cells = RuleCounts::Cells;

void AddInto(Cells* cells, const Cells& other) {
  for (const auto& [value, counts] : other) {
    std::array<int64_t, 2>& mine = (*cells)[value];
    mine[0] += counts[0];
    mine[1] += counts[1];
  }
}

void EncodeCells(const Cells& cells, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(cells.size()));
  for (const auto& [value, counts] : cells) {
    writer->I32(value);
    writer->I64(counts[0]);
    writer->I64(counts[1]);
  }
}

Cells DecodeCells(ByteReader* reader) {
  Cells cells;
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    const int32_t value = reader->I32();
    const int64_t kept = reader->I64();
    cells[value] = {kept, reader->I64()};
  }
  return cells;
}

TunedRule Tune(const Cells& cells) {
  int64_t kept = 0;
  int64_t churned = 0;
  for (const auto& [value, counts] : cells) {
    kept += counts[0];
    churned += counts[1];
  }
  TunedRule best;
  if (kept == 0 || churned == 0) return best;
  best.found = true;
  // TPR - FPR of the rule "from value on" over the common denominator, as values below it are passed.
  Int128 gain = 0;
  Int128 best_gain = 0;
  int64_t kept_from = kept;
  int64_t churned_from = churned;
  bool first = true;
  for (const auto& [value, counts] : cells) {
    gain = static_cast<Int128>(churned_from) * kept - static_cast<Int128>(kept_from) * churned;
    if (first || gain > best_gain) {
      best_gain = gain;
      best.from = value;
    }
    first = false;
    kept_from -= counts[0];
    churned_from -= counts[1];
  }
  best.auc = 0.5 * (1 + ToDouble(best_gain) / (static_cast<double>(kept) * static_cast<double>(churned)));
  return best;
}

}  // namespace

int64_t GapRatioOf(int64_t days, int64_t span, int64_t gaps) {
  const Int128 ratio = (static_cast<Int128>(days) * gaps << kGapRatioBits) / span;
  return static_cast<int64_t>(std::min<Int128>(ratio, INT64_MAX));
}

int64_t GapCellOf(int64_t ratio) { return std::min(ratio >> (kGapRatioBits - kGapCellBits), kGapCellMax); }

void RuleCounts::Add(const CustomerColumns& columns, size_t row, bool churned) {
  const size_t outcome = churned ? 1 : 0;
  const int32_t days = columns.as_of - columns.last_day[row];
  ++by_recency[days][outcome];
  const int32_t own_gaps = columns.purchase_days[row] - 1;
  if (own_gaps == 0) {
    ++one_time[days][outcome];
    return;
  }
  const int32_t span = columns.last_day[row] - columns.first_day[row];
  span_days += span;
  gaps += own_gaps;
  ++by_gap[static_cast<int32_t>(GapCellOf(GapRatioOf(days, span, own_gaps)))][outcome];
}

void RuleCounts::Merge(const RuleCounts& other) {
  AddInto(&by_recency, other.by_recency);
  AddInto(&by_gap, other.by_gap);
  AddInto(&one_time, other.one_time);
  span_days += other.span_days;
  gaps += other.gaps;
}

void RuleCounts::Encode(ByteWriter* writer) const {
  for (const Cells* cells : {&by_recency, &by_gap, &one_time}) EncodeCells(*cells, writer);
  writer->I64(span_days);
  writer->I64(gaps);
}

RuleCounts RuleCounts::Decode(ByteReader* reader) {
  RuleCounts counts;
  for (Cells* cells : {&counts.by_recency, &counts.by_gap, &counts.one_time}) *cells = DecodeCells(reader);
  counts.span_days = reader->I64();
  counts.gaps = reader->I64();
  return counts;
}

int64_t TunedRules::GapRatio(const CustomerColumns& columns, size_t row) const {
  const int64_t days = columns.as_of - columns.last_day[row];
  const int64_t own_gaps = columns.purchase_days[row] - 1;
  if (own_gaps > 0) return GapRatioOf(days, columns.last_day[row] - columns.first_day[row], own_gaps);
  return gaps > 0 ? GapRatioOf(days, span_days, gaps) : 0;
}

TunedRules TuneRules(const RuleCounts& counts) {
  TunedRules rules;
  rules.span_days = counts.span_days;
  rules.gaps = counts.gaps;
  rules.inactivity = Tune(counts.by_recency);
  Cells by_gap = counts.by_gap;
  for (const auto& [days, outcomes] : counts.one_time) {
    const int64_t cell = counts.gaps > 0 ? GapCellOf(GapRatioOf(days, counts.span_days, counts.gaps)) : 0;
    AddInto(&by_gap, {{static_cast<int32_t>(cell), outcomes}});
  }
  rules.gap = Tune(by_gap);
  return rules;
}

}  // namespace strata
