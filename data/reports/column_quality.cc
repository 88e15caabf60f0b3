#include "data/reports/column_quality.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/hash.h"
#include "base/local_minutes.h"

namespace strata {
namespace {

constexpr int64_t kMillion = 1'000'000;  // micros, millionths
constexpr std::string_view kMissing = "MISSING_";
constexpr std::string_view kMissingCustomer = "MISSING_CUSTOMER";
constexpr std::array<std::string_view, 4> kBeyond = {"OUT_OF_RANGE", "CHOICE_UNKNOWN", "ENDS_BEFORE_START",
                                                     "TOO_LARGE"};

std::string Upper(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

}  // namespace

void WordCount::Add(std::string_view word) {
  if (too_many_) return;
  hashes_.push_back(Hash64(word));
  if (hashes_.size() - settled_ > kMaxCountedWords) Settle();
}

void WordCount::Settle() {
  std::sort(hashes_.begin(), hashes_.end());
  hashes_.erase(std::unique(hashes_.begin(), hashes_.end()), hashes_.end());
  settled_ = hashes_.size();
  if (settled_ <= kMaxCountedWords) return;
  too_many_ = true;
  hashes_.clear();
  settled_ = 0;
}

void WordCount::Merge(const WordCount& other) {
  too_many_ = too_many_ || other.too_many_;
  hashes_.insert(hashes_.end(), other.hashes_.begin(), other.hashes_.end());
  if (too_many_) hashes_.clear();
  Settle();
}

void WordCount::Encode(ByteWriter* writer) const {
  WordCount settled = *this;
  settled.Settle();
  writer->U8(settled.too_many_ ? 1 : 0);
  writer->Array(settled.hashes_);
}

WordCount WordCount::Decode(ByteReader* reader) {
  WordCount count;
  count.too_many_ = reader->U8() != 0;
  count.hashes_ = reader->Array<uint64_t>();
  if (count.too_many_) count.hashes_.clear();
  count.Settle();
  return count;
}

std::optional<int64_t> WordCount::count() const {
  WordCount settled = *this;
  settled.Settle();
  return settled.too_many_ ? std::nullopt : std::optional(static_cast<int64_t>(settled.hashes_.size()));
}

void ColumnQuality::Merge(const ColumnQuality& other) {
  rows += other.rows;
  present += other.present;
  future += other.future;
  orphans += other.orphans;
  has_orphans = has_orphans || other.has_orphans;
  values.Merge(other.values);
  words.Merge(other.words);
}

void ColumnQuality::Encode(ByteWriter* writer) const {
  writer->I64(rows);
  writer->I64(present);
  writer->I64(future);
  writer->I64(orphans);
  writer->U8(has_orphans ? 1 : 0);
  values.Encode(writer);
  words.Encode(writer);
}

ColumnQuality ColumnQuality::Decode(ByteReader* reader) {
  ColumnQuality quality;
  quality.rows = reader->I64();
  quality.present = reader->I64();
  quality.future = reader->I64();
  quality.orphans = reader->I64();
  quality.has_orphans = reader->U8() != 0;
  quality.values = OutlierHistogram::Decode(reader);
  quality.words = WordCount::Decode(reader);
  return quality;
}

bool IsMeasured(ValueType type) {
  return type == ValueType::kInteger || type == ValueType::kDecimal || type == ValueType::kMoney ||
         type == ValueType::kShare;
}

int64_t ScaleOf(ValueType type) { return type == ValueType::kInteger ? 1 : kMillion; }

int64_t DayOf(ValueType type, int64_t stored) { return type == ValueType::kDay ? stored : DayOfMinutes(stored); }

std::optional<RejectedColumn> ColumnOfReason(std::string_view reason, const std::vector<std::string>& columns) {
  if (reason == kMissingCustomer) return RejectedColumn{"customer_id", RejectKind::kMissing};
  std::optional<RejectedColumn> found;
  for (const std::string& column : columns) {
    const std::string upper = Upper(column);
    if (reason.starts_with(kMissing) && reason.substr(kMissing.size()) == upper) {
      return RejectedColumn{column, RejectKind::kMissing};
    }
    // DATE_OUT_OF_RANGE and the like are of no column; a longer name that fits is the right one.
    if (!reason.starts_with(upper + "_") || (found.has_value() && found->column.size() > column.size())) continue;
    const std::string_view rest = reason.substr(upper.size() + 1);
    const bool beyond = std::find(kBeyond.begin(), kBeyond.end(), rest) != kBeyond.end();
    found = RejectedColumn{column, beyond ? RejectKind::kOutOfRange : RejectKind::kMalformed};
  }
  return found;
}

}  // namespace strata
