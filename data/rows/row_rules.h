// Which of several rows with one key counts, and in which order a customer's rows are stored. Not thread-safe; reused
// from customer to customer, so that none allocates.
//
// Of rows with one key the greatest counts in a total order over (greatest version, greatest row hash, smallest file,
// ...), as line_rules.h has it for transactions, so any grouping and order of merges finds the same row. The best row
// of every other file is stored beside it, so that the next best counts when a file is removed. Rows of a version table
// have their day beside the key: a date per file of the source is in no column.
//
// The order is (day, minute, key, row hash, columns in turn, file): what comes before the file is all that a reader
// sees of a row, so no numbering of files can show.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/rows/customer_order.h"
#include "data/rows/row_spans.h"

namespace strata {

class RowRules {
 public:
  // Views of both.
  RowRules(const TableLayout& layout, std::span<const RowSpans> sources) : layout_(layout), sources_(sources) {}

  // Rows of one customer, or all of a reference shard, in any order.
  void Settle(std::span<const RowAt> rows);

  // After Settle, in the order.
  std::span<const RowAt> stored() const { return stored_; }
  std::span<const RowAt> winners() const { return all_win_ ? stored_ : winners_; }  // one per key
  int64_t conflicts() const { return conflicts_; }                                  // keys whose rows differ in content

  const RowSpans& SourceOf(const RowAt& at) const { return sources_[at.source]; }
  uint64_t RowHash(const RowAt& at) const { return layout_.has_key ? SourceOf(at).row_hash[at.row] : 0; }

 private:
  Hash128 Key(const RowAt& at) const { return SourceOf(at).Key(at.row); }
  bool AllDistinct();
  bool SameKey(const RowAt& a, const RowAt& b) const;
  int CompareColumns(const RowAt& a, const RowAt& b) const;
  bool IsBetter(const RowAt& a, const RowAt& b) const;
  bool GroupsBefore(const RowAt& a, const RowAt& b) const;
  bool StoredBefore(const RowAt& a, const RowAt& b) const;
  void Sort(std::vector<RowAt>* rows) const;

  const TableLayout& layout_;
  std::span<const RowSpans> sources_;
  std::vector<RowAt> stored_, winners_;
  std::vector<uint64_t> keys_;
  bool all_win_ = true;
  int64_t conflicts_ = 0;
};

}  // namespace strata
