// Exact quantiles of int64 values within groups (a category, a cell of scores, peers of a region), all groups at once.
// The first round finds every group with its count, least and greatest value; groups that are too small are dropped
// there; further rounds refine the others, each as ExactQuantiles does (model/statistics/exact_quantiles.h).
//
// A group is a text, so that two groups can never be taken for one. Plain values and pure functions; not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "model/statistics/exact_quantiles.h"

namespace strata {

struct GroupedRequest {
  bool discover = true;  // the first round: count, least and greatest value of every group; `groups` is empty
  std::map<std::string, QuantileRequest> groups;

  void Encode(ByteWriter* writer) const;
  static GroupedRequest Decode(ByteReader* reader);
  bool operator==(const GroupedRequest&) const = default;
};

struct GroupedPartial {
  std::map<std::string, QuantilePartial> groups;

  void Merge(const GroupedPartial& other);
  void Encode(ByteWriter* writer) const;
  static GroupedPartial Decode(ByteReader* reader);
  bool operator==(const GroupedPartial&) const = default;
};

// The partial of rows (code of the group, value), which are sorted in place. `group` names the group of a code and is
// called once for each code that occurs; different codes have different groups.
GroupedPartial CountGroups(const GroupedRequest& request, std::vector<std::pair<uint64_t, int64_t>>* rows,
                           const std::function<std::string(uint64_t)>& group);

class GroupedQuantiles {
 public:
  struct Group {
    int64_t count = 0;
    std::vector<int64_t> values;        // one per target
    std::vector<QuantilePlace> places;  // of values
  };

  // Groups of fewer than `count_min` values get no quantiles. With more than `groups_max` large enough groups none gets
  // any and too_many() is true.
  GroupedQuantiles(std::vector<QuantileTarget> targets, int64_t count_min, size_t groups_max);

  // What the next round must count; nullopt when every quantile is known.
  std::optional<GroupedRequest> Next() const;
  // Takes the merged partial of the last Next(). INTERNAL when it does not belong to it.
  absl::Status Absorb(const GroupedPartial& merged);

  bool too_many() const { return too_many_; }
  // Precondition: Next() == nullopt.
  std::map<std::string, Group> Result() const;

 private:
  std::vector<QuantileTarget> targets_;
  int64_t count_min_;
  size_t groups_max_;
  bool discovered_ = false;
  bool too_many_ = false;
  std::map<std::string, ExactQuantiles> groups_;
};

}  // namespace strata
