// The Parquet files of a synthetic base: transactions, the truth about customers, products. Pure functions; thread-safe
// but for TruthParquet.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/synthetic/life.h"
#include "data/synthetic/world.h"

namespace strata {

// `rows` belong to customers from `first_customer` on, `customers` of them. Errors: parquet_columns.h.
absl::StatusOr<std::string> EncodeTransactionsParquet(const World& world, const std::vector<SyntheticRow>& rows,
                                                      uint32_t first_customer, uint32_t customers);

// truth.parquet, a row a customer, appended in the order of their numbers. Not thread-safe.
class TruthParquet {
 public:
  explicit TruthParquet(const World& world);
  ~TruthParquet();
  absl::Status Append(uint32_t first_customer, std::span<const CustomerTruth> truths);
  absl::StatusOr<std::string> Finish();

 private:
  struct Columns;
  std::unique_ptr<Columns> columns_;
};

// products.parquet: product_id, rank, probability of a line, list price.
absl::StatusOr<std::string> EncodeProductsParquet(const World& world);

}  // namespace strata
