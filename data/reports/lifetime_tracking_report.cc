// Week by week, how many repeat purchases there were and how many the lifetime model expected (A54).
#include <algorithm>
#include <map>

#include "data/reports/keyed_sums.h"
#include "data/reports/lifetime_cells.h"
#include "data/reports/lifetime_reports.h"
#include "model/lifetime/base_history.h"
#include "model/lifetime/new_customers.h"

namespace strata {
namespace {

constexpr Day kDaysPerWeek = 7;

struct LifetimeTracking {
  static ReportInfo Info() {
    return {
        .name = "lifetime_tracking",
        .title = "Repeat purchases by week, expected and actual",
        .sources = {"A54"},
        .needs = {.lifetime = true},
        .columns = {{"week", ReportType::kInteger, "weeks", "From the first purchase of all; 1 is the first."},
                    {"from_day", ReportType::kDay, "", "Its first day."},
                    {"days", ReportType::kInteger, "days", "7; the last one may have fewer."},
                    {"is_holdout", ReportType::kFlag, "", "Whether its first day is after what the model had seen."},
                    {"actual", ReportType::kInteger, "purchases", "Repeat purchase days of all customers."},
                    {"expected", ReportType::kNumber, "purchases", "By the model."},
                    {"actual_cumulative", ReportType::kInteger, "purchases", "Up to the end of the week."},
                    {"expected_cumulative", ReportType::kNumber, "purchases", "Up to the end of the week."}},
        .method =
            "Expected up to the end of a day: the sum over all who had begun by then of E[X(t)], what the model says "
            "of a new customer after the time t from the first purchase to the end of that day (Fader, Hardie and Lee "
            "2005, eq. 9, for BG/NBD). With a hold-out the model is the one fitted before it, else the night's. "
            "Covariates are not looked at."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  // Repeat purchases expected before the day `end` of all who were born before it.
  static double ExpectedBefore(const BaseHistory& history, const NewCustomerCurve& curve, Day end) {
    double expected = 0;
    for (const auto& [birth, customers] : history.births) {
      if (birth >= end) break;
      expected += static_cast<double>(customers) * curve.Expected(end - birth);
    }
    return expected;
  }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const LifetimeModel* model, FittedLifetime(facts.models));
    STRATA_RETURN_IF_ERROR(NeedsDays(*model));
    if (!model->history.has_value() || model->history->births.empty()) return LeaveOut("nobody has bought anything");
    const BaseHistory& history = *model->history;
    const bool is_judged = model->holdout.has_value() && model->holdout->reason.empty();
    const Day seen_until = is_judged ? model->holdout->as_of : model->fitted_as_of;
    const LifetimeParameters& at = is_judged ? model->holdout->parameters : model->fit.parameters;
    const Day begin = history.births.begin()->first;
    const Day end_of_all = facts.as_of + 1;
    const NewCustomerCurve curve(at, model->time_unit_days, end_of_all - begin);
    ReportRows rows("lifetime_tracking", Info().columns);
    int64_t actual_before = 0;
    double expected_before = 0;
    auto repeat = history.repeats.begin();
    for (int64_t week = 1; begin + (week - 1) * kDaysPerWeek < end_of_all; ++week) {
      const Day from = begin + static_cast<Day>(week - 1) * kDaysPerWeek;
      const Day end = std::min(from + kDaysPerWeek, end_of_all);
      int64_t actual = 0;
      for (; repeat != history.repeats.end() && repeat->first < end; ++repeat) actual += repeat->second;
      const double expected = ExpectedBefore(history, curve, end);
      rows.Add({week, int64_t{from}, int64_t{end - from}, int64_t{from > seen_until}, actual,
                expected - expected_before, actual_before + actual, expected});
      actual_before += actual;
      expected_before = expected;
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport LifetimeTrackingReport() { return Registered<LifetimeTracking>(); }

}  // namespace strata
