// Who moved between clusters since the followed snapshot, and why (A31).
#include <algorithm>
#include <array>

#include "data/reports/class_cells.h"
#include "data/reports/cluster_reports.h"
#include "data/reports/cluster_shard.h"
#include "data/reports/keyed_sums.h"
#include "model/classes/scheme_columns.h"
#include "model/clustering/moves.h"

namespace strata {
namespace {

struct ClusterMoves {
  static ReportInfo Info() {
    return {
        .name = "cluster_moves",
        .title = "Moves between clusters",
        .sources = {"A31"},
        .needs = {.clustering = true, .follows = true},
        .columns = {{"from", ReportType::kInteger, "id", "Cluster in the followed snapshot; none: had none."},
                    {"to", ReportType::kInteger, "id", "Cluster now; none: has none."},
                    {"cause", ReportType::kText, "",
                     "stayed, bought, aged, transform, centres, k, both_bought, both_aged, entered or left."},
                    {"model_part", ReportType::kText, "", "Where the model had a part: transform, centres or k."},
                    {"customers", ReportType::kInteger, "customers", "Customers who moved so."},
                    {"sum_net", ReportType::kMoney, "", "Their net now; of customers who are gone, their last one."}},
        .method =
            "With a the cluster then, b what the last model says of today's features, c today's: where c differs from "
            "a, the customer's behaviour if b = c, the model if b = a, else both. Behaviour is bought where there is a "
            "row since then, else aged. The model's part is k where a vanished or c appeared, else transform where the "
            "last centres give c after today's transform and scale, else centres. entered and left: without a cluster "
            "then, or now. Where a column of the last model is gone, b = a."};
  }

  using Partial = KeyedSums<std::array<int32_t, 4>, 1>;  // from, to, cause, part → net

  static bool Lacks(const ClusteringModel& model, int id) {
    return std::none_of(model.clusters.begin(), model.clusters.end(),
                        [id](const FittedCluster& cluster) { return cluster.id == id; });
  }

  static bool Appeared(const ClusteringModel& model, int id) {
    if (!model.matching.has_value()) return false;
    const std::vector<int>& appeared = model.matching->appeared;
    return std::find(appeared.begin(), appeared.end(), id) != appeared.end();
  }

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    if (shard.clusters == nullptr || !shard.clusters->history.has_value()) return absl::OkStatus();
    const ClusteringModel& model = *shard.models->clustering;
    const ClusterHistory& history = *shard.clusters->history;
    const WholeColumn last_row_day(*shard.columns, "last_row_day");
    for (size_t row = 0; row < shard.today->size(); ++row) {
      const int then = history.then[row] == kNotInFollowed ? 0 : history.then[row];
      const int now = shard.clusters->labels.id[row];
      if (then == 0 && now == 0) continue;
      const ClusterMove move{.then = then,
                             .by_last_model = history.by_last_model[row],
                             .by_last_centres = history.by_last_centres[row],
                             .now = now,
                             .then_vanished = then != 0 && Lacks(model, then),
                             .now_appeared = Appeared(model, now)};
      const int64_t last = last_row_day[row];
      const MoveReason why =
          WhyMoved(move, last == kNoWhole ? history.previous_as_of : static_cast<Day>(last), history.previous_as_of);
      partial->Add({then, now, static_cast<int32_t>(why.cause), static_cast<int32_t>(why.part)},
                   {shard.today->net_micros[row]});
    }
    for (const ScoredCustomer& customer : *shard.gone) {
      if (customer.score.cluster < 0) continue;
      partial->Add({customer.score.cluster + 1, 0, static_cast<int32_t>(MoveCause::kLeft), 0},
                   {customer.score.net_micros});
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts&) {
    const auto id_cell = [](int32_t id) { return id == 0 ? ReportCell() : ReportCell(int64_t{id}); };
    ReportRows rows("cluster_moves", Info().columns);
    for (const auto& [key, line] : merged.lines) {
      rows.Add({id_cell(key[0]), id_cell(key[1]), std::string(Name(static_cast<MoveCause>(key[2]))),
                TextOrNull(Name(static_cast<ModelPart>(key[3]))), line.customers, rows.Whole(line.sums[0])});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport ClusterMovesReport() { return Registered<ClusterMoves>(); }

}  // namespace strata
