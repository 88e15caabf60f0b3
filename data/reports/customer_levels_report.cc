// Customers by high, medium and low value, frequency, amount, order and spending (C2, C6 to C9).
#include "data/reports/class_cells.h"
#include "data/reports/class_reports.h"
#include "data/reports/keyed_sums.h"
#include "model/classes/scheme_columns.h"

namespace strata {
namespace {

constexpr SchemeId kLevels[] = {SchemeId::kValueLevel, SchemeId::kFrequencyLevel, SchemeId::kAmountLevel,
                                SchemeId::kOrderLevel, SchemeId::kSpendingLevel};
constexpr size_t kLevelCount = std::size(kLevels);
constexpr size_t kFrequency = 1;
constexpr int32_t kHigh = 1, kMedium = 2;  // codes; 3 low, 4 zero

struct CustomerLevels {
  static ReportInfo Info() {
    return {.name = "customer_levels",
            .title = "Levels of value, frequency, amount, order and spending",
            .sources = {"C2", "C6", "C7", "C8", "C9"},
            .needs = {.schemes = {SchemeId::kValueLevel, SchemeId::kFrequencyLevel, SchemeId::kAmountLevel,
                                  SchemeId::kOrderLevel, SchemeId::kSpendingLevel}},
            .columns = {{"scheme", ReportType::kText, "", "Which of the five."},
                        {"group", ReportType::kText, "", "Of spending: the main category with cuts of its own."},
                        {"class", ReportType::kText, "", "high, medium, low; zero: no value above 0."},
                        {"from", ReportType::kInteger, "days", "Of frequency: least value; none: open below."},
                        {"from_amount", ReportType::kMoney, "", "Of the others, likewise."},
                        {"customers", ReportType::kInteger, "customers", "Customers in the class."},
                        {"share", ReportType::kShare, "1", "Of all customers."},
                        {"sum_net", ReportType::kMoney, "", "Their net."}},
            .method =
                "Cuts are exact quantiles (0.5 and 0.8 unless the job says otherwise) of margin, purchase days, "
                "net, average order and unit price among customers with a purchase, or fixed ones. Spending "
                "compares the unit price within the main category, where at least 100 customers have one."};
  }

  // ((scheme's number, code), group)
  using Partial = KeyedSums<std::pair<std::array<int32_t, 2>, std::string>, 1>;

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    const TextCodes category(*shard.columns, "main_category");
    for (size_t level = 0; level < kLevelCount; ++level) {
      const std::vector<uint8_t>& codes = CodesOf(shard, kLevels[level]);
      std::vector<std::string> group_of(category.size());
      if (level == LevelColumns::kSpending) {
        const LevelModel& model = *shard.models->schemes->levels[level];
        for (uint64_t code = 1; code < category.size(); ++code) {
          std::string word(category.Word(code));
          if (model.by_group.contains(word)) group_of[code] = std::move(word);
        }
      }
      // By code of the category first: looking texts up once a row would cost more than all the rest.
      std::map<std::array<int32_t, 2>, KeyedSums<std::array<int32_t, 1>, 1>::Line> sums;
      for (size_t row = 0; row < codes.size(); ++row) {
        auto& line = sums[{codes[row], level == LevelColumns::kSpending ? static_cast<int32_t>(category[row]) : 0}];
        ++line.customers;
        line.sums[0] += shard.today->net_micros[row];
      }
      for (const auto& [key, sum] : sums) {
        Partial::Line& line =
            partial->lines[{{static_cast<int32_t>(level), key[0]}, group_of[static_cast<size_t>(key[1])]}];
        line.customers += sum.customers;
        line.sums[0] += sum.sums[0];
      }
    }
    return absl::OkStatus();
  }

  static ReportCell FromOf(const std::vector<int64_t>& cuts, int32_t code) {
    if (code != kHigh && code != kMedium) return {};
    const size_t cut = code == kHigh ? 1 : 0;
    return cut < cuts.size() ? ReportCell(cuts[cut] + 1) : ReportCell();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    ReportRows rows("customer_levels", Info().columns);
    for (const auto& [key, line] : merged.lines) {
      const auto level = static_cast<size_t>(key.first[0]);
      const int32_t code = key.first[1];
      const LevelModel& model = *facts.models->schemes->levels[level];
      const auto group = model.by_group.find(key.second);
      const ReportCell from = FromOf(group == model.by_group.end() ? model.cuts : group->second, code);
      rows.Add({std::string(Name(kLevels[level])), TextOrNull(key.second),
                ClassCells(*facts.models, kLevels[level])[code], level == kFrequency ? from : ReportCell(),
                level == kFrequency ? ReportCell() : from, line.customers,
                ReportRows::Ratio(line.customers, facts.customers), rows.Whole(line.sums[0])});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport CustomerLevelsReport() { return Registered<CustomerLevels>(); }

}  // namespace strata
