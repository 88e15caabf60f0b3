// Customers who cost more than they bring, by what costs the most (A27).
#include <algorithm>
#include <array>

#include "data/reports/class_cells.h"
#include "data/reports/class_reports.h"
#include "data/reports/keyed_sums.h"
#include "model/classes/scheme_columns.h"

namespace strata {
namespace {

constexpr const char* kCauses[] = {"goods", "service", "contact", "retention", "discount", "returns"};
constexpr size_t kCauseCount = std::size(kCauses);

int64_t OrNothing(int64_t value) { return value == kNoWhole ? 0 : value; }

// What each cause takes from a customer of the shard.
class Losses {
 public:
  explicit Losses(const ColumnSet& columns)
      : gross_(columns, "gross"),
        returns_(columns, "returns"),
        goods_(columns, "goods_cost"),
        service_(columns, "service_cost"),
        contact_(columns, "contact_cost"),
        retention_(columns, "retention_cost"),
        discount_cost_(columns, "discount_cost"),
        discount_(columns, "discount") {}

  std::array<Int128, kCauseCount> Of(size_t row) const {
    const Int128 net = static_cast<Int128>(OrNothing(gross_[row])) - OrNothing(returns_[row]);
    const Int128 zero = 0;
    return {std::max<Int128>(zero, OrNothing(goods_[row]) - std::max(net, zero)),
            OrNothing(service_[row]),
            OrNothing(contact_[row]),
            OrNothing(retention_[row]),
            static_cast<Int128>(OrNothing(discount_cost_[row])) + OrNothing(discount_[row]),
            std::max(zero, -net)};
  }

 private:
  WholeColumn gross_, returns_, goods_, service_, contact_, retention_, discount_cost_, discount_;
};

struct LossMakers {
  static ReportInfo Info() {
    return {.name = "loss_makers",
            .title = "Customers with a loss, by cause",
            .sources = {"A27"},
            .needs = {.schemes = {SchemeId::kValueClass}},
            .columns = {{"cause", ReportType::kText, "", "goods, service, contact, retention, discount or returns."},
                        {"customers", ReportType::kInteger, "customers", "Customers with a margin below 0."},
                        {"share", ReportType::kShare, "1", "Of the customers with a margin below 0."},
                        {"sum_margin", ReportType::kMoney, "", "Their margins."}},
            .method =
                "The cause is the greatest of: goods, the part of their cost that the net does not cover; service, "
                "contact and retention, the customer's costs of that type; discount, the same and what was taken "
                "off the price; returns, what they take beyond all purchases. Of equals the first in this order."};
  }

  using Partial = KeyedSums<std::array<int32_t, 1>, 1>;

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    const WholeColumn margin(*shard.columns, "margin");
    const Losses losses(*shard.columns);
    for (size_t row = 0; row < shard.today->size(); ++row) {
      if (margin[row] == kNoWhole || margin[row] >= 0) continue;
      const std::array<Int128, kCauseCount> of = losses.Of(row);
      const auto cause = static_cast<int32_t>(std::max_element(of.begin(), of.end()) - of.begin());
      partial->Add({cause}, {margin[row]});
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts&) {
    Partial::Line all;
    for (const auto& [key, line] : merged.lines) all.Add(line);
    ReportRows rows("loss_makers", Info().columns);
    for (size_t cause = 0; cause < kCauseCount; ++cause) {
      const auto found = merged.lines.find({static_cast<int32_t>(cause)});
      const Partial::Line line = found == merged.lines.end() ? Partial::Line() : found->second;
      rows.Add({std::string(kCauses[cause]), line.customers, ReportRows::Ratio(line.customers, all.customers),
                rows.Whole(line.sums[0])});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport LossMakersReport() { return Registered<LossMakers>(); }

}  // namespace strata
