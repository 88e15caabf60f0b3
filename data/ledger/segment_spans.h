// The columns of a segment wherever they lie: in a mapped file or in memory while a segment is made. Views; plain
// values.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "data/ledger/ledger.h"

namespace strata {

// Days of one customer or of all, one per day and file, ascending by both within a customer.
struct DaySpans {
  std::span<const Day> day;
  std::span<const int32_t> file;
  std::span<const int64_t> net_micros;
  std::span<const int32_t> rows;
  std::span<const int32_t> return_rows;

  size_t size() const { return day.size(); }
  DaySpans Part(size_t begin, size_t count) const {
    return {day.subspan(begin, count), file.subspan(begin, count), net_micros.subspan(begin, count),
            rows.subspan(begin, count), return_rows.subspan(begin, count)};
  }
};

struct LineSpans {
  std::span<const uint64_t> transaction_high;
  std::span<const uint64_t> transaction_low;
  std::span<const Day> day;
  std::span<const int16_t> minute;
  std::span<const int64_t> net_micros;
  std::span<const uint8_t> is_return;
  std::span<const int32_t> file;
  std::span<const int64_t> updated_at_us;
  std::span<const uint64_t> row_hash;
  std::span<const uint8_t> differs;

  LedgerLine At(size_t i) const {
    return {.transaction = {transaction_high[i], transaction_low[i]},
            .day = day[i],
            .minute = minute[i],
            .is_return = is_return[i],
            .differs = differs[i],
            .file = file[i],
            .net_micros = net_micros[i],
            .updated_at_us = updated_at_us[i],
            .row_hash = row_hash[i]};
  }
};

struct SegmentSpans {
  // One per customer, in the order (hash, id); offsets have one value more, the first is 0.
  std::span<const uint64_t> hash;
  std::span<const int32_t> id_offsets;
  const char* ids = nullptr;
  std::span<const int32_t> day_offsets;
  std::span<const int32_t> line_offsets;  // empty without lines

  DaySpans days;
  LineSpans lines;

  size_t customers() const { return hash.size(); }
  bool has_lines() const { return !line_offsets.empty(); }
  std::string_view id(size_t customer) const {
    const int32_t begin = id_offsets[customer];
    return {ids + begin, static_cast<size_t>(id_offsets[customer + 1] - begin)};
  }
  DaySpans DaysOf(size_t customer) const {
    const auto begin = static_cast<size_t>(day_offsets[customer]);
    return days.Part(begin, static_cast<size_t>(day_offsets[customer + 1]) - begin);
  }
  size_t LinesBegin(size_t customer) const { return static_cast<size_t>(line_offsets[customer]); }
  size_t LinesEnd(size_t customer) const { return static_cast<size_t>(line_offsets[customer + 1]); }
};

}  // namespace strata
