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
  // What a day needs of a row lies beside its key, so that adding up customers reads memory in order.
  struct Row {
    uint64_t hash;
    int64_t net_micros;
    Day day;
    int32_t file;
    uint32_t row;
    uint32_t batch_and_return;  // batch × 2 + is_return

    uint32_t batch() const { return batch_and_return >> 1; }
    int32_t is_return() const { return static_cast<int32_t>(batch_and_return & 1); }
  };

  // Precondition: at most 2^31 - 1 batches, at most 2^32 - 1 rows in each.
  explicit FreshRows(const std::vector<RowBatch>& batches);

  size_t size() const { return rows_.size(); }
  size_t customers() const { return begins_.size() - 1; }
  uint64_t hash(size_t customer) const { return rows_[begins_[customer]].hash; }
  std::string_view id(size_t customer) const { return IdOf(rows_[begins_[customer]]); }
  // In the order of batches and rows, unless two customers share the hash.
  std::span<const Row> rows(size_t customer) const {
    return std::span(rows_).subspan(begins_[customer], begins_[customer + 1] - begins_[customer]);
  }
  // A hint that rows of the customer are read soon: they lie anywhere in their batches. Any number may be asked for.
  void Prefetch(size_t customer) const;
  const RowBatch& batch(const Row& row) const { return batches_[row.batch()]; }

 private:
  std::string_view IdOf(const Row& row) const { return batches_[row.batch()].id[row.row]; }
  void SortByHash();
  void AddCustomers(size_t begin, size_t end);

  const std::vector<RowBatch>& batches_;
  std::vector<Row> rows_;
  std::vector<size_t> begins_;  // of each customer in rows_; the last one is rows_.size()
};

}  // namespace strata
