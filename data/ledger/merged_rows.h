// The segments of a shard read as one: customers in the order (hash, id), each with the days and lines that its one
// segment would have, whichever segments they lie in and whichever files were removed. Customers of a single segment
// are views of it, so that reading costs little where nothing was merged. Not thread-safe; the columns must outlive it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/ledger/customer_rows.h"
#include "data/ledger/segment_spans.h"

namespace strata {

class MergedRows {
 public:
  // `removed_files` ascend; their rows are left out. All segments have lines, or none has.
  MergedRows(std::vector<SegmentSpans> segments, std::span<const int32_t> removed_files);

  // Moves to the next customer with a row; false at the end, and when status() is not OK.
  bool Next();
  // Moves to this customer; false when it has no row, and when status() is not OK. Precondition: it comes after the one
  // at hand. What lies between is passed over in a time that grows with its logarithm.
  bool Seek(uint64_t hash, std::string_view id);
  const absl::Status& status() const { return status_; }

  // Of the customer at hand.
  uint64_t hash() const { return hash_; }
  std::string_view id() const { return id_; }
  const DaySpans& days() const { return days_; }
  bool has_lines() const { return has_lines_; }
  // Appends the lines that count in the order (day, minute, transaction); preconditions: has_lines().
  void AppendWinners(std::vector<LedgerLine>* lines) const;
  // The same and, for every other file, the best line that it has (line_rules.h).
  void AppendStored(std::vector<LedgerLine>* lines) const;
  int64_t Conflicts() const;

 private:
  struct Head {
    size_t segment = 0;
    size_t customer = 0;
  };

  bool FindCustomer();
  bool Take();
  bool IsRemoved(int32_t file) const;
  bool IsWhole(const SegmentSpans& segment, size_t customer) const;
  absl::Status Gather();

  std::vector<SegmentSpans> segments_;
  std::span<const int32_t> removed_files_;
  bool has_lines_ = false;

  std::vector<size_t> next_;  // customer by segment
  std::vector<Head> heads_;   // where the customer at hand lies
  bool direct_ = false;       // it lies in one segment, and all of that counts
  uint64_t hash_ = 0;
  std::string_view id_;
  DaySpans days_;
  CustomerRows gathered_;
  absl::Status status_;
};

}  // namespace strata
