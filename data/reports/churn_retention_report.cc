// Whom to keep first: the customers with the most value at risk, why they are at risk, and what pays (A14).
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "data/reports/churn_cells.h"
#include "data/reports/churn_reports.h"
#include "data/reports/retention_list.h"
#include "model/churn/reasons.h"

namespace strata {
namespace {

constexpr double kMicros = 1e6;
constexpr double kLargest = 9e12;  // more than any money there is

struct ChurnRetention {
  static ReportInfo Info() {
    return {.name = "churn_retention",
            .title = "Whom to keep first",
            .sources = {"A14"},
            .needs = {.churn = true},
            .columns = {{"rank", ReportType::kInteger, "1", "By value at risk, the greatest first."},
                        {"customer_id", ReportType::kText, "", "The customer."},
                        {"band", ReportType::kText, "", "low, medium, high."},
                        {"probability", ReportType::kShare, "1", "Of being lost in the horizon."},
                        {"margin", ReportType::kNumber, "log-odds", "Before calibration."},
                        {"value_at_risk", ReportType::kMoney, "",
                         "Probability times the margin expected in the horizon given that the customer stays."},
                        {"reason_1", ReportType::kText, "", "The group of features that raises the risk most."},
                        {"reason_2", ReportType::kText, "", "The next one."},
                        {"reason_3", ReportType::kText, "", "The next one."},
                        {"words", ReportType::kText, "", "The reasons with their strongest features, in words."},
                        {"action", ReportType::kText, "", "Of the job, the one of the greatest expected gain."},
                        {"save_rate", ReportType::kShare, "1", "Share of the lost that the action keeps."},
                        {"basis", ReportType::kText, "", "Where the save rate comes from: assumed."},
                        {"expected_gain", ReportType::kMoney, "",
                         "Save rate times value at risk, less the action's cost."}},
            .method =
                "The first churn.list customers with a value at risk above 0; ties by the hash of the id. Expected "
                "gains rest on the job's save rates, which are assumed and not measured; an action without one, or "
                "not worth its cost, is not proposed, and without a save rate nothing is called saved."};
  }

  using Partial = RetentionList;

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    if (!shard.models->churn.has_value() || shard.job == nullptr || !shard.job->churn.has_value()) {
      return absl::OkStatus();
    }
    RetentionList list(static_cast<size_t>(shard.job->churn->list));
    for (size_t row = 0; row < shard.scores.size(); ++row) {
      const CustomerScore& score = shard.scores[row];
      const double value = score.churn.value_at_risk;
      if (score.churn.band == ChurnBand::kNone || !(value > 0)) continue;
      if (value > kLargest) return LeaveOut("a value at risk is beyond all money");
      list.Add({.value_micros = std::llround(value * kMicros),
                .hash = shard.today->hash[row],
                .id = std::string(shard.id(row)),
                .band = score.churn.band,
                .probability = score.churn_probability,
                .margin = score.churn.margin,
                .reasons = score.churn.reasons});
    }
    partial->Merge(list);
    return absl::OkStatus();
  }

  static ReportCell NameCell(const std::vector<std::string>& groups, const ChurnReason& reason) {
    const bool raises = reason.is_there() && reason.contribution > 0 && reason.group < groups.size();
    return raises ? ReportCell(groups[reason.group]) : ReportCell();
  }

  static std::string WordsOf(const ChurnModel& model, const AtRiskCustomer& customer) {
    std::string words;
    for (const ChurnReason& reason : customer.reasons) {
      if (!reason.is_there() || reason.contribution <= 0) continue;
      words += (words.empty() ? "" : "; ") + ReasonWords(model, reason);
    }
    return words;
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const ChurnModel* model, ChurnOf(facts.models));
    const std::vector<std::string> groups = GroupsOf(model->plan);
    const std::vector<AtRiskCustomer> customers = merged.Take();
    if (customers.empty()) return LeaveOut("no customer has a value at risk");
    ReportRows rows("churn_retention", Info().columns);
    int64_t rank = 0;
    for (const AtRiskCustomer& customer : customers) {
      std::vector<ReportCell> cells = {
          ++rank,          customer.id,          std::string(Name(customer.band)), customer.probability,
          customer.margin, customer.value_micros};
      for (const ChurnReason& reason : customer.reasons) cells.push_back(NameCell(groups, reason));
      cells.push_back(TextCell(WordsOf(*model, customer)));
      const std::optional<BestAction> best =
          BestActionFor(facts.job->churn->actions, customer.band, customer.value_micros);
      if (best.has_value()) {
        cells.insert(cells.end(), {best->action->name, static_cast<double>(*best->action->save_rate) / kMicros,
                                   std::string("assumed"), best->gain_micros});
      } else {
        cells.resize(Info().columns.size());
      }
      rows.Add(std::move(cells));
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport ChurnRetentionReport() { return Registered<ChurnRetention>(); }

}  // namespace strata
