#include "model/statistics/ranked_values.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace strata {
namespace {

absl::Status Mismatch(std::string_view what) {
  return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH",
                   fmt::format("a partial of ranked values does not belong to its round: {}", what));
}

// Seven bits a byte, the lowest first; the top bit says that more follow.
void AppendVarint(uint64_t value, std::vector<uint8_t>* bytes) {
  for (; value >= 0x80; value >>= 7) bytes->push_back(static_cast<uint8_t>(value | 0x80));
  bytes->push_back(static_cast<uint8_t>(value));
}

// False when the bytes end within the number, or it has more than 64 bits.
bool TakeVarint(const std::vector<uint8_t>& bytes, size_t* at, uint64_t* value) {
  *value = 0;
  for (int shift = 0; shift < 64 && *at < bytes.size(); shift += 7) {
    const uint8_t byte = bytes[(*at)++];
    *value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

std::vector<RankedPartial::Run> Sum(const std::vector<RankedPartial::Run>& a,
                                    const std::vector<RankedPartial::Run>& b) {
  std::vector<RankedPartial::Run> sum;
  sum.reserve(a.size() + b.size());
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (a[i].first == b[j].first) {
      sum.emplace_back(a[i].first, a[i].second + b[j].second);
      ++i;
      ++j;
    } else {
      sum.push_back(a[i].first < b[j].first ? a[i++] : b[j++]);
    }
  }
  sum.insert(sum.end(), a.begin() + static_cast<std::ptrdiff_t>(i), a.end());
  sum.insert(sum.end(), b.begin() + static_cast<std::ptrdiff_t>(j), b.end());
  return sum;
}

RankedTotals TotalsOf(std::span<const int64_t> values) {
  RankedTotals totals;
  totals.count = static_cast<int64_t>(values.size());
  for (const int64_t value : values) {
    totals.positive += value > 0 ? 1 : 0;
    totals.zero += value == 0 ? 1 : 0;
    totals.negative += value < 0 ? 1 : 0;
    (value > 0 ? totals.sum_positive : totals.sum_negative) += value;
    totals.least = std::min(totals.least, value);
    totals.greatest = std::max(totals.greatest, value);
  }
  return totals;
}

}  // namespace

void RankedRequest::Encode(ByteWriter* writer) const {
  writer->U8(static_cast<uint8_t>(kind));
  windows.Encode(writer);
  writer->I64(low);
  writer->I64(high);
}

RankedRequest RankedRequest::Decode(ByteReader* reader) {
  RankedRequest request;
  request.kind = static_cast<Kind>(std::min<uint8_t>(reader->U8(), static_cast<uint8_t>(Kind::kValues)));
  request.windows = QuantileRequest::Decode(reader);
  request.low = reader->I64();
  request.high = reader->I64();
  return request;
}

void RankedPartial::Merge(const RankedPartial& other) {
  totals.count += other.totals.count;
  totals.positive += other.totals.positive;
  totals.zero += other.totals.zero;
  totals.negative += other.totals.negative;
  totals.sum_positive += other.totals.sum_positive;
  totals.sum_negative += other.totals.sum_negative;
  totals.least = std::min(totals.least, other.totals.least);
  totals.greatest = std::max(totals.greatest, other.totals.greatest);
  windows.Merge(other.windows);
  runs = runs.empty() ? other.runs : Sum(runs, other.runs);
}

void RankedPartial::Encode(ByteWriter* writer) const {
  for (const int64_t count : {totals.count, totals.positive, totals.zero, totals.negative}) writer->I64(count);
  writer->I128(totals.sum_positive);
  writer->I128(totals.sum_negative);
  writer->I64(totals.least);
  writer->I64(totals.greatest);
  windows.Encode(writer);
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < runs.size(); ++i) {
    // The first value with its sign in the lowest bit, then distances.
    const auto value = static_cast<uint64_t>(runs[i].first);
    AppendVarint(i == 0 ? (value << 1) ^ (runs[i].first < 0 ? ~uint64_t{0} : 0)
                        : value - static_cast<uint64_t>(runs[i - 1].first),
                 &bytes);
    AppendVarint(static_cast<uint64_t>(runs[i].second), &bytes);
  }
  writer->Array(bytes);
}

RankedPartial RankedPartial::Decode(ByteReader* reader) {
  RankedPartial partial;
  for (int64_t* count :
       {&partial.totals.count, &partial.totals.positive, &partial.totals.zero, &partial.totals.negative}) {
    *count = reader->I64();
  }
  partial.totals.sum_positive = reader->I128();
  partial.totals.sum_negative = reader->I128();
  partial.totals.least = reader->I64();
  partial.totals.greatest = reader->I64();
  partial.windows = QuantilePartial::Decode(reader);
  const std::vector<uint8_t> bytes = reader->Array<uint8_t>();
  uint64_t value = 0;
  for (size_t at = 0; at < bytes.size();) {
    uint64_t step = 0;
    uint64_t count = 0;
    if (!TakeVarint(bytes, &at, &step) || !TakeVarint(bytes, &at, &count)) {
      partial.runs.clear();  // Absorb then finds that values are missing
      return partial;
    }
    value = partial.runs.empty() ? (step >> 1) ^ (~(step & 1) + 1) : value + step;
    partial.runs.emplace_back(static_cast<int64_t>(value), static_cast<int64_t>(count));
  }
  return partial;
}

RankedPartial CollectRanked(const RankedRequest& request, std::span<const int64_t> values) {
  RankedPartial partial;
  if (request.kind == RankedRequest::Kind::kTotals) partial.totals = TotalsOf(values);
  if (request.kind == RankedRequest::Kind::kWindows) partial.windows = CountValues(request.windows, values);
  if (request.kind != RankedRequest::Kind::kValues) return partial;
  std::vector<int64_t> inside;
  for (const int64_t value : values) {
    if (value >= request.low && value <= request.high) inside.push_back(value);
  }
  std::sort(inside.begin(), inside.end());
  for (const int64_t value : inside) {
    if (partial.runs.empty() || partial.runs.back().first != value) partial.runs.emplace_back(value, 0);
    ++partial.runs.back().second;
  }
  return partial;
}

std::optional<RankedRequest> RankedValues::Next() const {
  if (!started_) return RankedRequest();
  if (quantiles_.has_value()) {
    return RankedRequest{.kind = RankedRequest::Kind::kWindows, .windows = *quantiles_->Next(), .low = 0, .high = 0};
  }
  if (windows_.empty()) return std::nullopt;
  return RankedRequest{.kind = RankedRequest::Kind::kValues,
                       .windows = {},
                       .low = windows_.back().first,
                       .high = windows_.back().second};
}

absl::Status RankedValues::AbsorbTotals(const RankedPartial& merged) {
  started_ = true;
  totals_ = merged.totals;
  if (totals_.count == 0) return absl::OkStatus();
  if (totals_.least > totals_.greatest) return Mismatch("no least and greatest value");
  const int64_t windows = (totals_.count + window_ - 1) / window_;
  if (windows == 1) {
    MakeWindows({});
    return absl::OkStatus();
  }
  std::vector<QuantileTarget> targets;
  for (int64_t i = 1; i < windows; ++i) targets.push_back({i, windows});
  quantiles_.emplace(std::move(targets));
  return absl::OkStatus();
}

void RankedValues::MakeWindows(const std::vector<int64_t>& bounds) {
  int64_t low = totals_.least;
  for (const int64_t bound : bounds) {
    if (bound < low || bound >= totals_.greatest) continue;  // a value of more than a window's count
    windows_.emplace_back(low, bound);
    low = bound + 1;
  }
  windows_.emplace_back(low, totals_.greatest);
}

absl::Status RankedValues::Absorb(const RankedPartial& merged, const Visit& visit) {
  if (!Next().has_value()) return Mismatch("every value was shown");
  if (!started_) return AbsorbTotals(merged);
  if (quantiles_.has_value()) {
    STRATA_RETURN_IF_ERROR(quantiles_->Absorb(merged.windows));
    if (quantiles_->Next().has_value()) return absl::OkStatus();
    const std::vector<int64_t> bounds = quantiles_->values();
    quantiles_.reset();
    MakeWindows(bounds);
    return absl::OkStatus();
  }
  const auto [low, high] = windows_.back();
  windows_.pop_back();
  for (auto run = merged.runs.rbegin(); run != merged.runs.rend(); ++run) {
    if (run->first < low || run->first > high || run->second <= 0) return Mismatch("a value outside of its window");
    shown_ += run->second;
    visit(run->first, run->second);
  }
  if (windows_.empty() && shown_ != totals_.count) {
    return Mismatch(fmt::format("{} values were shown, there are {}", shown_, totals_.count));
  }
  return absl::OkStatus();
}

}  // namespace strata
