// How many customers were lost after each cutoff, and how much of the base's net with them (A12).
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "data/reports/churn_cells.h"
#include "data/reports/churn_reports.h"
#include "data/reports/dimension_words.h"
#include "data/reports/view_rows.h"
#include "model/churn/churn_rows.h"
#include "model/churn/loss_counts.h"
#include "model/classes/schemes.h"

namespace strata {
namespace {

constexpr size_t kValuesMax = 1000;  // of a dimension: more are no table for people

// Days since the first purchase, as the profile's tenure_band.
constexpr std::array<const char*, 4> kTenureBands = {"0-90", "91-365", "366-1095", "1096+"};
int32_t TenureBand(Day tenure_days) {
  return tenure_days <= 90 ? 0 : tenure_days <= 365 ? 1 : tenure_days <= 1095 ? 2 : 3;
}

struct LossKey {
  int32_t cutoff = 0;
  std::string dimension;
  bool has_value = false;
  std::string value;
  auto operator<=>(const LossKey&) const = default;
};

struct ChurnLoss {
  static ReportInfo Info() {
    return {.name = "churn_loss",
            .title = "Churn and loss rates",
            .sources = {"A12"},
            .needs = {.churn = true},
            .columns = {{"cutoff", ReportType::kDay, "", "Customers as of this day; lost in the horizon after it."},
                        {"dimension", ReportType::kText, "",
                         "all, tenure, segment, region, category, channel: what divides them."},
                        {"value", ReportType::kText, "", "Of the dimension; none: not known of the customer."},
                        {"at_risk", ReportType::kInteger, "customers", "With a purchase in the eligible days."},
                        {"churned", ReportType::kInteger, "customers", "Of these, without one in the horizon."},
                        {"rate", ReportType::kShare, "1", "Churned of those at risk; none below 20 at risk."},
                        {"low", ReportType::kShare, "1", "95 % interval of the rate (Wilson 1927)."},
                        {"high", ReportType::kShare, "1", "Upper end."},
                        {"net", ReportType::kMoney, "", "Net of those at risk, in the 365 days before the cutoff."},
                        {"lost_net", ReportType::kMoney, "", "Of this, that of the churned."},
                        {"loss_rate", ReportType::kShare, "1", "The latter of the former; none below 20 at risk."}},
            .method =
                "Cutoffs lie a horizon apart, so no purchase counts twice. Tenure and segment are as of the cutoff, "
                "the segment by tonight's cuts of RFM; region, category and channel are as tonight's profile has "
                "them. Customers whose net is below 0 have none. Of a dimension with more than 1,000 values the "
                "largest 999 are shown and the rest is (other)."};
  }

  struct Partial {
    std::map<LossKey, LossCounts> lines;

    void Merge(const Partial& other) {
      for (const auto& [key, counts] : other.lines) lines[key].Merge(counts);
    }
    void Encode(ByteWriter* writer) const {
      writer->U32(static_cast<uint32_t>(lines.size()));
      for (const auto& [key, counts] : lines) {
        writer->I32(key.cutoff);
        writer->Text(key.dimension);
        writer->U8(key.has_value ? 1 : 0);
        writer->Text(key.value);
        counts.Encode(writer);
      }
    }
    static Partial Decode(ByteReader* reader) {
      Partial partial;
      const uint32_t size = reader->U32();
      for (uint32_t i = 0; i < size && reader->ok(); ++i) {
        LossKey key;
        key.cutoff = reader->I32();
        key.dimension = std::string(reader->Text());
        key.has_value = reader->U8() != 0;
        key.value = std::string(reader->Text());
        partial.lines[std::move(key)] = LossCounts::Decode(reader);
      }
      return partial;
    }
  };

  // The lines of a dimension at a cutoff by code + 1, looked for once a shard and not once a customer.
  class Lines {
   public:
    Lines(Partial* partial, Day cutoff, const char* dimension, size_t codes)
        : partial_(partial), cutoff_(cutoff), dimension_(dimension), counts_(codes + 1) {}
    template <typename WordOf>
    void Add(int32_t code, bool is_lost, int64_t net, const WordOf& word_of) {
      LossCounts*& counts = counts_[static_cast<size_t>(code + 1)];
      if (counts == nullptr) {
        const std::optional<std::string> word = word_of(code);
        counts = &partial_->lines[{cutoff_, dimension_, word.has_value(), word.value_or("")}];
      }
      counts->Add(is_lost, net);
    }

   private:
    Partial* partial_;
    Day cutoff_;
    const char* dimension_;
    std::vector<LossCounts*> counts_;
  };

  static void AddView(const ReportShard& shard, const CustomerColumns& columns, Partial* partial) {
    const ChurnPlan asked = {.eligible_days = shard.models->churn->eligible_days};
    const ChurnView view = {.columns = &columns, .profile = nullptr, .label = {}};
    const std::vector<int64_t> rows_today = RowsToday(columns, *shard.today);
    const Day cutoff = columns.as_of;
    Lines all(partial, cutoff, "all", 1), tenure(partial, cutoff, "tenure", kTenureBands.size());
    Lines segment(partial, cutoff, "segment", kMaxRfmClasses + 1);
    std::vector<DimensionWords> words;
    std::vector<Lines> places;
    for (const Dimension& place : kPlaceDimensions) {
      words.emplace_back(shard, place.column);
      places.emplace_back(partial, cutoff, place.name, words.back().is_there() ? words.back().size() : 0);
    }
    // RFM of a window would need the profile of that day.
    FittedModels rfm_alone;
    if (shard.models->rfm.has_value() && !shard.models->rfm->windowed) rfm_alone.rfm = shard.models->rfm;
    const ClassCodes classes =
        rfm_alone.rfm.has_value() ? ClassifyCustomers(rfm_alone, columns, ColumnSet()) : ClassCodes();
    for (size_t row = 0; row < columns.size(); ++row) {
      if (!AtRisk(asked, view, row) || LabelOf(view, row) < 0) continue;
      const bool is_lost = LabelOf(view, row) == 1;
      const int64_t net = columns.net_micros_365[row];
      all.Add(0, is_lost, net, [](int32_t) { return std::optional<std::string>("all"); });
      tenure.Add(TenureBand(cutoff - columns.first_day[row]), is_lost, net,
                 [](int32_t band) { return std::optional<std::string>(kTenureBands.at(static_cast<size_t>(band))); });
      if (rfm_alone.rfm.has_value()) {
        segment.Add(classes.codes[static_cast<size_t>(SchemeId::kRfm)][row], is_lost, net, [&](int32_t code) {
          return std::optional(std::string(ClassNameOf(*shard.models, SchemeId::kRfm, static_cast<uint8_t>(code))));
        });
      }
      for (size_t i = 0; i < places.size(); ++i) {
        if (!words[i].is_there()) continue;
        places[i].Add(words[i].code(rows_today[row]), is_lost, net, [&](int32_t code) { return words[i].word(code); });
      }
    }
  }

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    if (!shard.models->churn.has_value()) return absl::OkStatus();
    for (const CustomerColumns& columns : shard.churn_views) AddView(shard, columns, partial);
    return absl::OkStatus();
  }

  // By dimension, the values that are not shown.
  static std::set<std::pair<std::string, std::string>> HiddenOf(const Partial& merged) {
    std::map<std::string, std::map<std::string, int64_t>> at_risk;
    for (const auto& [key, counts] : merged.lines) {
      if (key.has_value) at_risk[key.dimension][key.value] += counts.at_risk;
    }
    std::set<std::pair<std::string, std::string>> hidden;
    for (const auto& [dimension, by_value] : at_risk) {
      if (by_value.size() <= kValuesMax) continue;
      std::vector<std::pair<int64_t, std::string>> ranked;  // the largest first, then by bytes
      for (const auto& [value, customers] : by_value) ranked.emplace_back(-customers, value);
      std::sort(ranked.begin(), ranked.end());
      for (size_t i = kValuesMax - 1; i < ranked.size(); ++i) hidden.emplace(dimension, ranked[i].second);
    }
    return hidden;
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    STRATA_RETURN_IF_ERROR(ChurnOf(facts.models).status());
    if (merged.lines.empty()) return LeaveOut("the history has no cutoff with anybody at risk");
    const auto hidden = HiddenOf(merged);
    Partial shown;
    for (const auto& [key, counts] : merged.lines) {
      LossKey place = key;
      if (key.has_value && hidden.contains({key.dimension, key.value})) place.value = kOtherValues;
      shown.lines[std::move(place)].Merge(counts);
    }
    ReportRows rows("churn_loss", Info().columns);
    for (const auto& [key, counts] : shown.lines) {
      const std::optional<LossRates> rates = RatesOf(counts);
      const auto cell = [&rates](double LossRates::*member) {
        return rates.has_value() ? ReportCell((*rates).*member) : ReportCell();
      };
      rows.Add({int64_t{key.cutoff}, key.dimension, key.has_value ? ReportCell(key.value) : ReportCell(),
                counts.at_risk, counts.lost, cell(&LossRates::churn),
                rates.has_value() ? ReportCell(rates->interval.low) : ReportCell(),
                rates.has_value() ? ReportCell(rates->interval.high) : ReportCell(), rows.Whole(counts.net_micros),
                rows.Whole(counts.lost_net_micros), rates.has_value() ? NumberCell(rates->net) : ReportCell()});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport ChurnLossReport() { return Registered<ChurnLoss>(); }

}  // namespace strata
