// Sizes and profiles of the classes of a night: RFM segments, clusters, and customers without a purchase. Money is
// added in micros and other numbers on a fixed grid, so profiles merge exactly. A plain value; not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/int128.h"
#include "model/customer_score.h"

namespace strata {

// One class. Means are over its customers for whom the number is known; NaN where it is known of none.
struct SegmentProfileLine {
  std::string kind;  // "rfm", "cluster" or "class"
  std::string name;  // "champions", ...; "cluster-1", ... (cluster number + 1); "no_purchase"
  int64_t customers = 0;
  double share = 0;                                                    // of all customers added
  double mean_recency_days = 0, mean_purchase_days = 0, mean_net = 0;  // net in the job's currency
  double mean_p_alive = 0, mean_lifetime_value = 0, mean_churn_probability = 0;
  double sum_net = 0, sum_lifetime_value = 0;
};

// All customers added. Means as above; the sum of their net is exact.
struct ProfileTotals {
  int64_t customers = 0;
  Int128 net_micros = 0;
  double mean_p_alive = 0, mean_lifetime_value = 0, mean_churn_probability = 0;
};

class SegmentProfiles {
 public:
  // One customer as of the date. recency_days: days since the last purchase day; ignored without one.
  void Add(int64_t recency_days, const CustomerScore& score);

  void Merge(const SegmentProfiles& other);
  void Encode(ByteWriter* writer) const;
  static SegmentProfiles Decode(ByteReader* reader);
  bool operator==(const SegmentProfiles&) const = default;

  // RFM segments in the order of their numbers (all of them as soon as one has a customer), clusters by number, then
  // no_purchase (always).
  std::vector<SegmentProfileLine> Lines() const;
  ProfileTotals Totals() const;

 private:
  enum class Kind : uint8_t { kRfm = 0, kCluster = 1, kClass = 2 };

  struct Sum {
    Int128 total = 0;
    int64_t customers = 0;  // with the number
    bool operator==(const Sum&) const = default;
  };
  struct Sums {
    int64_t customers = 0;
    int64_t with_purchase = 0;
    Int128 recency_days = 0;
    Int128 purchase_days = 0;
    Int128 net_micros = 0;
    Sum p_alive, lifetime_value, churn_probability;

    void Merge(const Sums& other);
    void Encode(ByteWriter* writer) const;
    static Sums Decode(ByteReader* reader);
    bool operator==(const Sums&) const = default;
  };
  static void AddTo(int64_t recency_days, const CustomerScore& score, Sums* sums);
  SegmentProfileLine Line(const char* kind, std::string name, const Sums& sums) const;

  Sums all_;                                          // of every customer
  std::map<std::pair<Kind, int32_t>, Sums> classes_;  // by kind, then number
};

}  // namespace strata
