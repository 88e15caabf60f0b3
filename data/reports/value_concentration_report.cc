// How margin is spread over the customers: the whale curve (A27, A54).
#include "data/reports/class_cells.h"
#include "data/reports/class_reports.h"
#include "data/reports/keyed_sums.h"

namespace strata {
namespace {

constexpr int64_t kPercent = 100;

struct ValueConcentration {
  static ReportInfo Info() {
    return {
        .name = "value_concentration",
        .title = "Whale curve of margins",
        .sources = {"A27", "A54"},
        .needs = {.schemes = {SchemeId::kValueClass}},
        .columns = {{"percent", ReportType::kInteger, "percent", "Of the customers with a margin, best first."},
                    {"customers", ReportType::kInteger, "customers", "So many they are."},
                    {"cum_margin", ReportType::kMoney, "", "The sum of their margins."},
                    {"share_of_total", ReportType::kNumber, "1", "Of the sum of all margins; none where that is 0."},
                    {"share_of_positive", ReportType::kNumber, "1", "Of the sum of positive margins."}},
        .method =
            "Customers in descending order of margin; the top k % are the first ceil(n k / 100). The curve "
            "rises above 1 where losses take away what others bring."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    const ValueModel& model = *facts.models->schemes->value;
    ReportRows rows("value_concentration", Info().columns);
    for (size_t i = 0; i < model.curve.size(); ++i) {
      const auto percent = static_cast<int64_t>(i) + 1;
      const Int128 customers = (static_cast<Int128>(model.customers) * percent + kPercent - 1) / kPercent;
      rows.Add({percent, rows.Whole(customers), rows.Whole(model.curve[i]),
                ReportRows::Ratio(model.curve[i], model.sum_positive + model.sum_losses),
                ReportRows::Ratio(model.curve[i], model.sum_positive)});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport ValueConcentrationReport() { return Registered<ValueConcentration>(); }

}  // namespace strata
