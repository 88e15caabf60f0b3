// Every scheme of a customer from fitted models.
#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

#include "model/classes/life_cycle.h"
#include "model/classes/scheme_columns.h"
#include "model/classes/schemes.h"
#include "model/classes/value_class.h"
#include "model/fitted_models.h"
#include "model/rfm/rfm_grids.h"

namespace strata {
namespace {

constexpr uint8_t kZeroLevel = 4;

class Classifier {
 public:
  Classifier(const FittedModels& models, const CustomerColumns& today, const ColumnSet& profile)
      : models_(models), today_(today), profile_(profile) {}

  ClassCodes Take() {
    if (models_.rfm.has_value()) Rfm(*models_.rfm);
    if (models_.schemes.has_value()) {
      const SchemeModels& schemes = *models_.schemes;
      if (schemes.life_cycle.has_value()) LifeCycle(*schemes.life_cycle);
      if (schemes.peers.has_value()) Growth(*schemes.peers);
      if (schemes.value.has_value()) Value(*schemes.value);
      if (schemes.value.has_value() && schemes.life_cycle.has_value()) KindAndStage();
      for (size_t level = 0; level < schemes.levels.size(); ++level) {
        if (schemes.levels[level].has_value()) Level(level, *schemes.levels[level]);
      }
    }
    return std::move(result_);
  }

 private:
  std::vector<uint8_t>& Slot(SchemeId scheme) {
    std::vector<uint8_t>& codes = result_.codes[static_cast<size_t>(scheme)];
    codes.resize(today_.size());
    return codes;
  }
  bool BelowPeers(size_t row) const { return !result_.growth_potential.empty() && result_.growth_potential[row] > 0; }

  void Rfm(const RfmModel& model);
  void LifeCycle(const LifeCycleModel& model);
  void Growth(const PeerModel& model);
  void Value(const ValueModel& model);
  void KindAndStage();
  void Level(size_t level, const LevelModel& model);

  const FittedModels& models_;
  const CustomerColumns& today_;
  const ColumnSet& profile_;
  ClassCodes result_;
};

void Classifier::Rfm(const RfmModel& model) {
  const WholeColumn recency(profile_, "rfm_recency");
  const WholeColumn frequency(profile_, "rfm_frequency");
  const WholeColumn monetary(profile_, "rfm_monetary");
  std::vector<uint8_t>& named = Slot(SchemeId::kRfm);
  std::vector<uint8_t>& ten = Slot(SchemeId::kRfmTen);
  std::vector<uint8_t>& eight = Slot(SchemeId::kRfmEight);
  for (size_t row = 0; row < today_.size(); ++row) {
    std::array<int64_t, 3> values = {recency[row], frequency[row], monetary[row]};
    if (!model.windowed && today_.purchase_days[row] > 0) {
      values = {int64_t{today_.as_of} - today_.last_day[row], today_.purchase_days[row], today_.net_micros[row]};
    }
    if (model.windowed ? values[0] == kNoWhole : today_.purchase_days[row] <= 0) continue;
    const RfmScores scores = Score(model, values[0], values[1], values[2]);
    named[row] = ClassOfGrid(model, scores, values);
    ten[row] = ClassOfTen(model, scores);
    eight[row] = ClassOfEight(model, values);
  }
}

void Classifier::LifeCycle(const LifeCycleModel& model) {
  const WholeColumn last_gap(profile_, "last_gap_days");
  std::vector<uint8_t>& codes = Slot(SchemeId::kLifeCycle);
  for (size_t row = 0; row < today_.size(); ++row) {
    codes[row] = LifeCycleOf(model, today_.as_of, today_.purchase_days[row], today_.first_day[row],
                             today_.last_day[row], last_gap[row]);
  }
}

void Classifier::Growth(const PeerModel& model) {
  const WholeColumn margin(profile_, "margin");
  const PeerColumns peers(profile_);
  std::unordered_map<uint64_t, int64_t> quantiles;  // by code; looked up only, so its order reaches nothing
  result_.growth_potential.assign(today_.size(), kNoWhole);
  for (size_t row = 0; row < today_.size(); ++row) {
    if (margin[row] == kNoWhole) continue;
    const uint64_t code = peers.Code(row);
    const auto [known, is_new] = quantiles.emplace(code, kNoWhole);
    if (is_new) {
      const auto name = std::make_tuple(peers.Region(code), peers.Tenure(code), peers.Category(code));
      const auto name_of = [](const PeerModel::Group& group) {
        return std::make_tuple(std::string_view(group.region), std::string_view(group.tenure),
                               std::string_view(group.category));
      };
      const auto group = std::lower_bound(model.groups.begin(), model.groups.end(), name,
                                          [&](const PeerModel::Group& a, const auto& b) { return name_of(a) < b; });
      if (group != model.groups.end() && name_of(*group) == name) known->second = group->quantile;
    }
    if (known->second != kNoWhole) result_.growth_potential[row] = known->second - margin[row];
  }
}

void Classifier::Value(const ValueModel& model) {
  const WholeColumn margin(profile_, "margin");
  const WholeColumn active_quarters(profile_, "active_quarters");
  std::vector<uint8_t>& classes = Slot(SchemeId::kValueClass);
  std::vector<uint8_t>& grades = Slot(SchemeId::kGrade);
  std::vector<uint8_t>& cores = Slot(SchemeId::kCore);
  std::vector<uint8_t>& needs = Slot(SchemeId::kNeedClass);
  for (size_t row = 0; row < today_.size(); ++row) {
    const int64_t days = today_.purchase_days[row];
    if (margin[row] != kNoWhole) {
      classes[row] = ValueClassOf(model, margin[row]);
      const Rhythm rhythm{.active_quarters = active_quarters[row],
                          .purchase_days = days,
                          .span_days = int64_t{today_.last_day[row]} - today_.first_day[row],
                          .squared_gap_days = today_.squared_gap_days[row]};
      grades[row] = GradeOf(classes[row], MoveOf(model, rhythm));
    }
    cores[row] = grades[row] == kTierA ? 1 : BelowPeers(row) ? 2 : 3;
    needs[row] = days <= 0 ? 1 : grades[row] == kTierA ? 3 : 2;
  }
}

void Classifier::KindAndStage() {
  const std::vector<uint8_t>& grades = Slot(SchemeId::kGrade);
  const std::vector<uint8_t>& cycles = Slot(SchemeId::kLifeCycle);
  std::vector<uint8_t>& kinds = Slot(SchemeId::kCustomerKind);
  std::vector<uint8_t>& stages = Slot(SchemeId::kStage);
  for (size_t row = 0; row < today_.size(); ++row) {
    const uint8_t cycle = cycles[row];
    const bool steady = cycle == kCycleActive || cycle == kCycleReturning;
    const bool alive = steady || cycle == kCycleNew;
    kinds[row] = grades[row] == kTierA || grades[row] == kTierB ? 1 : alive && BelowPeers(row) ? 2 : 3;
    stages[row] = cycle == kCyclePotential || cycle == kCycleNew ? 1 : !steady ? 3 : BelowPeers(row) ? 4 : 2;
  }
}

void Classifier::Level(size_t level, const LevelModel& model) {
  const LevelColumns values(today_, profile_);
  const TextCodes category(profile_, "main_category");
  // The cuts of each category's code, found once.
  std::vector<const std::vector<int64_t>*> cuts_of(category.size(), &model.cuts);
  if (level == LevelColumns::kSpending) {
    for (uint64_t code = 1; code < category.size(); ++code) {
      const auto group = model.by_group.find(std::string(category.Word(code)));
      if (group != model.by_group.end()) cuts_of[code] = &group->second;
    }
  }
  std::vector<uint8_t>& codes = Slot(static_cast<SchemeId>(static_cast<size_t>(SchemeId::kValueLevel) + level));
  for (size_t row = 0; row < today_.size(); ++row) {
    const int64_t value = values.Value(level, row);
    if (value == kNoWhole || value <= 0) {
      codes[row] = kZeroLevel;
      continue;
    }
    const std::vector<int64_t>& cuts = *cuts_of[category[row]];
    const auto above = std::lower_bound(cuts.begin(), cuts.end(), value) - cuts.begin();  // cuts below the value
    codes[row] = static_cast<uint8_t>(3 - std::min<std::ptrdiff_t>(above, 2));
  }
}

}  // namespace

ClassCodes ClassifyCustomers(const FittedModels& models, const CustomerColumns& today, const ColumnSet& profile) {
  return Classifier(models, today, profile).Take();
}

}  // namespace strata
