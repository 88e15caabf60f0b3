// In what those who were lost after the newest cutoff differed from those who were kept (A11).
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/reports/churn_cells.h"
#include "data/reports/churn_reports.h"
#include "data/reports/dimension_words.h"
#include "data/reports/view_rows.h"
#include "model/churn/catalogue.h"
#include "model/churn/churn_rows.h"
#include "model/churn/traits.h"
#include "model/classes/schemes.h"
#include "model/statistics/integer_sums.h"

namespace strata {
namespace {

constexpr int64_t kMoneyGrid = 10'000;  // micros in a hundredth, whose squares fit their sum
constexpr size_t kWordsMax = 20;        // of a category: those that differ most
constexpr double kSlight = 0.2;         // |d| below it (Cohen 1988)

// Those of days, which every job has; the others would need a profile of that day.
std::vector<ChurnFeature> DayFeatures() {
  std::vector<ChurnFeature> features;
  for (const ChurnFeature& feature : ChurnCatalogue()) {
    if (feature.source == ChurnSource::kDays && feature.type != ColumnType::kText) features.push_back(feature);
  }
  return features;
}

struct ChurnTraits {
  static ReportInfo Info() {
    return {.name = "churn_traits",
            .title = "The lost beside the kept",
            .sources = {"A11"},
            .needs = {.churn = true},
            .columns = {{"place", ReportType::kInteger, "1", "1: the trait that tells them apart best."},
                        {"trait", ReportType::kText, "", "A feature of churn, or segment, region, category, channel."},
                        {"value", ReportType::kText, "", "Of a trait that is a word; none: it is a number."},
                        {"unit", ReportType::kText, "", "Of the means; none: shares."},
                        {"lost", ReportType::kNumber, "", "Mean of the lost; share of them that has the word."},
                        {"kept", ReportType::kNumber, "", "Of the kept."},
                        {"effect", ReportType::kNumber, "1", "Cohen's d of a number; Cramer's V of a trait of words."},
                        {"measure", ReportType::kText, "", "d or V."},
                        {"auc", ReportType::kShare, "1", "P(a lost one has more than a kept one), ties half."},
                        {"missing_lost", ReportType::kInteger, "customers", "Lost ones of whom it is not known."},
                        {"missing_kept", ReportType::kInteger, "customers", "Kept ones."},
                        {"words", ReportType::kText, "", "What it says of the lost."}},
            .method =
                "Customers at risk at the newest cutoff, whose horizon is over; features as of the cutoff. Region, "
                "category and channel are as tonight's profile has them. d is the difference of means over the "
                "pooled standard deviation (money in hundredths); the order is by |d|, of V by the d of an equal "
                "correlation, 2V / sqrt(1 - V^2). Of a trait of words the 20 are shown that differ most. Traits go "
                "together, and none of them need be why a customer left: churn_drivers looks at all at once."};
  }

  struct Partial {
    std::map<std::string, NumberTrait> numbers;
    std::map<std::string, WordTrait> words;

    void Merge(const Partial& other) {
      for (const auto& [name, trait] : other.numbers) numbers[name].Merge(trait);
      for (const auto& [name, trait] : other.words) words[name].Merge(trait);
    }
    void Encode(ByteWriter* writer) const {
      writer->U32(static_cast<uint32_t>(numbers.size()));
      for (const auto& [name, trait] : numbers) {
        writer->Text(name);
        trait.Encode(writer);
      }
      writer->U32(static_cast<uint32_t>(words.size()));
      for (const auto& [name, trait] : words) {
        writer->Text(name);
        trait.Encode(writer);
      }
    }
    static Partial Decode(ByteReader* reader) {
      Partial partial;
      const uint32_t numbers = reader->U32();
      for (uint32_t i = 0; i < numbers && reader->ok(); ++i) {
        std::string name(reader->Text());
        partial.numbers[std::move(name)] = NumberTrait::Decode(reader);
      }
      const uint32_t words = reader->U32();
      for (uint32_t i = 0; i < words && reader->ok(); ++i) {
        std::string name(reader->Text());
        partial.words[std::move(name)] = WordTrait::Decode(reader);
      }
      return partial;
    }
  };

  static void AddWord(const std::optional<std::string>& word, bool is_lost, WordTrait* trait) {
    if (word.has_value()) {
      trait->Add(is_lost, *word);
    } else {
      ++trait->missing[is_lost ? 1 : 0];
    }
  }

  static void AddWords(const ReportShard& shard, const ChurnRows& at_risk, Partial* partial) {
    const CustomerColumns& then = shard.churn_views.front();
    const std::vector<int64_t> rows_today = RowsToday(then, *shard.today);
    for (const Dimension& place : kPlaceDimensions) {
      const DimensionWords words(shard, place.column);
      if (!words.is_there()) continue;
      for (size_t i = 0; i < at_risk.size(); ++i) {
        if (at_risk.label()[i] < 0) continue;
        AddWord(words.word(words.code(rows_today[at_risk.row()[i]])), at_risk.label()[i] == 1,
                &partial->words[place.name]);
      }
    }
    if (!shard.models->rfm.has_value() || shard.models->rfm->windowed) return;
    FittedModels rfm_alone;
    rfm_alone.rfm = shard.models->rfm;
    const ClassCodes classes = ClassifyCustomers(rfm_alone, then, ColumnSet());
    const std::vector<uint8_t>& codes = classes.codes[static_cast<size_t>(SchemeId::kRfm)];
    for (size_t i = 0; i < at_risk.size(); ++i) {
      if (at_risk.label()[i] < 0) continue;
      const std::string_view word = ClassNameOf(*shard.models, SchemeId::kRfm, codes[at_risk.row()[i]]);
      AddWord(std::string(word), at_risk.label()[i] == 1, &partial->words["segment"]);
    }
  }

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    if (!shard.models->churn.has_value() || shard.churn_views.empty()) return absl::OkStatus();
    const ChurnModel& model = *shard.models->churn;
    ChurnPlan plan = {
        .features = DayFeatures(), .horizon_days = model.horizon_days, .eligible_days = model.eligible_days};
    const ChurnView view = {.columns = &shard.churn_views.front(), .profile = nullptr, .label = {}};
    STRATA_ASSIGN_OR_RETURN(const ChurnRows at_risk, ChurnRows::Of(plan, view, nullptr));
    for (size_t feature = 0; feature < plan.features.size(); ++feature) {
      const bool is_money = plan.features[feature].type == ColumnType::kMoney;
      NumberTrait trait;
      for (size_t i = 0; i < at_risk.size(); ++i) {
        if (at_risk.label()[i] < 0) continue;
        int64_t value = at_risk.wholes(feature)[i];
        if (is_money && value != kNoWhole) value = RoundedQuotient(value, kMoneyGrid);
        STRATA_RETURN_IF_ERROR(trait.Add(at_risk.label()[i] == 1, value));
      }
      if (at_risk.size() > 0) partial->numbers[plan.features[feature].name] = std::move(trait);
    }
    AddWords(shard, at_risk, partial);
    return absl::OkStatus();
  }

  // A trait's lines, to be put in order.
  struct Told {
    double strength = 0;
    std::string name;
    std::vector<std::vector<ReportCell>> lines;  // without the place
  };

  static std::string WordsOf(const ChurnFeature& feature, double d) {
    if (std::fabs(d) < kSlight) return "hardly different";
    const std::string& words = d > 0 ? feature.high_words : feature.low_words;
    return words.empty() ? feature.name + (d > 0 ? " is higher" : " is lower") : words;
  }

  static std::optional<Told> Tell(const ChurnFeature& feature, const NumberTrait& trait) {
    const std::optional<NumberEffect> effect = EffectOf(trait);
    if (!effect.has_value()) return std::nullopt;
    const double scale = feature.scale * (feature.type == ColumnType::kMoney ? kMoneyGrid : 1);
    Told told = {.strength = std::fabs(effect->d), .name = feature.name, .lines = {}};
    told.lines.push_back({feature.name, ReportCell(), TextCell(feature.unit), effect->lost * scale,
                          effect->kept * scale, effect->d, std::string("d"), effect->auc, trait.missing[1],
                          trait.missing[0], WordsOf(feature, effect->d)});
    return told;
  }

  static std::optional<Told> Tell(const std::string& name, const WordTrait& trait) {
    const std::optional<double> v = CramersV(trait);
    if (!v.has_value()) return std::nullopt;
    const double rest = std::sqrt(std::max(0.0, 1 - *v * *v));
    Told told = {.strength = rest > 0 ? 2 * *v / rest : HUGE_VAL, .name = name, .lines = {}};
    const std::map<std::string, WordEffect> effects = EffectsOf(trait);
    std::vector<std::pair<std::string, WordEffect>> ranked(effects.begin(), effects.end());
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
      return std::fabs(a.second.difference()) > std::fabs(b.second.difference());
    });
    if (ranked.size() > kWordsMax) ranked.resize(kWordsMax);
    for (const auto& [word, effect] : ranked) {
      const std::string more = effect.difference() > 0 ? "more frequent" : "less frequent";
      told.lines.push_back({name, word, ReportCell(), effect.lost, effect.kept, *v, std::string("V"), ReportCell(),
                            trait.missing[1], trait.missing[0], effect.difference() == 0 ? "as frequent" : more});
    }
    return told;
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    STRATA_RETURN_IF_ERROR(ChurnOf(facts.models).status());
    std::vector<Told> traits;
    for (const ChurnFeature& feature : DayFeatures()) {
      const auto found = merged.numbers.find(feature.name);
      if (found == merged.numbers.end()) continue;
      if (std::optional<Told> told = Tell(feature, found->second)) traits.push_back(*std::move(told));
    }
    for (const auto& [name, trait] : merged.words) {
      if (std::optional<Told> told = Tell(name, trait)) traits.push_back(*std::move(told));
    }
    if (traits.empty()) return LeaveOut("nobody at risk at the newest cutoff was lost, or nobody was kept");
    std::sort(traits.begin(), traits.end(), [](const Told& a, const Told& b) {
      return a.strength != b.strength ? a.strength > b.strength : a.name < b.name;
    });
    ReportRows rows("churn_traits", Info().columns);
    int64_t place = 0;
    for (const Told& told : traits) {
      ++place;
      for (const std::vector<ReportCell>& line : told.lines) {
        std::vector<ReportCell> cells = {place};
        cells.insert(cells.end(), line.begin(), line.end());
        rows.Add(std::move(cells));
      }
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport ChurnTraitsReport() { return Registered<ChurnTraits>(); }

}  // namespace strata
