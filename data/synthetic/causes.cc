#include "data/synthetic/causes.h"

#include <algorithm>
#include <cmath>

#include "data/synthetic/draws.h"
#include "data/synthetic/purposes.h"

namespace strata {
namespace {

double LeavesWithCause() {
  const double odds = kLeavesWithoutCause / (1 - kLeavesWithoutCause) * std::exp(kCauseEffect);
  return odds / (1 + odds);
}

}  // namespace

int CauseCutoffs(int days) {
  const double first = days * GroupsOf(BaseShape::kCauses).front().start_end + kCauseHistoryDays;
  return std::max(0, static_cast<int>((days - 1 - first) / kCauseHorizonDays) + 1);
}

int CauseCutoffDay(int days, int place) { return days - 1 - kCauseHorizonDays * place; }

PlannedCause PlanCause(const World& world, uint32_t customer) {
  DrawStream draws(world.options.seed, kPurposeCauses, customer);
  PlannedCause plan;
  const auto number = static_cast<size_t>(draws.Unit() / kCauseShare) + 1;
  if (number < kChurnCauses) plan.cause = static_cast<ChurnCause>(number);
  const int cutoffs = CauseCutoffs(world.options.days);
  plan.cutoff = static_cast<int>(draws.Below(static_cast<uint32_t>(cutoffs)));
  plan.is_bargain_hunter = draws.Unit() < kBargainHunterShare || plan.cause == ChurnCause::kPromotionsEnded;
  plan.home_category = (*world.catalogue)[world.product_choice.Of(draws.Bits())].category;
  plan.tickets = kTicketsMin + static_cast<int>(draws.Below(kTicketsSpread));
  plan.has_ticket = draws.Below(4) == 0;
  for (int place = 0; place < cutoffs; ++place) plan.lots.at(static_cast<size_t>(place)) = draws.Unit();
  return plan;
}

CauseLife LifeOf(const PlannedCause& plan, int days, std::span<const double> purchases) {
  CauseLife life = {.silent_after = days - 1};
  for (int place = CauseCutoffs(days) - 1; place >= 0; --place) {  // as time goes by
    const int cutoff = CauseCutoffDay(days, place);
    const auto shown = std::count_if(purchases.begin(), purchases.end(), [cutoff](double day) {
      return std::floor(day) > cutoff - kCauseWindowDays && std::floor(day) <= cutoff;
    });
    const bool has_cause = plan.cause != ChurnCause::kNone && plan.cutoff == place && shown >= kCausePurchasesMin;
    const bool leaves =
        plan.lots.at(static_cast<size_t>(place)) < (has_cause ? LeavesWithCause() : kLeavesWithoutCause);
    if (has_cause) {
      life.cause = plan.cause;
      life.cutoff_day = cutoff;
      life.leaves = leaves;
    }
    if (leaves) {
      life.silent_after = cutoff;
      break;
    }
  }
  return life;
}

}  // namespace strata
