#include "data/snapshot/snapshot_diff.h"

#include <fmt/format.h>

#include <limits>
#include <map>

namespace strata {
namespace {

// Classes by number, so that moves come in one order: segments or clusters by theirs, then these.
constexpr int kNone = std::numeric_limits<int>::max() - 2;
constexpr int kNoPurchase = std::numeric_limits<int>::max() - 1;
constexpr int kNotThere = std::numeric_limits<int>::max();

int RfmClass(const CustomerScore& score) {
  if (score.purchase_days == 0) return kNoPurchase;
  return score.segment == RfmSegment::kNone ? kNone : static_cast<int>(score.segment);
}
int ClusterClass(const CustomerScore& score) {
  if (score.purchase_days == 0) return kNoPurchase;
  return score.cluster < 0 ? kNone : score.cluster;
}

std::string SpecialName(int number) {
  return number == kNoPurchase ? kClassNoPurchase : number == kNone ? kClassNone : "";
}
std::string RfmName(int number) { return number < kNone ? Name(static_cast<RfmSegment>(number)) : SpecialName(number); }
std::string ClusterName(int number) {
  return number < kNone ? fmt::format("cluster-{}", number + 1) : SpecialName(number);
}

// Customers by class in one snapshot and class in the other.
class Moves {
 public:
  explicit Moves(int (*class_of)(const CustomerScore&)) : class_of_(class_of) {}

  void AddBase(const CustomerScore& base, const CustomerScore* other) {
    ++counts_[{class_of_(base), other == nullptr ? kNotThere : class_of_(*other)}];
  }
  void AddEntered(const CustomerScore& other) { ++counts_[{kNotThere, class_of_(other)}]; }

  std::vector<ClassMove> Named(std::string (*name)(int)) const {
    std::vector<ClassMove> moves;
    for (const auto& [classes, customers] : counts_) {
      moves.push_back({.from = name(classes.first), .to = name(classes.second), .customers = customers});
    }
    return moves;
  }

 private:
  int (*class_of_)(const CustomerScore&);
  std::map<std::pair<int, int>, int64_t> counts_;
};

SnapshotFacts FactsOf(const Snapshot& snapshot) {
  const Manifest& manifest = snapshot.manifest();
  SnapshotFacts facts{.number = manifest.number,
                      .digest = manifest.digest,
                      .as_of = manifest.as_of,
                      .follows = manifest.follows,
                      .ledger_version = manifest.ledger_version,
                      .ledger_digest = manifest.ledger_digest,
                      .shards = manifest.shards,
                      .currency = manifest.currency,
                      .customers = manifest.customers,
                      .customers_with_purchase = manifest.customers_with_purchase,
                      .rows = manifest.rows,
                      .build = manifest.build,
                      .created_ms = manifest.created_ms};
  for (const ManifestEntry& entry : manifest.entries) facts.size_bytes += static_cast<int64_t>(entry.size_bytes);
  return facts;
}

std::optional<CustomerScore> FindIn(const Snapshot& snapshot, const ScoredCustomer& customer) {
  const auto shards = static_cast<uint32_t>(snapshot.parts().size());
  return snapshot.parts()[ShardOf(customer.hash, shards)].Find(customer.hash, customer.id);
}

// Calls visit(customer) for everybody, in the order of the parts.
template <typename Visit>
absl::Status ForEachCustomer(const Snapshot& snapshot, const std::function<bool()>& cancelled, Visit&& visit) {
  for (const LookupPart& part : snapshot.parts()) {
    for (uint64_t row = 0; row < part.size(); ++row) {
      if (row % kDriftChunkRows == 0 && cancelled && cancelled()) return DiffCancelled();
      visit(part.Row(row));
    }
  }
  return absl::OkStatus();
}

absl::Status CompareCustomers(const Snapshot& base, const Snapshot& other, const std::function<bool()>& cancelled,
                              SnapshotDiff* diff) {
  Moves rfm(RfmClass);
  Moves clusters(ClusterClass);
  STRATA_RETURN_IF_ERROR(ForEachCustomer(base, cancelled, [&](const ScoredCustomer& customer) {
    const std::optional<CustomerScore> found = FindIn(other, customer);
    const CustomerScore* there = found.has_value() ? &*found : nullptr;
    ++(there != nullptr ? diff->customers_in_both : diff->customers_left);
    rfm.AddBase(customer.score, there);
    clusters.AddBase(customer.score, there);
  }));
  STRATA_RETURN_IF_ERROR(ForEachCustomer(other, cancelled, [&](const ScoredCustomer& customer) {
    if (FindIn(base, customer).has_value()) return;
    ++diff->customers_entered;
    rfm.AddEntered(customer.score);
    clusters.AddEntered(customer.score);
  }));
  diff->rfm_moves = rfm.Named(RfmName);
  diff->cluster_moves = clusters.Named(ClusterName);
  if (diff->customers_in_both + diff->customers_left == diff->base.customers &&
      diff->customers_in_both + diff->customers_entered == diff->other.customers) {
    return absl::OkStatus();
  }
  return MakeError(
      absl::StatusCode::kInternal, "ACCOUNTING",
      fmt::format("{} customers in both, {} left, {} entered do not make {} and {} customers", diff->customers_in_both,
                  diff->customers_left, diff->customers_entered, diff->base.customers, diff->other.customers));
}

std::vector<ParameterPair> SideBySide(const FittedModels& base, const FittedModels& other) {
  std::vector<ParameterPair> pairs;
  std::map<std::string, size_t> by_name;
  for (const auto& [name, value] : ModelParameters(base)) {
    by_name[name] = pairs.size();
    pairs.push_back({.name = name, .base = value, .other = {}});
  }
  for (const auto& [name, value] : ModelParameters(other)) {
    const auto found = by_name.find(name);
    if (found == by_name.end()) {
      pairs.push_back({.name = name, .base = {}, .other = value});
    } else {
      pairs[found->second].other = value;
    }
  }
  return pairs;
}

}  // namespace

absl::StatusOr<SnapshotDiff> DiffSnapshots(ObjectStore& objects, const Snapshot& base, const Snapshot& other,
                                           const std::function<bool()>& cancelled) {
  SnapshotDiff diff;
  diff.job = base.manifest().job;
  diff.base = FactsOf(base);
  diff.other = FactsOf(other);
  STRATA_RETURN_IF_ERROR(CompareCustomers(base, other, cancelled, &diff));
  STRATA_ASSIGN_OR_RETURN(diff.drifts, MeasureDrift(objects, base, other, cancelled));
  diff.parameters = SideBySide(base.models(), other.models());
  return diff;
}

}  // namespace strata
