#include "data/reports/class_history.h"

#include <utility>

#include "data/reports/shard_columns.h"
#include "model/rfm/rfm_score.h"

namespace strata {
namespace {

bool IsRfm(SchemeId scheme) {
  return scheme == SchemeId::kRfm || scheme == SchemeId::kRfmTen || scheme == SchemeId::kRfmEight;
}

bool SameRfm(const FittedModels& before, const FittedModels& now) {
  if (!before.rfm.has_value() || !now.rfm.has_value()) return false;
  const RfmModel &a = *before.rfm, &b = *now.rfm;
  return a.grid == b.grid && a.grid_classes == b.grid_classes && a.grid_axes == b.grid_axes &&
         a.grid_cells == b.grid_cells && AxisScores(a) == AxisScores(b) && a.mean_fm == b.mean_fm &&
         a.windowed == b.windowed && a.window == b.window;
}

// Whether margin and other sums of the profile would be the same on the same day.
bool SameSums(const FittedModels& before, const FittedModels& now) {
  const auto value = [](const FittedModels& models) {
    return models.schemes.has_value() && models.schemes->value.has_value() ? *models.schemes->value : ValueModel();
  };
  const ValueModel a = value(before), b = value(now);
  return a.window_days == b.window_days && a.basis == b.basis;
}

// Whether the class of a customer depends on such sums.
bool IsOfSums(SchemeId scheme) {
  switch (scheme) {
    case SchemeId::kValueClass:
    case SchemeId::kGrade:
    case SchemeId::kValueLevel:
    case SchemeId::kOrderLevel:
    case SchemeId::kSpendingLevel:
    case SchemeId::kCustomerKind:
    case SchemeId::kCore:
    case SchemeId::kNeedClass:
    case SchemeId::kStage:
      return true;
    default:
      return false;
  }
}

// A job that asks for nothing but RFM scores keeps no classes beside them.
bool KeepsClasses(const LookupPart& part) {
  for (uint64_t row = 0; row < part.size(); ++row) {
    const CustomerScore score = part.Row(row).score;
    if (score.recency_score > 0) return score.classes[static_cast<size_t>(SchemeId::kRfm)] != 0;
  }
  return true;
}

}  // namespace

FollowedClasses CompareClasses(const FollowedShard& followed, const FittedModels& models, const CustomerColumns& today,
                               const std::function<std::string_view(size_t)>& id, const ColumnSet& profile) {
  FollowedClasses result;
  ClassHistory& history = result.history;
  history.previous_as_of = followed.as_of;
  history.is_new.assign(today.size(), true);
  const bool same_rfm = SameRfm(*followed.models, models) && KeepsClasses(*followed.part);
  const bool same_sums = SameSums(*followed.models, models);
  ClassCodes by_old_cuts = ClassifyCustomers(*followed.models, today, profile);
  for (size_t slot = 0; slot < kSchemes; ++slot) {
    const auto scheme = static_cast<SchemeId>(slot);
    if (!HasScheme(*followed.models, scheme) || !HasScheme(models, scheme)) continue;
    if (IsRfm(scheme) ? !same_rfm : IsOfSums(scheme) && !same_sums) continue;
    history.compared.at(slot) = true;
    history.before.at(slot).assign(today.size(), 0);
    history.by_old_cuts.at(slot) = std::move(by_old_cuts.codes.at(slot));
  }
  size_t row = 0;
  for (uint64_t i = 0; i < followed.part->size(); ++i) {
    const ScoredCustomer customer = followed.part->Row(i);
    const auto is_before = [&](size_t at) {
      return today.hash[at] != customer.hash ? today.hash[at] < customer.hash : id(at) < customer.id;
    };
    while (row < today.size() && is_before(row)) ++row;
    if (row == today.size() || today.hash[row] != customer.hash || id(row) != customer.id) {
      result.gone.push_back(customer);
      continue;
    }
    history.is_new[row] = false;
    for (size_t slot = 0; slot < kSchemes; ++slot) {
      if (history.compared.at(slot)) history.before.at(slot)[row] = customer.score.classes.at(slot);
    }
  }
  return result;
}

}  // namespace strata
