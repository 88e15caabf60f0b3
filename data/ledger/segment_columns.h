// The columns of a segment while it is made. Plain values, not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/ledger/ledger.h"
#include "data/ledger/segment_spans.h"

namespace strata {

struct SegmentColumns {
  // One per customer, in the order (hash, id). Offsets have one value more; the first is 0.
  std::vector<uint64_t> hash;
  std::string ids;
  std::vector<int32_t> id_offsets = {0};
  std::vector<int32_t> day_offsets = {0};
  std::vector<int32_t> line_offsets = {0};

  // One per day and file of a customer, ascending by both.
  std::vector<Day> day;
  std::vector<int32_t> file;
  std::vector<int64_t> net_micros;
  std::vector<int32_t> rows;
  std::vector<int32_t> return_rows;

  // One per line; see LedgerLine.
  std::vector<uint64_t> transaction_high;
  std::vector<uint64_t> transaction_low;
  std::vector<Day> line_day;
  std::vector<int16_t> line_minute;
  std::vector<int64_t> line_net_micros;
  std::vector<uint8_t> line_is_return;
  std::vector<int32_t> line_file;
  std::vector<int64_t> line_updated_at_us;
  std::vector<uint64_t> line_row_hash;
  std::vector<uint8_t> line_differs;

  void Reserve(size_t customers, size_t days, size_t lines);  // at most about so many
  void AddDays(const DaySpans& days);
  void AddLine(const LedgerLine& line);
  // Closes the lists of a customer; OUT_OF_RANGE (SEGMENT_TOO_LARGE) past the limits of a segment.
  absl::Status EndCustomer(uint64_t customer_hash, std::string_view id);

  size_t items() const { return day.size() + line_day.size(); }
  // Valid until the columns change.
  SegmentSpans Spans(bool has_lines) const;
};

// The bytes of the Arrow file. DATA_LOSS (LEDGER_CORRUPT) when an id is not UTF-8.
absl::StatusOr<std::string> EncodeSegment(const SegmentColumns& columns, bool has_lines);

}  // namespace strata
