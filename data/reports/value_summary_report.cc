// Margins in a few figures, losses apart (A27, A54).
#include <fmt/format.h>

#include "data/reports/class_cells.h"
#include "data/reports/class_reports.h"
#include "data/reports/keyed_sums.h"

namespace strata {
namespace {

constexpr size_t kTops[] = {1, 5, 10, 20};  // percent

struct ValueSummary {
  static ReportInfo Info() {
    return {.name = "value_summary",
            .title = "Margins in figures",
            .sources = {"A27", "A54"},
            .needs = {.schemes = {SchemeId::kValueClass}, .reference_rows = true},
            .columns = {{"measure", ReportType::kText, "", "What is measured."},
                        {"amount", ReportType::kMoney, "", "Where it is money."},
                        {"count", ReportType::kInteger, "customers", "Where it is a number of customers."},
                        {"ratio", ReportType::kNumber, "1", "Where it is a share or an index."},
                        {"words", ReportType::kText, "", "Where it is said in words."}},
            .method =
                "Gini = 2 sum(i x_i) / (n sum(x)) - (n + 1) / n over x = max(margin, 0) ascending. top_k_share: "
                "margin of the top k % of the customers, of the sum of positive margins. unallocated_cost: costs up to "
                "the date that name no customer, which are in nobody's margin."};
  }

  struct Partial {
    Int128 unallocated = 0;

    void Merge(const Partial& other) { unallocated += other.unallocated; }
    void Encode(ByteWriter* writer) const { writer->I128(unallocated); }
    static Partial Decode(ByteReader* reader) { return {.unallocated = reader->I128()}; }
  };

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    if (shard.tables == nullptr || shard.today != nullptr) return absl::OkStatus();
    const TableShard* costs = shard.tables->reference[static_cast<size_t>(TableId::kCosts)];
    const int amount = costs == nullptr ? -1 : costs->Column("amount");
    if (amount < 0) return absl::OkStatus();
    for (const int64_t micros : costs->whole(amount)) partial->unallocated += micros == kNoWhole ? 0 : micros;
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    const ValueModel& model = *facts.models->schemes->value;
    ReportRows rows("value_summary", Info().columns);
    const ReportCell none;
    const auto count = [&](const char* name, int64_t value) { rows.Add({std::string(name), none, value, none, none}); };
    const auto amount = [&](const char* name, Int128 value) {
      rows.Add({std::string(name), rows.Whole(value), none, none, none});
    };
    count("customers", model.customers);
    count("positive", model.positive);
    count("zero", model.zero);
    count("losing", model.losing);
    amount("sum_positive", model.sum_positive);
    amount("sum_losses", model.sum_losses);
    amount("unallocated_cost", merged.unallocated);
    rows.Add({std::string("gini"), none, none, model.gini, none});
    for (const size_t top : kTops) {
      const ReportCell share = model.curve.empty() ? none : ReportRows::Ratio(model.curve[top - 1], model.sum_positive);
      rows.Add({fmt::format("top_{}_share", top), none, none, share, none});
    }
    rows.Add({std::string("margin_basis"), none, none, none, TextOrNull(model.basis)});
    return rows.Take();
  }
};

}  // namespace

RegisteredReport ValueSummaryReport() { return Registered<ValueSummary>(); }

}  // namespace strata
