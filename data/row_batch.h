// Accepted transaction rows of one shard, column by column: what ingest hands to the ledger. Plain values, not
// thread-safe. All columns have the same length; the last three only where the job maps transaction_id, else empty.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/date.h"
#include "base/hash.h"

namespace strata {

// Many short texts in one buffer.
class TextColumn {
 public:
  void Append(std::string_view text) {
    bytes_.append(text);
    ends_.push_back(static_cast<uint64_t>(bytes_.size()));
  }
  std::string_view operator[](size_t i) const {
    const uint64_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }
  // Appends texts of another column, by their positions.
  void AppendFrom(const TextColumn& from, const uint32_t* positions, size_t count) {
    // Nearly all texts are short: copying a fixed number of bytes is quicker than asking how many there are.
    constexpr size_t kStep = 16;
    size_t added = 0;
    for (size_t i = 0; i < count; ++i) added += from.BytesAt(positions[i]);
    const size_t begin = bytes_.size();
    bytes_.resize(begin + added + kStep);
    ends_.reserve(ends_.size() + count);
    char* at = bytes_.data() + begin;
    const char* const source_end = from.bytes_.data() + from.bytes_.size();
    for (size_t i = 0; i < count; ++i) {
      const std::string_view text = from[positions[i]];
      const bool room = static_cast<size_t>(source_end - text.data()) >= kStep;
      std::memcpy(at, text.data(), text.size() <= kStep && room ? kStep : text.size());
      at += text.size();
      ends_.push_back(static_cast<uint64_t>(at - bytes_.data()));
    }
    bytes_.resize(begin + added);
  }
  void Reserve(size_t texts, size_t bytes) {
    ends_.reserve(texts);
    bytes_.reserve(bytes);
  }
  size_t size() const { return ends_.size(); }
  void Clear() {
    bytes_.clear();
    ends_.clear();
  }

  // The column as it lies in memory: all texts one after another, and where each one ends.
  std::string_view bytes() const { return bytes_; }
  const std::vector<uint64_t>& ends() const { return ends_; }
  // Preconditions: `ends` never falls and its last value is bytes.size() (0 where there is none).
  static TextColumn FromParts(std::string bytes, std::vector<uint64_t> ends) {
    TextColumn column;
    column.bytes_ = std::move(bytes);
    column.ends_ = std::move(ends);
    return column;
  }
  bool operator==(const TextColumn&) const = default;

 private:
  size_t BytesAt(size_t i) const { return ends_[i] - (i == 0 ? 0 : ends_[i - 1]); }

  std::string bytes_;
  std::vector<uint64_t> ends_;
};

struct RowBatch {
  std::vector<uint64_t> hash;       // XXH3-64 of the customer id
  TextColumn id;                    // customer id
  std::vector<Day> day;             // local calendar day of the job's time zone
  std::vector<int16_t> minute;      // local minute of that day, 0..1439; 0 for a date without time
  std::vector<int64_t> net_micros;  // what the row adds to the customer's net: a return counts as -|amount|
  std::vector<uint8_t> is_return;   // 0 or 1
  std::vector<int32_t> file;        // file number in the ledger's file registry
  // Identity of the transaction, where transaction_id is mapped.
  std::vector<Hash128> transaction;    // XXH3-128 of the transaction id
  std::vector<int64_t> updated_at_us;  // microseconds since 1970 UTC; smallest int64 where not mapped
  std::vector<uint64_t> row_hash;      // XXH3-64 over the canonical text of all mapped values, in field order

  size_t size() const { return hash.size(); }
  void Reserve(size_t rows, bool has_transactions) {
    constexpr size_t kIdBytes = 12;  // of a usual customer; more take more room when it comes to that
    hash.reserve(rows);
    id.Reserve(rows, rows * kIdBytes);
    day.reserve(rows);
    minute.reserve(rows);
    net_micros.reserve(rows);
    is_return.reserve(rows);
    file.reserve(rows);
    if (!has_transactions) return;
    transaction.reserve(rows);
    updated_at_us.reserve(rows);
    row_hash.reserve(rows);
  }
  // Keeps the memory for the next rows.
  void Clear() {
    hash.clear();
    id.Clear();
    day.clear();
    minute.clear();
    net_micros.clear();
    is_return.clear();
    file.clear();
    transaction.clear();
    updated_at_us.clear();
    row_hash.clear();
  }
  bool operator==(const RowBatch&) const = default;
};

}  // namespace strata
