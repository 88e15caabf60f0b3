// Rows of several batches and segments in the order of their customers: (hash, id). Views of spans that must outlive
// it. Immutable after construction, so thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "data/rows/row_spans.h"

namespace strata {

// Where a row is, and what its order begins with.
struct RowAt {
  uint64_t hash = 0;
  Day day = 0;
  uint32_t source = 0;
  uint32_t row = 0;
  uint32_t owner = 0;
  bool differs = false;  // its file has rows of its key with other content
};

// Whether the rows of a file no longer count. `removed_files` ascend.
bool IsRemoved(std::span<const int32_t> removed_files, int64_t file);

// Appends the rows of an owner, without those of removed files.
void AppendRows(std::span<const RowSpans> sources, size_t source, size_t owner, std::span<const int32_t> removed_files,
                std::vector<RowAt>* rows);

class CustomerOrder {
 public:
  // `rows` of these sources in any order.
  CustomerOrder(std::span<const RowSpans> sources, std::vector<RowAt> rows);

  size_t rows() const { return rows_.size(); }
  size_t customers() const { return begins_.size() - 1; }
  // In any order. Never empty.
  std::span<const RowAt> RowsOf(size_t customer) const {
    return std::span(rows_).subspan(begins_[customer], begins_[customer + 1] - begins_[customer]);
  }
  uint64_t hash(size_t customer) const { return rows_[begins_[customer]].hash; }
  std::string_view id(size_t customer) const { return IdOf(rows_[begins_[customer]]); }

 private:
  std::string_view IdOf(const RowAt& row) const { return sources_[row.source].id[row.owner]; }
  void SortByHash();
  void AddCustomers(size_t begin, size_t end);

  std::span<const RowSpans> sources_;
  std::vector<RowAt> rows_;
  std::vector<size_t> begins_;  // of each customer in rows_; the last one is rows_.size()
};

}  // namespace strata
