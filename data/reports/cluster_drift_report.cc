// How far the clusters, and the features that they are made of, moved since the followed snapshot (A31).
#include <algorithm>
#include <array>
#include <set>

#include "data/reports/class_cells.h"
#include "data/reports/cluster_reports.h"
#include "data/reports/cluster_shard.h"
#include "data/reports/keyed_sums.h"
#include "model/clustering/drift.h"
#include "model/clustering/matching.h"

namespace strata {
namespace {

struct ClusterDrift {
  static ReportInfo Info() {
    return {
        .name = "cluster_drift",
        .title = "Drift of clusters",
        .sources = {"A31"},
        .needs = {.clustering = true, .follows = true},
        .columns =
            {{"measure", ReportType::kText, "",
              "adjusted_rand, common_customers, inertia_ratio, refit, overlap, centre_shift, appeared, vanished."},
             {"cluster", ReportType::kInteger, "id", "Of which cluster; none: of all."},
             {"value", ReportType::kNumber, "1", "Its value; 1 for what is so."},
             {"note", ReportType::kText, "", "Of refit: why, or why not."}},
        .method =
            "Over customers who have a cluster in both snapshots: their number, the adjusted Rand index (Hubert, "
            "Arabie 1985), and by cluster the Jaccard overlap with its members then. centre_shift: distance from its "
            "last centre, scaled units. inertia_ratio: mean squared distance to the last centres, tonight's over that "
            "of their fit."};
  }

  using Partial = KeyedSums<std::array<int32_t, 2>, 0>;  // id then, id now; 0: none

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    if (shard.clusters == nullptr || !shard.clusters->history.has_value()) return absl::OkStatus();
    const std::vector<int16_t>& now = shard.clusters->labels.id;
    const std::vector<int16_t>& then = shard.clusters->history->then;
    for (size_t row = 0; row < now.size(); ++row) {
      if (then[row] != kNotInFollowed) partial->Add({then[row], now[row]});
    }
    return absl::OkStatus();
  }

  // Of the ids that occur, without none.
  struct Contingency {
    std::vector<int32_t> then, now;
    std::vector<int64_t> counts;
    int64_t common = 0;

    explicit Contingency(const Partial& merged) {
      std::set<int32_t> of_then, of_now;
      for (const auto& [key, line] : merged.lines) {
        of_then.insert(key[0]);
        of_now.insert(key[1]);
      }
      of_then.erase(0);
      of_now.erase(0);
      then.assign(of_then.begin(), of_then.end());
      now.assign(of_now.begin(), of_now.end());
      for (const int32_t a : then) {
        for (const int32_t b : now) {
          const auto found = merged.lines.find({a, b});
          counts.push_back(found == merged.lines.end() ? 0 : found->second.customers);
          common += counts.back();
        }
      }
    }
  };

  // Members of both nights over members of either, among the customers of both bases.
  static ReportCell Overlap(const Partial& merged, int32_t id) {
    int64_t both = 0, either = 0;
    for (const auto& [key, line] : merged.lines) {
      if (key[0] == id || key[1] == id) either += line.customers;
      if (key[0] == id && key[1] == id) both += line.customers;
    }
    return ReportRows::Ratio(both, either);
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    const ClusteringModel& model = *facts.models->clustering;
    const Contingency contingency(merged);
    ReportRows rows("cluster_drift", Info().columns);
    const auto add = [&rows](const char* measure, ReportCell cluster, ReportCell value, ReportCell note = {}) {
      rows.Add({std::string(measure), std::move(cluster), std::move(value), std::move(note)});
    };
    const bool has_common = contingency.common > 0;
    const double rand = AdjustedRand(contingency.counts, contingency.then.size(), contingency.now.size());
    add("adjusted_rand", {}, has_common ? ReportCell(rand) : ReportCell());
    add("common_customers", {}, static_cast<double>(contingency.common));
    add("inertia_ratio", {}, model.inertia_ratio);
    add("refit", {}, model.refit.refit ? 1.0 : 0.0, TextOrNull(model.refit.why));
    const Matching none, &matching = model.matching.has_value() ? *model.matching : none;
    const std::vector<int>& appeared = matching.appeared;
    for (const FittedCluster& cluster : model.clusters) {
      const int id = cluster.id;
      if (std::find(appeared.begin(), appeared.end(), id) != appeared.end()) {
        add("appeared", int64_t{id}, 1.0);
        continue;
      }
      add("overlap", int64_t{id}, Overlap(merged, id));
      const auto slot =
          static_cast<size_t>(std::find(matching.id.begin(), matching.id.end(), id) - matching.id.begin());
      if (slot < matching.shift.size()) add("centre_shift", int64_t{id}, matching.shift[slot]);
    }
    for (const int id : matching.vanished) add("vanished", int64_t{id}, 1.0);
    return rows.Take();
  }
};

struct DriftFeatures {
  static ReportInfo Info() {
    return {
        .name = "drift_features",
        .title = "Drift of the clusters' features",
        .sources = {"A31"},
        .needs = {.clustering = true, .follows = true},
        .columns = {{"feature", ReportType::kText, "", "Feature of the clustering."},
                    {"psi", ReportType::kNumber, "1", "Population stability index against the night of the last fit."},
                    {"null_99", ReportType::kNumber, "1", "What it stays below in 99 of 100 cases without any drift."},
                    {"flagged", ReportType::kFlag, "", "Whether it is above that."},
                    {"missing_then", ReportType::kShare, "1", "Customers without a value on the night of the fit."},
                    {"missing_now", ReportType::kShare, "1", "Tonight."},
                    {"beyond_grid", ReportType::kShare, "1", "Customers whose value counts as the end of the grid."}},
        .method =
            "Bins are the deciles of the night of the fit (of categories the words), kept with the model, and one for "
            "missing values; a count of 0 counts as one half. null_99 is (1/n + 1/m) times the 99 % quantile of "
            "chi-squared with one degree of freedom less than bins in use."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    ReportRows rows("drift_features", Info().columns);
    for (const FeatureDrift& drift : facts.models->clustering->drift) {
      rows.Add({drift.feature, drift.psi, drift.null_99, int64_t{drift.flagged}, drift.missing_then, drift.missing_now,
                drift.beyond_grid});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport ClusterDriftReport() { return Registered<ClusterDrift>(); }
RegisteredReport DriftFeaturesReport() { return Registered<DriftFeatures>(); }

}  // namespace strata
