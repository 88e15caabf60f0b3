#include "model/churn/sufficiency.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace strata {
namespace {

struct Rows {
  int64_t rows = 0, churned = 0;
  int64_t kept() const { return rows - churned; }
  bool HasOfEach(int64_t least) const { return churned >= least && kept() >= least; }
};

Rows RowsOf(const std::vector<ViewCounts>& counts, int first, int views) {
  Rows sum;
  for (int v = first; v < first + views; ++v) {
    sum.rows += counts[static_cast<size_t>(v)].rows;
    sum.churned += counts[static_cast<size_t>(v)].churned;
  }
  return sum;
}

bool EnoughForTrees(const Rows& rows) { return rows.rows >= kTreeRowsMin && rows.HasOfEach(kTreeClassRowsMin); }

std::string TooFew(std::string_view where, const Rows& rows, int64_t least) {
  return fmt::format("{} {} customers at risk stayed and {} were lost; at least {} of each are needed", where,
                     rows.kept(), rows.churned, least);
}

// Cutoffs from the newest back that a fit may use: somebody is at risk, and there was time to become it.
int UsableViews(const ChurnFitSettings& settings, const std::vector<ViewCounts>& counts, Day first_day) {
  int usable = 0;
  for (const ViewCounts& view : counts) {
    if (view.rows == 0 || int64_t{view.cutoff} - first_day + 1 < settings.eligible_days / 2) break;
    ++usable;
  }
  return usable;
}

class Judge {
 public:
  Judge(const ChurnFitSettings& settings, const std::vector<ViewCounts>& counts, Day first_day)
      : settings_(settings), counts_(counts), first_day_(first_day) {}

  ChurnExtent Decide() {
    const int usable = UsableViews(settings_, counts_, first_day_);
    extent_.graded = std::clamp(usable - 1, 0, settings_.cutoffs);
    extent_.served = extent_.graded > 0 ? extent_.graded : std::min(usable, settings_.cutoffs);
    AddHistory();
    if (extent_.graded == 0) {
      extent_.grade_reason = fmt::format(
          "the history does not reach two horizons ({} days) and {} more back, so nothing is left to test on",
          2 * settings_.horizon_days, settings_.eligible_days / 2);
    }
    const Rows served = RowsOf(counts_, 0, extent_.served);
    DecideAlgorithm(served);
    DecideGrade();
    AddClasses(served);
    return std::move(extent_);
  }

 private:
  void DecideAlgorithm(const Rows& served) {
    if (!served.HasOfEach(kLogisticClassRowsMin)) {
      extent_.reason = TooFew("at the training cutoffs", served, kLogisticClassRowsMin);
      extent_.grade_reason = "the lifetime model answers, as the history is too thin for a fit";
      extent_.graded = 0;
      return;
    }
    const Rows graded = RowsOf(counts_, 1, extent_.graded);
    // What is graded is the procedure: both fits are of the same kind.
    const bool enough = EnoughForTrees(served) && (extent_.graded == 0 || EnoughForTrees(graded) ||
                                                   !graded.HasOfEach(kLogisticClassRowsMin));
    extent_.algorithm = settings_.trees && enough ? ChurnAlgorithm::kTrees : ChurnAlgorithm::kLogistic;
    if (settings_.trees && !enough) {
      extent_.warnings.push_back(
          fmt::format("too few rows for trees ({} of {} and {} of each class): the logistic model answers",
                      std::min(served.rows, extent_.graded > 0 ? graded.rows : served.rows), kTreeRowsMin,
                      kTreeClassRowsMin));
    }
  }

  void DecideGrade() {
    if (extent_.graded == 0) return;
    const Rows graded = RowsOf(counts_, 1, extent_.graded);
    const bool trees = extent_.algorithm == ChurnAlgorithm::kTrees;
    const int64_t least = trees ? kTreeClassRowsMin : kLogisticClassRowsMin;
    const Rows test = RowsOf(counts_, 0, 1);
    if (!graded.HasOfEach(least) || (trees && graded.rows < kTreeRowsMin)) {
      extent_.grade_reason = TooFew("before the test's cutoff", graded, least);
    } else if (!test.HasOfEach(kTestClassRowsMin)) {
      extent_.grade_reason = TooFew("in the test", test, kTestClassRowsMin);
    }
    if (!extent_.grade_reason.empty()) {
      extent_.graded = 0;
      extent_.served = std::min(UsableViews(settings_, counts_, first_day_), settings_.cutoffs);
    }
  }

  void AddHistory() {
    const double needed = (settings_.cutoffs + 1) * settings_.horizon_days + settings_.eligible_days / 2;
    const double found = counts_.empty() || first_day_ > settings_.as_of ? 0 : settings_.as_of - first_day_ + 1;
    extent_.lines.push_back({"history, days", found, needed, found >= needed,
                             found >= needed ? "" : "fewer training cutoffs, or no test"});
  }

  void Add(std::string rule, int64_t found, int64_t needed, const char* consequence) {
    const bool met = found >= needed;
    extent_.lines.push_back({std::move(rule), static_cast<double>(found), static_cast<double>(needed), met,
                             met ? "" : consequence});
  }

  void AddClasses(const Rows& served) {
    if (settings_.trees) {
      const char* consequence = "the logistic model instead of trees";
      Add("training rows, for trees", served.rows, kTreeRowsMin, consequence);
      Add("training rows lost, for trees", served.churned, kTreeClassRowsMin, consequence);
      Add("training rows kept, for trees", served.kept(), kTreeClassRowsMin, consequence);
    }
    const char* consequence = "the lifetime model answers";
    Add("training rows lost", served.churned, kLogisticClassRowsMin, consequence);
    Add("training rows kept", served.kept(), kLogisticClassRowsMin, consequence);
    const Rows test = counts_.empty() ? Rows() : RowsOf(counts_, 0, 1);
    Add("test rows lost", test.churned, kTestClassRowsMin, "not graded");
    Add("test rows kept", test.kept(), kTestClassRowsMin, "not graded");
  }

  const ChurnFitSettings& settings_;
  const std::vector<ViewCounts>& counts_;
  const Day first_day_;
  ChurnExtent extent_;
};

}  // namespace

ChurnExtent ExtentOf(const ChurnFitSettings& settings, const std::vector<ViewCounts>& counts, Day first_day) {
  return Judge(settings, counts, first_day).Decide();
}

}  // namespace strata
