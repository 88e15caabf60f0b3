// An even share of the customers, which a search looks at until it is near its optimum: much cheaper than all of them,
// and the same customers whatever the sharding, as whether one is in it is drawn from the hash of the customer alone.
// Plain values; thread-safe.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/int128.h"
#include "model/statistics/keyed_sample.h"

namespace strata {

// About so many customers are in a share: parameters fitted to them are within a few hundredths of those of all, from
// where Newton's method needs two or three steps.
inline constexpr int64_t kShareCustomers = 65'536;
// With fewer times as many customers a share saves next to nothing, for its rounds come on top.
inline constexpr int64_t kShareTimesMin = 4;

class CustomerShare {
 public:
  CustomerShare() = default;  // all customers
  // Of so many customers: about kShareCustomers of them, or all where these are not kShareTimesMin times as many.
  static CustomerShare Of(int64_t customers) {
    CustomerShare share;
    if (customers < kShareTimesMin * kShareCustomers) return share;
    share.draw_max_ = static_cast<uint64_t>((UInt128{kShareCustomers} << 64) / static_cast<UInt128>(customers));
    return share;
  }

  bool all() const { return draw_max_ == ~uint64_t{0}; }
  bool Has(uint64_t hash) const { return all() || KeyedDraw(0, DrawRound(DrawPurpose::kFitShare), hash) <= draw_max_; }

  void Encode(ByteWriter* writer) const { writer->U64(draw_max_); }
  static CustomerShare Decode(ByteReader* reader) {
    CustomerShare share;
    share.draw_max_ = reader->U64();
    return share;
  }

 private:
  uint64_t draw_max_ = ~uint64_t{0};
};

}  // namespace strata
