// What the rows of a table say of the quality of one column, by sums over shards. Keeps the laws of a partial
// (model/fitter.h). Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/date.h"
#include "data/reports/outliers.h"
#include "run/table_schema.h"

namespace strata {

// More words than this are not told apart: every shard hands over the hash of each.
inline constexpr size_t kMaxCountedWords = 4096;

// Different words, by their hashes; from kMaxCountedWords + 1 on only that there are too many.
class WordCount {
 public:
  void Add(std::string_view word);
  void Merge(const WordCount& other);
  void Encode(ByteWriter* writer) const;
  static WordCount Decode(ByteReader* reader);
  std::optional<int64_t> count() const;  // nullopt: too many

 private:
  void Settle();

  bool too_many_ = false;
  std::vector<uint64_t> hashes_;  // ascending, without the last ones that are still to be settled
  size_t settled_ = 0;
};

struct ColumnQuality {
  int64_t rows = 0;
  int64_t present = 0;
  int64_t future = 0;        // days and times after the date
  int64_t orphans = 0;       // values that name nobody and nothing
  bool has_orphans = false;  // whether that was asked
  OutlierHistogram values;   // of numbers
  WordCount words;           // of words

  void Merge(const ColumnQuality& other);
  void Encode(ByteWriter* writer) const;
  static ColumnQuality Decode(ByteReader* reader);
};

// Whether values of the type are numbers of which some can be outliers; and by what the stored whole number is divided.
bool IsMeasured(ValueType type);
int64_t ScaleOf(ValueType type);
// The day of a stored day or time.
int64_t DayOf(ValueType type, int64_t stored);

// Which column of a table a reason of rejection speaks of, and how the value was wrong.
enum class RejectKind : uint8_t { kMissing, kMalformed, kOutOfRange };
struct RejectedColumn {
  std::string column;
  RejectKind kind = RejectKind::kMalformed;
};
// `columns` are the fields of the table. nullopt: the reason is of a whole record, or names no column.
std::optional<RejectedColumn> ColumnOfReason(std::string_view reason, const std::vector<std::string>& columns);

}  // namespace strata
