// What the customers who began in a month did since, beside what the lifetime model expected: by cohort and month, and
// the curves of survival and revenue that follow (A54).
#include <algorithm>
#include <map>
#include <optional>

#include "data/reports/keyed_sums.h"
#include "data/reports/lifetime_cells.h"
#include "data/reports/lifetime_reports.h"
#include "model/lifetime/base_history.h"
#include "model/lifetime/forecast.h"
#include "model/lifetime/new_customers.h"

namespace strata {
namespace {

// Months that the curve of all customers goes on beyond what has happened.
constexpr int32_t kMonthsShown = 60;
constexpr double kDaysPerMonth = 30.4375;

// One cohort in one calendar month.
struct CohortMonth {
  int64_t customers = 0;
  BaseHistory::Cell actual;
  double expected_before = 0, expected = 0;  // repeat purchases up to the beginning and the end of the month
  double alive = 0;                          // customers expected to be there at the end of the month
  bool is_complete = true;
};

// Cohorts by (month of birth, months since), all until the night's date.
class Cohorts {
 public:
  static absl::StatusOr<Cohorts> Of(const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const LifetimeModel* model, FittedLifetime(facts.models));
    STRATA_RETURN_IF_ERROR(NeedsDays(*model));
    if (!model->history.has_value() || model->history->births.empty()) return LeaveOut("nobody has bought anything");
    return Cohorts(*model, facts.as_of + 1);
  }

  const std::map<std::pair<int32_t, int32_t>, CohortMonth>& months() const { return months_; }

 private:
  Cohorts(const LifetimeModel& model, Day end_of_all) {
    const BaseHistory& history = *model.history;
    const int ages = end_of_all - history.births.begin()->first;
    const LifetimeParameters& at = model.fit.parameters;
    const NewCustomerCurve curve(at, model.time_unit_days, ages);
    std::vector<double> survival(static_cast<size_t>(ages) + 1, -1);  // by days, on first use
    const auto survives = [&](int days) {
      double& known = survival[static_cast<size_t>(days)];
      if (known < 0) known = SurvivalOfNewCustomer(at, days / model.time_unit_days);
      return known;
    };
    for (const auto& [birth, customers] : history.births) {
      const int32_t cohort = MonthOf(birth);
      const auto number = static_cast<double>(customers);
      for (int32_t month = cohort; FirstDayOfMonth(month) < end_of_all; ++month) {
        const Day end_of_month = FirstDayOfMonth(month + 1);
        const Day end = std::min(end_of_month, end_of_all);
        CohortMonth& cell = months_[{cohort, month - cohort}];
        cell.customers += customers;
        cell.expected_before += number * curve.Expected(FirstDayOfMonth(month) - birth);
        cell.expected += number * curve.Expected(end - birth);
        cell.alive += number * survives(end - birth);
        cell.is_complete = end_of_month <= end_of_all;
      }
    }
    for (const auto& [key, cell] : history.cohorts) {
      const auto found = months_.find({key.first, key.second - key.first});
      if (found != months_.end()) found->second.actual = cell;
    }
  }

  std::map<std::pair<int32_t, int32_t>, CohortMonth> months_;
};

struct LifetimeCohorts {
  static ReportInfo Info() {
    return {
        .name = "lifetime_cohorts",
        .title = "Cohorts by month, expected and actual",
        .sources = {"A54"},
        .needs = {.lifetime = true},
        .columns =
            {{"cohort", ReportType::kDay, "", "The month of the first purchase, by its first day."},
             {"months_since", ReportType::kInteger, "months", "0: the month of the first purchase itself."},
             {"is_complete", ReportType::kFlag, "", "Whether the month was over at the night's date."},
             {"customers", ReportType::kInteger, "customers", "Of the cohort."},
             {"buyers", ReportType::kInteger, "customers", "With a purchase in the month."},
             {"actual_repeat", ReportType::kInteger, "purchases", "Their repeat purchase days in the month."},
             {"expected_repeat", ReportType::kNumber, "purchases", "By the model, as if they were new."},
             {"actual_net", ReportType::kMoney, "", "Net of all days since the first purchase, in the month."},
             {"actual_repeat_net", ReportType::kMoney, "", "Net of repeat purchase days."},
             {"expected_repeat_net", ReportType::kNumber, "currency",
              "Expected repeat purchases times the spend expected of any customer (their median, where spend has no "
              "finite mean); none: it is not known."}},
        .method =
            "Expected: as in lifetime_tracking, with the night's model. What a cohort itself did shapes the parameters "
            "only together with all others, so a cohort far from what is expected is unlike the base. Incomplete "
            "months end at the night's date on both sides."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const Cohorts cohorts, Cohorts::Of(facts));
    const std::optional<double> spend = SpendOfPopulation(*facts.models);
    ReportRows rows("lifetime_cohorts", Info().columns);
    for (const auto& [key, month] : cohorts.months()) {
      const double expected = month.expected - month.expected_before;
      rows.Add({int64_t{FirstDayOfMonth(key.first)}, int64_t{key.second}, int64_t{month.is_complete}, month.customers,
                month.actual.buyers, month.actual.repeat_purchases, expected, rows.Whole(month.actual.net_micros),
                rows.Whole(month.actual.repeat_net_micros),
                spend.has_value() ? ReportCell(expected * *spend) : ReportCell()});
    }
    return rows.Take();
  }
};

// Of a cohort, or of all, since its customers began.
struct Curve {
  int64_t customers = 0;
  int64_t buyers = 0;
  double alive = 0;
  Int128 repeats = 0, repeat_net = 0;
  double expected = 0;
};

struct LifetimeSurvival {
  static ReportInfo Info() {
    return {
        .name = "lifetime_survival",
        .title = "Survival and revenue curves",
        .sources = {"A54"},
        .needs = {.lifetime = true},
        .columns = {{"cohort", ReportType::kDay, "", "As in lifetime_cohorts; none: all customers together."},
                    {"months_since", ReportType::kInteger, "months", "To the end of that month."},
                    {"customers", ReportType::kInteger, "customers",
                     "Of whom the row is: cohorts whose month is over; none: nobody is so old yet."},
                    {"alive", ReportType::kShare, "1", "Expected share that has not gone for good."},
                    {"buying", ReportType::kShare, "1", "Share with a purchase in the month."},
                    {"repeats", ReportType::kNumber, "purchases", "Repeat purchase days of each, until then."},
                    {"expected_repeats", ReportType::kNumber, "purchases", "By the model."},
                    {"repeat_net", ReportType::kNumber, "currency", "Net of repeat purchase days of each, until then."},
                    {"expected_repeat_net", ReportType::kNumber, "currency", "As in lifetime_cohorts."}},
        .method =
            "Per customer, cumulative since the first purchase, complete months alone. `alive` is the model's, since "
            "nobody says goodbye; `buying` is what there was. The curve of all goes on to month 60 by the model alone: "
            "a customer who begins with a month of 30.4375 days. sBG: months are contract periods, `alive` the share "
            "still under contract; BG/BB: opportunities."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static void Add(ReportCell cohort, int32_t months, const Curve& curve, const std::optional<double>& spend,
                  ReportRows* rows) {
    const auto customers = static_cast<double>(curve.customers);
    const double expected = curve.expected / customers;
    constexpr double kMicros = 1e6;
    rows->Add({std::move(cohort), int64_t{months}, curve.customers, curve.alive / customers,
               ReportRows::Ratio(curve.buyers, curve.customers), ReportRows::Ratio(curve.repeats, curve.customers),
               expected, static_cast<double>(curve.repeat_net) / (kMicros * customers),
               spend.has_value() ? ReportCell(expected * *spend) : ReportCell()});
  }

  // The model alone, from month `first` on; `unit` of a month in the model's time.
  static void AddAhead(const LifetimeParameters& at, int32_t first, double unit, bool has_purchases,
                       const std::optional<double>& spend, ReportRows* rows) {
    for (int32_t months = first; months <= kMonthsShown; ++months) {
      const double t = (months + 1) * unit;
      const ReportCell none;
      ReportCell expected, net;
      if (has_purchases) {
        const double repeats = ExpectedPurchasesOfNewCustomer(at, t);
        expected = repeats;
        if (spend.has_value()) net = repeats * *spend;
      }
      rows->Add({none, int64_t{months}, none, SurvivalOfNewCustomer(at, t), none, none, expected, none, net});
    }
  }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const LifetimeModel* model, FittedLifetime(facts.models));
    const std::optional<double> spend = SpendOfPopulation(*facts.models);
    const LifetimeParameters& at = model->fit.parameters;
    ReportRows rows("lifetime_survival", Info().columns);
    if (!NeedsDays(*model).ok()) {
      AddAhead(at, 0, 1, at.kind == LifetimeKind::kBgBb, spend, &rows);
      return rows.Take();
    }
    STRATA_ASSIGN_OR_RETURN(const Cohorts cohorts, Cohorts::Of(facts));
    std::map<int32_t, Curve> all;
    Curve so_far;
    for (const auto& [key, month] : cohorts.months()) {
      if (key.second == 0) so_far = {};
      if (!month.is_complete) continue;
      so_far.customers = month.customers;
      so_far.buyers = month.actual.buyers;
      so_far.alive = month.alive;
      so_far.repeats += month.actual.repeat_purchases;
      so_far.repeat_net += month.actual.repeat_net_micros;
      so_far.expected = month.expected;
      Add(int64_t{FirstDayOfMonth(key.first)}, key.second, so_far, spend, &rows);
      Curve& sum = all[key.second];
      sum.customers += so_far.customers;
      sum.buyers += so_far.buyers;
      sum.alive += so_far.alive;
      sum.repeats += so_far.repeats;
      sum.repeat_net += so_far.repeat_net;
      sum.expected += so_far.expected;
    }
    for (const auto& [months, sum] : all) Add(ReportCell(), months, sum, spend, &rows);
    AddAhead(at, all.empty() ? 0 : all.rbegin()->first + 1, kDaysPerMonth / model->time_unit_days, true, spend, &rows);
    return rows.Take();
  }
};

}  // namespace

RegisteredReport LifetimeCohortsReport() { return Registered<LifetimeCohorts>(); }
RegisteredReport LifetimeSurvivalReport() { return Registered<LifetimeSurvival>(); }

}  // namespace strata
