// The rows of one batch or one segment wherever they lie, read in one way. Views of what must outlive them; plain
// values.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "data/row_batch.h"
#include "data/rows/packed.h"
#include "data/rows/table_batch.h"

namespace strata {

// Texts in memory as a batch has them, or as an Arrow file does.
class TextSpan {
 public:
  TextSpan() = default;
  explicit TextSpan(const TextColumn& texts) : texts_(&texts) {}
  // `offsets` have one value more than there are texts.
  TextSpan(std::span<const int32_t> offsets, const char* bytes) : offsets_(offsets), bytes_(bytes) {}

  size_t size() const {
    if (texts_ != nullptr) return texts_->size();
    return offsets_.empty() ? 0 : offsets_.size() - 1;
  }
  std::string_view operator[](size_t i) const {
    if (texts_ != nullptr) return (*texts_)[i];
    const int32_t begin = offsets_[i];
    return {bytes_ + begin, static_cast<size_t>(offsets_[i + 1] - begin)};
  }

 private:
  const TextColumn* texts_ = nullptr;
  std::span<const int32_t> offsets_;
  const char* bytes_ = nullptr;
};

struct ColumnSpan {
  PackedSpan values;       // whole numbers, or codes
  int64_t first_code = 0;  // the value that stands for words[0]; the one before it says that there is none
  TextSpan words;

  // Preconditions of both: the column has such values.
  int64_t Whole(size_t row) const { return values[row]; }
  int32_t Code(size_t row) const { return static_cast<int32_t>(values[row] - first_code); }  // -1: missing
};

struct RowSpans {
  // Owners have the rows: of a segment its customers in the order (hash, id), of a batch every row has its own.
  std::span<const uint64_t> hash;
  TextSpan id;
  std::span<const int32_t> row_offsets;  // of a segment's customers, one more than there are; empty: a batch

  PackedSpan day, minute, file;
  // Where the table has a key, else empty.
  std::span<const Hash128> key;                 // of a batch
  std::span<const uint64_t> key_high, key_low;  // of a segment
  PackedSpan version;
  std::span<const uint64_t> row_hash;
  PackedSpan differs;  // may be empty: nowhere

  std::vector<ColumnSpan> columns;

  size_t rows() const { return day.size(); }
  size_t owners() const { return hash.size(); }
  bool is_segment() const { return !row_offsets.empty(); }
  size_t begin(size_t owner) const { return is_segment() ? static_cast<size_t>(row_offsets[owner]) : owner; }
  size_t end(size_t owner) const { return is_segment() ? static_cast<size_t>(row_offsets[owner + 1]) : owner + 1; }
  Hash128 Key(size_t row) const { return key.empty() ? Hash128{key_high[row], key_low[row]} : key[row]; }
  bool Differs(size_t row) const { return differs.size() > 0 && differs[row] != 0; }
};

// Precondition: CheckTableBatch is content with the batch.
RowSpans SpansOf(const TableBatch& batch);

}  // namespace strata
