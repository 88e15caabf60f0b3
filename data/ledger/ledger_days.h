// The rows of a ledger as people take them elsewhere: days of customers, in the order of the ledger. Pure functions;
// thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/status.h"
#include "data/ledger/shard.h"

namespace strata {

// All accepted rows of a customer on one day, over all files.
struct CustomerDay {
  std::string_view id;  // valid during the call that hands it out
  Day day = 0;
  int64_t net_micros = 0;  // returns subtracted
  int64_t rows = 0;        // 1 or more
  int64_t return_rows = 0;
  bool is_purchase() const { return rows > return_rows; }
};

// Visits the days of a shard up to and including `last`, customers by (hash, id), each one's days ascending. Errors of
// `visit` end it; OUT_OF_RANGE (NET_OVERFLOW) as for UpdateShard.
absl::Status ForEachDay(const LedgerShard& shard, Day last,
                        const std::function<absl::Status(const CustomerDay& day)>& visit);

}  // namespace strata
