#include "model/lifetime/base_history.h"

#include <algorithm>
#include <cmath>

#include "model/statistics/integer_sums.h"

namespace strata {
namespace {

constexpr int kMonthsOfYear = 12;
constexpr int kEpochYear = 1970;

int64_t Sum(const std::map<Day, int64_t>& by_day) {
  int64_t sum = 0;
  for (const auto& [day, count] : by_day) sum += count;
  return sum;
}

// The coordinator alone takes logarithms, of sums over the whole base.
double LogSum(const std::vector<int64_t>& counts, double time_unit_days) {
  double sum = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] != 0) sum += static_cast<double>(counts[i]) * std::log(static_cast<double>(i + 1) / time_unit_days);
  }
  return sum;
}

// Most counts of a shard are small, and there is one for every day and pair of months.
void EncodeWhole(Int128 value, ByteWriter* writer) {
  auto rest = static_cast<UInt128>(value) << 1 ^ static_cast<UInt128>(value < 0 ? -1 : 0);  // the sign is the last bit
  for (; rest >= 0x80; rest >>= 7) writer->U8(static_cast<uint8_t>(rest | 0x80));
  writer->U8(static_cast<uint8_t>(rest));
}

Int128 DecodeWhole(ByteReader* reader) {
  UInt128 value = 0;
  for (int shift = 0; shift < 128 && reader->ok(); shift += 7) {
    const uint8_t byte = reader->U8();
    value |= static_cast<UInt128>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) break;
  }
  return static_cast<Int128>(value >> 1) ^ -static_cast<Int128>(value & 1);
}

int64_t DecodeCount(ByteReader* reader) { return static_cast<int64_t>(DecodeWhole(reader)); }

void EncodeDays(const std::map<Day, int64_t>& by_day, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(by_day.size()));
  Day previous = 0;
  for (const auto& [day, count] : by_day) {
    EncodeWhole(static_cast<Int128>(day) - previous, writer);
    EncodeWhole(count, writer);
    previous = day;
  }
}

std::map<Day, int64_t> DecodeDays(ByteReader* reader) {
  std::map<Day, int64_t> by_day;
  const uint32_t size = reader->U32();
  Int128 day = 0;
  for (uint32_t i = 0; i < size && reader->ok(); ++i) {
    day += DecodeWhole(reader);
    by_day.emplace_hint(by_day.end(), static_cast<Day>(day), DecodeCount(reader));
  }
  return by_day;
}

void EncodeCounts(const std::vector<int64_t>& counts, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(counts.size()));
  for (const int64_t count : counts) EncodeWhole(count, writer);
}

std::vector<int64_t> DecodeCounts(ByteReader* reader) {
  std::vector<int64_t> counts;
  const uint32_t size = reader->U32();
  for (uint32_t i = 0; i < size && reader->ok(); ++i) counts.push_back(DecodeCount(reader));
  return counts;
}

}  // namespace

int32_t MonthOf(Day day) {
  const CivilDate date = ToCivil(day);
  return (date.year - kEpochYear) * kMonthsOfYear + date.month - 1;
}

Day FirstDayOfMonth(int32_t month) {
  const int years = (month >= 0 ? month : month - kMonthsOfYear + 1) / kMonthsOfYear;
  return ToDay({.year = kEpochYear + years, .month = month - years * kMonthsOfYear + 1, .day = 1});
}

void BaseHistory::Cell::Add(const Cell& other) {
  buyers += other.buyers;
  repeat_purchases += other.repeat_purchases;
  net_micros += other.net_micros;
  repeat_net_micros += other.repeat_net_micros;
}

int64_t BaseHistory::customers() const { return Sum(births); }

int64_t BaseHistory::repeat_purchases() const { return Sum(repeats); }

double BaseHistory::LogGaps(double time_unit_days) const { return LogSum(gaps, time_unit_days); }

double BaseHistory::LogGapsBefore(double time_unit_days) const { return LogSum(gaps_before, time_unit_days); }

std::optional<double> BaseHistory::MergedShare() const {
  if (purchases <= 0) return std::nullopt;
  const int64_t merged = std::max<int64_t>(0, purchases - purchase_days);
  return static_cast<double>(merged) / static_cast<double>(purchases);
}

void BaseHistory::Merge(const BaseHistory& other) {
  const BaseHistory added = other;  // so that one can be merged with itself
  for (const auto& [day, count] : added.births) births[day] += count;
  for (const auto& [day, count] : added.repeats) repeats[day] += count;
  for (const auto& [months, cell] : added.cohorts) {
    Cell& sum = cohorts[months];
    sum.Add(cell);
    if (sum == Cell{}) cohorts.erase(months);
  }
  AddInto(&gaps, added.gaps);
  AddInto(&gaps_before, added.gaps_before);
  purchases += added.purchases;
  purchase_days += added.purchase_days;
  purchases_are_orders = purchases_are_orders || added.purchases_are_orders;
}

void BaseHistory::Encode(ByteWriter* writer) const {
  EncodeDays(births, writer);
  EncodeDays(repeats, writer);
  writer->U32(static_cast<uint32_t>(cohorts.size()));
  for (const auto& [months, cell] : cohorts) {
    writer->I32(months.first);
    EncodeWhole(static_cast<Int128>(months.second) - months.first, writer);
    EncodeWhole(cell.buyers, writer);
    EncodeWhole(cell.repeat_purchases, writer);
    EncodeWhole(cell.net_micros, writer);
    EncodeWhole(cell.repeat_net_micros, writer);
  }
  EncodeCounts(gaps, writer);
  EncodeCounts(gaps_before, writer);
  writer->I64(purchases);
  writer->I64(purchase_days);
  writer->U8(purchases_are_orders ? 1 : 0);
}

BaseHistory BaseHistory::Decode(ByteReader* reader) {
  BaseHistory history;
  history.births = DecodeDays(reader);
  history.repeats = DecodeDays(reader);
  const uint32_t cells = reader->U32();
  for (uint32_t i = 0; i < cells && reader->ok(); ++i) {
    const int32_t birth = reader->I32();
    const auto month = static_cast<int32_t>(birth + DecodeWhole(reader));
    Cell cell;
    cell.buyers = DecodeCount(reader);
    cell.repeat_purchases = DecodeCount(reader);
    cell.net_micros = DecodeWhole(reader);
    cell.repeat_net_micros = DecodeWhole(reader);
    history.cohorts.emplace_hint(history.cohorts.end(), Months(birth, month), cell);
  }
  history.gaps = DecodeCounts(reader);
  history.gaps_before = DecodeCounts(reader);
  history.purchases = reader->I64();
  history.purchase_days = reader->I64();
  history.purchases_are_orders = reader->U8() != 0;
  return history;
}

}  // namespace strata
