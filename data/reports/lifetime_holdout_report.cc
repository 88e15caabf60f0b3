// What a hold-out says of the lifetime model: errors and grade, by frequency, and how reliable its probabilities are
// (A54).
#include <fmt/format.h>

#include <string>

#include "data/reports/keyed_sums.h"
#include "data/reports/lifetime_cells.h"
#include "data/reports/lifetime_reports.h"
#include "model/lifetime/judge.h"

namespace strata {
namespace {

struct LifetimeErrors {
  static ReportInfo Info() {
    return {
        .name = "lifetime_errors",
        .title = "Errors and grade of the lifetime model",
        .sources = {"A54"},
        .needs = {.lifetime = true, .holdout = true},
        .columns = {{"measure", ReportType::kText, "", "mae, rmse, bias, log_probability or grade."},
                    {"model", ReportType::kNumber, "1", "Of the model, fitted on what was known before."},
                    {"historic_average", ReportType::kNumber, "1",
                     "Of the prediction that repeat purchases go on as often as they were."},
                    {"last_period_repeats", ReportType::kNumber, "1",
                     "Of the prediction that the period before the hold-out repeats."},
                    {"words", ReportType::kText, "", "The measure in a sentence; of the grade, how it came about."}},
        .method = fmt::format(
            "Purchase days per customer in the hold-out, the last days before the night's date; customers with a "
            "purchase before it; covariates are not looked at. mae is the mean absolute and rmse the root mean squared "
            "error, bias the total of "
            "predictions over that of purchases, less 1, log_probability the mean of ln P(count); a naive prediction's "
            "is negative binomial (a Poisson rate, Jeffreys's prior). Grades. {}",
            kGradeRule)};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  using Value = double (*)(const PredictionErrors&);
  static void Add(const std::string& measure, const HoldoutJudgement& judged, Value value, const std::string& words,
                  ReportRows* rows) {
    std::vector<ReportCell> cells = {measure};
    for (const PredictionErrors& errors : judged.errors) cells.emplace_back(value(errors));
    cells.emplace_back(words);
    rows->Add(std::move(cells));
  }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const HoldoutJudgement* judged, JudgementOf(facts.models));
    ReportRows rows("lifetime_errors", Info().columns);
    Add(
        "mae", *judged, [](const PredictionErrors& errors) { return errors.mae; },
        "So many purchase days a prediction is off, on average.", &rows);
    Add(
        "rmse", *judged, [](const PredictionErrors& errors) { return errors.rmse; },
        "The same, with large errors weighing more.", &rows);
    Add(
        "bias", *judged, [](const PredictionErrors& errors) { return errors.bias; },
        fmt::format("{:.1f} purchase days were expected in all, {} there were.", judged->expected, judged->actual),
        &rows);
    Add(
        "log_probability", *judged, [](const PredictionErrors& errors) { return errors.log_probability; },
        "How probable what customers did was, by each prediction; nearer to 0 is better.", &rows);
    const std::string grade = Name(judged->grade);
    rows.Add({std::string("grade"), ReportCell(), ReportCell(), ReportCell(),
              grade.empty() ? fmt::format("not graded: {}", judged->grade_reason)
                            : fmt::format("{}: {}", grade, judged->grade_reason)});
    return rows.Take();
  }
};

struct LifetimeBins {
  static ReportInfo Info() {
    return {.name = "lifetime_bins",
            .title = "Purchases of the hold-out, by frequency before it",
            .sources = {"A54"},
            .needs = {.lifetime = true, .holdout = true},
            .columns = {{"repeat_purchases", ReportType::kInteger, "purchases",
                         "Repeat purchase days before the hold-out; 7: seven or more."},
                        {"customers", ReportType::kInteger, "customers", "With so many."},
                        {"actual_mean", ReportType::kNumber, "purchases", "Purchase days of each in the hold-out."},
                        {"expected_mean", ReportType::kNumber, "purchases", "By the model."},
                        {"nbd_mean", ReportType::kNumber, "purchases", "By NBD, as if nobody ever left."}},
            .method = "The model is fitted on what was known before the hold-out, and so is NBD."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const HoldoutJudgement* judged, JudgementOf(facts.models));
    ReportRows rows("lifetime_bins", Info().columns);
    for (const FrequencyBin& bin : judged->bins) {
      const auto customers = static_cast<double>(bin.customers);  // none: no means
      rows.Add({int64_t{bin.repeat_purchases}, bin.customers, ReportRows::Ratio(bin.actual, bin.customers),
                NumberCell(bin.expected / customers), NumberCell(bin.expected_nbd / customers)});
    }
    return rows.Take();
  }
};

struct LifetimeReliability {
  static ReportInfo Info() {
    return {.name = "lifetime_reliability",
            .title = "Reliability of the probability to buy again",
            .sources = {"A54"},
            .needs = {.lifetime = true, .holdout = true},
            .columns = {{"bin", ReportType::kInteger, "1", "1 to 20: twentieths of the predicted probability."},
                        {"customers", ReportType::kInteger, "customers", "Whose prediction falls there."},
                        {"predicted", ReportType::kShare, "1", "Mean P(at least one purchase in the hold-out)."},
                        {"actual", ReportType::kShare, "1", "Share of them who bought."}},
            .method = "Where the last two columns agree, a probability means what it says."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const HoldoutJudgement* judged, JudgementOf(facts.models));
    ReportRows rows("lifetime_reliability", Info().columns);
    int64_t number = 0;
    for (const ReliabilityBin& bin : judged->reliability) {
      rows.Add({++number, bin.customers, NumberCell(bin.predicted / static_cast<double>(bin.customers)),
                ReportRows::Ratio(bin.actual, bin.customers)});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport LifetimeErrorsReport() { return Registered<LifetimeErrors>(); }
RegisteredReport LifetimeBinsReport() { return Registered<LifetimeBins>(); }
RegisteredReport LifetimeReliabilityReport() { return Registered<LifetimeReliability>(); }

}  // namespace strata
