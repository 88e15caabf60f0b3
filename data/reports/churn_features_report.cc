// What the churn model looks at, and what drives it (A11, A13).
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "data/reports/churn_cells.h"
#include "data/reports/churn_reports.h"
#include "data/reports/keyed_sums.h"

namespace strata {
namespace {

const ChurnDriver* Find(const ChurnModel& model, const std::string& feature) {
  const auto found = std::find_if(model.drivers.begin(), model.drivers.end(),
                                  [&feature](const ChurnDriver& driver) { return driver.feature == feature; });
  return found == model.drivers.end() ? nullptr : &*found;
}

struct ChurnFeatures {
  static ReportInfo Info() {
    return {.name = "churn_features",
            .title = "Features of the churn model",
            .sources = {"A11", "A13"},
            .needs = {.churn = true},
            .columns = {{"feature", ReportType::kText, "", "Name."},
                        {"group", ReportType::kText, "", "The reason that it belongs to."},
                        {"formula", ReportType::kText, "", "What it is; windows end at the cutoff."},
                        {"unit", ReportType::kText, "", "Of its values."},
                        {"missing", ReportType::kShare, "1", "Of the training rows."},
                        {"single_auc", ReportType::kShare, "1",
                         "Of the feature alone, the better direction: 0.5 says nothing of churn."},
                        {"gain", ReportType::kNumber, "1", "Sum over the splits of trees; none: there are no trees."},
                        {"contribution", ReportType::kNumber, "log-odds", "Mean absolute SHAP value."},
                        {"used", ReportType::kFlag, "", "Whether it moves the margin of anybody."}},
            .method =
                "Contributions over keyed training rows: of trees exact Shapley values (Lundberg et al. 2020), of the "
                "logistic model coefficient times deviation. A feature without figures was left out of the fit; "
                "churn_sufficiency says why. An AUC of 0.95 or more of one feature alone is a sign of a leak."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const ChurnModel* model, FittedChurn(facts.models));
    if (model->plan.features.empty()) return LeaveOut("the churn model was stored without its features' words");
    ReportRows rows("churn_features", Info().columns);
    for (const ChurnFeature& feature : model->plan.features) {
      const ChurnDriver* driver = Find(*model, feature.name);
      const auto figure = [driver](double ChurnDriver::*member) {
        return driver == nullptr ? ReportCell() : ReportCell(driver->*member);
      };
      const bool is_used = driver != nullptr && driver->contribution > 0;
      rows.Add({feature.name, feature.group, feature.formula, TextCell(feature.unit), figure(&ChurnDriver::missing),
                figure(&ChurnDriver::single_auc),
                model->ensemble.has_value() ? figure(&ChurnDriver::gain) : ReportCell(),
                figure(&ChurnDriver::contribution), int64_t{is_used}});
    }
    return rows.Take();
  }
};

// Of the features of a group.
struct Group {
  std::string name;
  const ChurnDriver* strongest = nullptr;
  double contribution = 0;
  int64_t features = 0;
};

struct ChurnDrivers {
  static ReportInfo Info() {
    return {.name = "churn_drivers",
            .title = "What drives churn",
            .sources = {"A11"},
            .needs = {.churn = true},
            .columns = {{"place", ReportType::kInteger, "1", "1: the strongest group."},
                        {"group", ReportType::kText, "", "Of features: a reason."},
                        {"contribution", ReportType::kNumber, "log-odds",
                         "Sum over its features of the mean absolute SHAP value."},
                        {"share", ReportType::kShare, "1", "Of the sum over all groups."},
                        {"features", ReportType::kInteger, "features", "Of the group, in the model."},
                        {"strongest_feature", ReportType::kText, "", "Of these, the one that moves margins most."}},
            .method =
                "Over keyed training rows. Features of a group may move a margin against one another, so the sum is "
                "an upper bound of what the group moves. What drives the model need not be what makes customers "
                "leave."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const ChurnModel* model, FittedChurn(facts.models));
    if (model->drivers.empty()) return LeaveOut("the churn model was stored without its drivers");
    std::map<std::string, Group> by_name;
    double total = 0;
    for (const ChurnDriver& driver : model->drivers) {
      Group& group = by_name[driver.group];
      group.name = driver.group;
      ++group.features;
      group.contribution += driver.contribution;
      total += driver.contribution;
      if (group.strongest == nullptr || driver.contribution > group.strongest->contribution) group.strongest = &driver;
    }
    std::vector<Group> groups;
    for (const auto& [name, group] : by_name) groups.push_back(group);
    std::stable_sort(groups.begin(), groups.end(),
                     [](const Group& a, const Group& b) { return a.contribution > b.contribution; });
    ReportRows rows("churn_drivers", Info().columns);
    int64_t place = 0;
    for (const Group& group : groups) {
      rows.Add({++place, group.name, group.contribution,
                total > 0 ? ReportCell(group.contribution / total) : ReportCell(), group.features,
                group.strongest->feature});
    }
    return rows.Take();
  }
};

struct ChurnPartialDependence {
  static ReportInfo Info() {
    return {.name = "churn_partial_dependence",
            .title = "Predicted churn along a feature",
            .sources = {"A11"},
            .needs = {.churn = true},
            .columns = {{"feature", ReportType::kText, "", "One of the strongest."},
                        {"place", ReportType::kInteger, "1", "Along the feature, from its least values."},
                        {"from", ReportType::kNumber, "", "Least value of the bin, in the feature's unit."},
                        {"to", ReportType::kNumber, "", "Greatest value; none of both: the values are words."},
                        {"level", ReportType::kText, "", "Of a category."},
                        {"margin", ReportType::kNumber, "log-odds", "Mean margin with the feature set to the bin."},
                        {"probability", ReportType::kShare, "1", "Mean probability."}},
            .method =
                "Friedman (2001): the feature of keyed training rows is set to the bin, all else stays, and "
                "predictions are averaged. Where features go together, some of these customers do not exist."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const ChurnModel* model, FittedChurn(facts.models));
    if (model->dependence.empty()) return LeaveOut("the churn model was stored without partial dependence");
    ReportRows rows("churn_partial_dependence", Info().columns);
    std::map<std::string, int64_t> places;
    for (const DependencePoint& point : model->dependence) {
      const bool is_word = !point.level.empty();
      rows.Add({point.feature, ++places[point.feature], is_word ? ReportCell() : NumberCell(point.from),
                is_word ? ReportCell() : NumberCell(point.to), TextCell(point.level), point.margin, point.probability});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport ChurnFeaturesReport() { return Registered<ChurnFeatures>(); }
RegisteredReport ChurnDriversReport() { return Registered<ChurnDrivers>(); }
RegisteredReport ChurnPartialDependenceReport() { return Registered<ChurnPartialDependence>(); }

}  // namespace strata
