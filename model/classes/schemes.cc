#include "model/classes/schemes.h"

#include "model/fitted_models.h"
#include "model/rfm/rfm_grids.h"

namespace strata {
namespace {

constexpr const char* kNames[kSchemes] = {
    "rfm",          "rfm_ten",     "rfm_eight",      "value_class",   "grade", "value_level", "frequency_level",
    "amount_level", "order_level", "spending_level", "customer_kind", "core",  "need_class",  "life_cycle",
    "stage"};
constexpr std::string_view kTiers[] = {"A", "B", "C", "D"};
constexpr std::string_view kLevels[] = {"high", "medium", "low", "zero"};
constexpr std::string_view kKinds[] = {"quality", "potential", "ordinary"};
constexpr std::string_view kCores[] = {"core", "potential", "general"};
constexpr std::string_view kNeeds[] = {"potential", "ordinary", "important"};
constexpr std::string_view kLifeCycles[] = {"potential", "new", "active", "returning", "at_risk", "dormant", "lost"};
constexpr std::string_view kStages[] = {"acquisition", "nurture", "retention", "uplift"};

}  // namespace

namespace {

std::span<const std::string_view> BuiltInNames(const FittedModels& models, SchemeId scheme) {
  if (scheme == SchemeId::kRfm && models.rfm.has_value()) {
    if (models.rfm->grid == kGridTen) return ClassesOfTen();
    if (models.rfm->grid == kGridEight) return ClassesOfEight();
  }
  return ClassNames(scheme);
}

}  // namespace

const char* Name(SchemeId scheme) { return kNames[static_cast<size_t>(scheme)]; }

std::span<const std::string_view> ClassNames(SchemeId scheme) {
  switch (scheme) {
    case SchemeId::kRfm:
      return ClassesOfEleven();
    case SchemeId::kRfmTen:
      return ClassesOfTen();
    case SchemeId::kRfmEight:
      return ClassesOfEight();
    case SchemeId::kValueClass:
    case SchemeId::kGrade:
      return kTiers;
    case SchemeId::kValueLevel:
    case SchemeId::kFrequencyLevel:
    case SchemeId::kAmountLevel:
    case SchemeId::kOrderLevel:
    case SchemeId::kSpendingLevel:
      return kLevels;
    case SchemeId::kCustomerKind:
      return kKinds;
    case SchemeId::kCore:
      return kCores;
    case SchemeId::kNeedClass:
      return kNeeds;
    case SchemeId::kLifeCycle:
      return kLifeCycles;
    case SchemeId::kStage:
      return kStages;
  }
  return {};
}

std::vector<std::string> ClassNamesOf(const FittedModels& models, SchemeId scheme) {
  if (scheme == SchemeId::kRfm && models.rfm.has_value() && !models.rfm->grid_classes.empty()) {
    return models.rfm->grid_classes;
  }
  const std::span<const std::string_view> names = BuiltInNames(models, scheme);
  return {names.begin(), names.end()};
}

std::string_view ClassNameOf(const FittedModels& models, SchemeId scheme, uint8_t code) {
  const auto at = [code](const auto& names) {
    return code == 0 || code > names.size() ? std::string_view() : std::string_view(names[code - 1u]);
  };
  if (scheme == SchemeId::kRfm && models.rfm.has_value() && !models.rfm->grid_classes.empty()) {
    return at(models.rfm->grid_classes);
  }
  return at(BuiltInNames(models, scheme));
}

const char* Name(Cause cause) {
  static constexpr const char* kCauses[] = {"",          "bought",  "aged", "cuts", "both_bought",
                                            "both_aged", "entered", "left"};
  return kCauses[static_cast<size_t>(cause)];
}

Cause CauseOf(uint8_t before, uint8_t by_old_cuts, uint8_t now, Day last_row_day, Day previous_as_of) {
  if (now == before) return Cause::kNone;
  if (by_old_cuts == before) return Cause::kCuts;
  const bool bought = last_row_day > previous_as_of;
  if (by_old_cuts == now) return bought ? Cause::kBought : Cause::kAged;
  return bought ? Cause::kBothBought : Cause::kBothAged;
}

}  // namespace strata
