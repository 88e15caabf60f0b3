// Customers made up for tests of clustering: one numeric column "x", another "y", words "g", and whatever a test adds,
// split into any number of shards. Owns what shards() views.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/columns.h"
#include "model/customer_columns.h"

namespace strata {

struct MadeCustomer {
  double x = 0;        // NaN: missing
  double y = 0;        // NaN: missing
  std::string g = {};  // empty: missing
  int32_t purchase_days = 1;
};

class MadeShards {
 public:
  // Customer i has the hash HashOf(i) and goes to shard i % shards.
  MadeShards(const std::vector<MadeCustomer>& customers, uint32_t shards);
  const std::vector<ShardFeatures>& shards() const { return views_; }
  static uint64_t HashOf(size_t customer);

 private:
  struct Shard {
    std::vector<uint64_t> hash;
    std::vector<int32_t> purchase_days;
    std::vector<int64_t> net_micros;  // nothing
    std::vector<double> x, y;
    std::vector<int32_t> code;
    std::vector<std::string> words;
    ColumnSet columns;
  };
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<ShardFeatures> views_;
};

}  // namespace strata
