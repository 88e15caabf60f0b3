// What customers could bring if they did as well as the better of their peers (A54).
#include <algorithm>
#include <tuple>

#include "data/reports/class_cells.h"
#include "data/reports/class_reports.h"
#include "data/reports/keyed_sums.h"
#include "model/classes/scheme_columns.h"

namespace strata {
namespace {

using GroupName = std::tuple<std::string_view, std::string_view, std::string_view>;
GroupName NameOf(const PeerModel::Group& group) { return {group.region, group.tenure, group.category}; }

struct GrowthPotential {
  static ReportInfo Info() {
    return {.name = "growth_potential",
            .title = "Growth potential among peers",
            .sources = {"A54"},
            .needs = {.schemes = {SchemeId::kValueClass}},
            .columns = {{"region", ReportType::kText, "", "Region of the peers; none: unknown."},
                        {"tenure", ReportType::kText, "days", "Days since their first purchase, as from-to."},
                        {"category", ReportType::kText, "", "Their main category."},
                        {"customers", ReportType::kInteger, "customers", "Customers with a margin among them."},
                        {"quantile_margin", ReportType::kMoney, "", "What the better peers reach."},
                        {"customers_below", ReportType::kInteger, "customers", "Customers with a lower margin."},
                        {"sum_potential", ReportType::kMoney, "", "By how much they are below, in total."}},
            .method =
                "Peers have the same region, tenure and main category; groups of fewer than peers_min (100) are "
                "left out. The better peers' margin is the exact quantile peer_quantile (0.8): the smallest value "
                "with as many not above it. Potential = that less the own margin, where above 0."};
  }

  // By number of the group in the model: customers; below, potential.
  using Partial = KeyedSums<std::array<int32_t, 1>, 2>;

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    if (shard.classes->growth_potential.empty()) return absl::OkStatus();
    const std::vector<PeerModel::Group>& groups = shard.models->schemes->peers->groups;
    const PeerColumns peers(*shard.columns);
    std::map<uint64_t, int32_t> group_of;
    for (size_t row = 0; row < shard.today->size(); ++row) {
      const int64_t potential = shard.classes->growth_potential[row];
      if (potential == kNoWhole) continue;
      const uint64_t code = peers.Code(row);
      const auto [known, is_new] = group_of.emplace(code, 0);
      if (is_new) {
        const GroupName name{peers.Region(code), peers.Tenure(code), peers.Category(code)};
        const auto found =
            std::lower_bound(groups.begin(), groups.end(), name,
                             [](const auto& group, const GroupName& key) { return NameOf(group) < key; });
        known->second = static_cast<int32_t>(found - groups.begin());
      }
      partial->Add({known->second}, {potential > 0 ? 1 : 0, std::max<int64_t>(potential, 0)});
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    ReportRows rows("growth_potential", Info().columns);
    if (!facts.models->schemes->peers.has_value()) return rows.Take();
    const std::vector<PeerModel::Group>& groups = facts.models->schemes->peers->groups;
    for (size_t i = 0; i < groups.size(); ++i) {
      const auto found = merged.lines.find({static_cast<int32_t>(i)});
      const Partial::Line line = found == merged.lines.end() ? Partial::Line() : found->second;
      rows.Add({TextOrNull(groups[i].region), TextOrNull(groups[i].tenure), TextOrNull(groups[i].category),
                line.customers, groups[i].quantile, rows.Whole(line.sums[0]), rows.Whole(line.sums[1])});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport GrowthPotentialReport() { return Registered<GrowthPotential>(); }

}  // namespace strata
