// Exact quantiles of named columns over all customers, several shares of a column in the same rounds: what
// percentile_disc of a condition is (docs/segments.md). Customers without a value do not count.
//
// Not a model of its own kind: a fitter around it says where the columns come from. Plain values and pure functions;
// not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "model/columns.h"
#include "model/statistics/grouped_quantiles.h"
#include "model/statistics/number_order.h"

namespace strata {

struct ColumnQuantilesRequest {
  std::vector<std::string> columns;  // ascending
  GroupedRequest request;            // a group is a column

  void Encode(ByteWriter* writer) const;
  static ColumnQuantilesRequest Decode(ByteReader* reader);
  bool operator==(const ColumnQuantilesRequest&) const = default;
};

// The partial of one shard. INTERNAL (PERCENTILE_COLUMN_MISSING) where it has no such column, or one of texts.
absl::StatusOr<GroupedPartial> CountColumns(const ColumnQuantilesRequest& request, const ColumnSet& shard);

class ColumnQuantiles {
 public:
  using Target = std::pair<std::string, int64_t>;  // column, share in millionths

  explicit ColumnQuantiles(const std::vector<Target>& targets);

  // What the next round must count; nullopt when every quantile is known, which it is at once without targets.
  std::optional<ColumnQuantilesRequest> Next() const;
  // Takes the merged partial of the last Next(). INTERNAL when it does not belong to it.
  absl::Status Absorb(const GroupedPartial& merged);

  // By target: the value, that of a number as its order; nullopt where no customer has one. Precondition: Next() is
  // nullopt.
  std::map<Target, std::optional<int64_t>> Result() const;

 private:
  std::vector<Target> targets_;
  std::vector<std::string> columns_;
  std::vector<int64_t> shares_;  // of all columns, ascending
  GroupedQuantiles quantiles_;
};

}  // namespace strata
