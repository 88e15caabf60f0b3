// New rows in the order of the ledger: grouped by customer, customers in the order (hash, id). Views batches that must
// outlive it. Immutable after construction, so thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "data/row_batch.h"

namespace strata {

class FreshRows {
 public:
  struct Row {
    uint64_t hash;
    uint32_t batch;
    uint32_t row;
  };

  // Precondition: at most 2^32 - 1 batches, and rows in each.
  explicit FreshRows(const std::vector<RowBatch>& batches);

  size_t customers() const { return begins_.size() - 1; }
  uint64_t hash(size_t customer) const { return rows_[begins_[customer]].hash; }
  std::string_view id(size_t customer) const { return IdOf(rows_[begins_[customer]]); }
  // In no particular order within the customer.
  std::span<const Row> rows(size_t customer) const {
    return std::span(rows_).subspan(begins_[customer], begins_[customer + 1] - begins_[customer]);
  }
  const RowBatch& batch(const Row& row) const { return batches_[row.batch]; }

 private:
  std::string_view IdOf(const Row& row) const { return batches_[row.batch].id[row.row]; }
  void AddCustomers(size_t begin, size_t end);

  const std::vector<RowBatch>& batches_;
  std::vector<Row> rows_;
  std::vector<size_t> begins_;  // of each customer in rows_; the last one is rows_.size()
};

}  // namespace strata
