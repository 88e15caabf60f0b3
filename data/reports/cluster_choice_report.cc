// How the number of clusters was chosen, and what speaks for others (A1).
#include "data/reports/cluster_reports.h"
#include "data/reports/cluster_shard.h"
#include "data/reports/keyed_sums.h"

namespace strata {
namespace {

struct ClusterChoice {
  static ReportInfo Info() {
    return {
        .name = "cluster_choice",
        .title = "The number of clusters",
        .sources = {"A1"},
        .needs = {.clustering = true},
        .columns = {{"k", ReportType::kInteger, "clusters", "Number of clusters tried."},
                    {"chosen", ReportType::kFlag, "", "Whether it is the one that was taken."},
                    {"within", ReportType::kNumber, "1",
                     "Squared distances to the own centre, scaled units, of the sample."},
                    {"gap", ReportType::kNumber, "1", "Gap statistic; none: no reference was drawn."},
                    {"gap_error", ReportType::kNumber, "1", "Its standard error."},
                    {"silhouette", ReportType::kNumber, "1", "Mean of the sample, by squared Euclidean distance."},
                    {"calinski_harabasz", ReportType::kNumber, "1", "Of the sample."},
                    {"davies_bouldin", ReportType::kNumber, "1", "Of the sample; less is better."},
                    {"stability", ReportType::kNumber, "1",
                     "Adjusted Rand index of the labels by two fits, one on each half of the sample."},
                    {"iterations", ReportType::kInteger, "iterations", "Of the best start."}},
        .method =
            "Of the night on which the clusters were fitted. Gap statistic (Tibshirani, Walther, Hastie 2001) against "
            "samples of one normal with the covariance of the data; chosen is the smallest k whose gap is within one "
            "standard error of the largest. k = 1: no structure."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static ReportCell OrNull(const std::optional<double>& value) {
    return value.has_value() ? ReportCell(*value) : ReportCell();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    const GapChoice& trials = facts.models->clustering->trials;
    ReportRows rows("cluster_choice", Info().columns);
    for (const GapRow& row : trials.rows) {
      rows.Add({int64_t{row.k}, int64_t{row.k == trials.k}, row.within, OrNull(row.gap), OrNull(row.error),
                OrNull(row.silhouette), OrNull(row.calinski_harabasz), OrNull(row.davies_bouldin),
                OrNull(row.stability), int64_t{row.iterations}});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport ClusterChoiceReport() { return Registered<ClusterChoice>(); }

}  // namespace strata
