#include "data/synthetic/life.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/synthetic/draws.h"
#include "data/synthetic/nights.h"
#include "data/synthetic/purposes.h"

namespace strata {
namespace {

constexpr uint32_t kOpeningSecond = 8 * 3600;  // shops are open from 8 to 22 o'clock
constexpr uint32_t kOpenSeconds = 14 * 3600;
constexpr double kLineShareMin = 0.5;  // lines of a purchase share its spend as 0.5..1.5 to one another

// The time of day keeps the order of purchases within a day.
uint32_t SecondOf(double day) {
  const double whole = std::floor(day);
  return static_cast<uint32_t>(whole) * kSecondsPerDay + kOpeningSecond +
         static_cast<uint32_t>((day - whole) * kOpenSeconds);
}

class Life {
 public:
  Life(const World& world, uint32_t customer, std::vector<SyntheticRow>* rows)
      : world_(world),
        customer_(customer),
        begin_(rows->size()),
        rows_(rows),
        times_(world.options.seed, kPurposeTimes, customer),
        contents_(world.options.seed, kPurposeContents, customer) {
    DrawTraits();
  }

  CustomerTruth Live();
  bool overflown() const { return rows_->size() - begin_ > static_cast<size_t>(kIdsPerCustomer); }

 private:
  void DrawTraits();
  CustomerTruth LiveWithCause();
  void Purchase(double day, int step);
  void PurchaseUnlessSilent(double day, int step);
  void Line(SyntheticRow row, int64_t cents, int step);
  uint32_t ProductFor(bool is_dropped);
  double PromotedShare(bool is_ended, int step) const;
  void MaybeReturn(const SyntheticRow& line, int step);
  void Append(SyntheticRow row);
  bool Shows(ChurnCause cause, int32_t day) const { return cause_.cause == cause && cause_.IsShown(day); }
  // Of the wind-down: 0 for its first purchase, -1 before it or where the reason is another one.
  int StepFor(LeavingReason reason, int step) const { return truth_.reason == reason ? step : -1; }

  const World& world_;
  const uint32_t customer_;
  const size_t begin_;
  std::vector<SyntheticRow>* rows_;
  const PlantedGroup* group_ = nullptr;
  DrawStream times_;
  DrawStream contents_;
  CustomerTruth truth_;
  PlannedNights nights_;
  PlannedCause plan_;
  CauseLife cause_;
  int planned_purchases_ = 0;  // of those on waking
  double start_day_ = 0;
  double spend_rate_ = 1;    // nu of the Gamma-Gamma model
  int64_t last_repeat_ = 0;  // after this repeat purchase the customer leaves
  uint8_t new_region_ = 0;   // of whoever moves
  int64_t order_ = 0;
  std::vector<double> shares_;  // of the purchase at hand
};

void Life::DrawTraits() {
  DrawStream traits(world_.options.seed, kPurposeTraits, customer_);
  truth_.group = world_.group_choice.Of(traits.Bits());
  group_ = &world_.groups[truth_.group];
  const GroupShape& shape = group_->shape;
  const double rate = traits.Gamma(shape.rate_shape);
  truth_.rate_per_week = group_->purchases.alpha > 0 ? rate / group_->purchases.alpha : 0;
  truth_.drop_probability = traits.Beta(group_->purchases.a, group_->purchases.b);
  last_repeat_ = traits.Geometric(truth_.drop_probability);
  spend_rate_ = traits.Gamma(shape.spend_q) / shape.spend_v;
  truth_.mean_spend = shape.spend_p / spend_rate_;
  truth_.region = static_cast<uint8_t>(world_.region_choice.Of(traits.Bits()));
  new_region_ = static_cast<uint8_t>((truth_.region + 1 + traits.Below(kRegions - 1)) % kRegions);
  truth_.channel = static_cast<uint8_t>(world_.channel_choice[truth_.group].Of(traits.Bits()));
  truth_.reason = static_cast<LeavingReason>(world_.reason_choice.Of(traits.Bits()));
  if (world_.options.shape != BaseShape::kRetail) truth_.reason = LeavingReason::kSilent;
  if (world_.options.shape == BaseShape::kNights) {
    nights_ = PlanNights(world_.options, customer_);
    truth_.night_life = nights_.life;
    truth_.night = nights_.night;
  }
  if (world_.options.shape == BaseShape::kCauses) plan_ = PlanCause(world_, customer_);
  start_day_ = world_.options.days * (shape.start_begin + (shape.start_end - shape.start_begin) * traits.Unit());
}

// When they would buy comes first: a cause is there only where it can show.
CustomerTruth Life::LiveWithCause() {
  std::vector<double> days;
  for (double day = start_day_; day < world_.options.days;) {
    days.push_back(day);
    if (truth_.rate_per_week <= 0) break;
    day += times_.Exponential() * 7 / truth_.rate_per_week;
  }
  cause_ = LifeOf(plan_, world_.options.days, days);
  truth_.first_day = static_cast<int32_t>(start_day_);
  truth_.last_purchase_day = -1;
  for (const double day : days) {
    if (std::floor(day) <= cause_.silent_after && !overflown()) Purchase(day, -1);
  }
  truth_.alive = cause_.silent_after == world_.options.days - 1;
  truth_.cause = cause_.cause;
  truth_.cause_cutoff_day = cause_.cutoff_day;
  truth_.cause_leaves = cause_.leaves;
  truth_.tickets = static_cast<int16_t>(cause_.cause == ChurnCause::kServiceTickets ? plan_.tickets : 0);
  truth_.has_ticket = plan_.has_ticket;
  return truth_;
}

CustomerTruth Life::Live() {
  if (world_.options.shape == BaseShape::kCauses) return LiveWithCause();
  const double gap_days = truth_.rate_per_week > 0 ? 7 / truth_.rate_per_week : 0;
  double day = start_day_;
  truth_.first_day = static_cast<int32_t>(day);
  truth_.last_purchase_day = -1;
  int step = -1;
  Purchase(day, step);
  for (int64_t repeat = 1; gap_days > 0 && !overflown(); ++repeat) {
    const int64_t left = last_repeat_ - repeat;  // purchases after this one
    const int next_step = left < kWindDownPurchases ? static_cast<int>(kWindDownPurchases - 1 - left) : -1;
    const int slow = StepFor(LeavingReason::kEndOfNeed, next_step);
    day += times_.Exponential() * gap_days * (slow >= 0 ? kEndOfNeedGapFactor[static_cast<size_t>(slow)] : 1.0);
    if (day >= world_.options.days) break;
    step = next_step;
    PurchaseUnlessSilent(day, step);
    if (left == 0) {
      truth_.alive = false;
      break;
    }
  }
  PurchaseUnlessSilent(world_.options.days, step);  // what is left of waking
  if (nights_.life == NightLife::kAsleep || nights_.life == NightLife::kStopping) truth_.alive = false;
  truth_.winding_down = truth_.alive && step >= 0;
  return truth_;
}

// In the order of time: purchases on waking come before a later one.
void Life::PurchaseUnlessSilent(double day, int step) {
  while (nights_.life == NightLife::kAwakened && planned_purchases_ < kWakingPurchases &&
         nights_.silent_to + planned_purchases_ < day) {
    Purchase(nights_.silent_to + planned_purchases_++, step);
  }
  const bool is_silent = nights_.silent_from <= day && day < nights_.silent_to;
  if (!is_silent && day < world_.options.days) Purchase(day, step);
}

void Life::Purchase(double day, int step) {
  const int32_t whole_day = static_cast<int32_t>(day);
  ++truth_.purchases;
  if (whole_day != truth_.last_purchase_day) ++truth_.purchase_days;
  truth_.last_purchase_day = whole_day;

  SyntheticRow row{.order_id = customer_ * kIdsPerCustomer + order_++, .second = SecondOf(day), .customer = customer_};
  const int moved = StepFor(LeavingReason::kMoved, step);
  row.region = moved >= kWindDownPurchases - kMovedSteps ? new_region_ : truth_.region;
  row.channel = contents_.Unit() < kOwnChannelShare
                    ? truth_.channel
                    : static_cast<uint8_t>(world_.channel_choice[truth_.group].Of(contents_.Bits()));
  row.invoiced = row.channel == kPartnerChannel;
  if (row.invoiced) {
    const int32_t paid = whole_day + kPaymentDaysMin + static_cast<int32_t>(contents_.Below(kPaymentDaysSpread));
    row.payment_day = paid < world_.options.days ? paid : SyntheticRow::kNoDay;
  }
  double spend = contents_.Gamma(group_->shape.spend_p) / spend_rate_;
  if (world_.options.shape == BaseShape::kNights) spend *= NightPrices(world_.options.days, day);
  size_t lines = 1;
  for (const double u = contents_.Unit(); lines <= group_->lines_below.size() && u >= group_->lines_below[lines - 1];) {
    ++lines;
  }
  const int falling = StepFor(LeavingReason::kCompetitor, step);
  if (falling >= 0) {
    spend *= kCompetitorSpendFactor[static_cast<size_t>(falling)];
    lines = (lines + 1) / 2;
  }
  if (Shows(ChurnCause::kBasketShrink, whole_day)) lines = 1;
  const int64_t cents = std::max(std::llround(100 * spend), static_cast<long long>(lines));
  shares_.clear();
  double total = 0;
  for (size_t i = 0; i < lines; ++i) total += shares_.emplace_back(lines == 1 ? 1 : kLineShareMin + contents_.Unit());
  int64_t given = 0;
  double share_given = 0;
  for (size_t i = 0; i < lines; ++i) {
    share_given += shares_[i];
    const int64_t up_to = i + 1 == lines ? cents : std::llround(static_cast<double>(cents) * share_given / total);
    Line(row, std::max<int64_t>(1, up_to - given), step);
    given = up_to;
  }
}

void Life::Line(SyntheticRow row, int64_t cents, int step) {
  const auto day = static_cast<int32_t>(row.second / kSecondsPerDay);
  row.product = static_cast<uint16_t>(ProductFor(Shows(ChurnCause::kCategoryDropped, day)));
  const double pieces = static_cast<double>(cents) / static_cast<double>(world_.list_price_cents[row.product]);
  row.quantity = static_cast<int32_t>(std::clamp<double>(std::round(pieces), 1, kQuantityMax));
  if (Shows(ChurnCause::kBasketShrink, day)) row.quantity = 1;
  row.unit_price_cents = std::max<int64_t>(1, (cents + row.quantity / 2) / row.quantity);
  row.amount_cents = row.unit_price_cents * row.quantity;
  if (world_.options.shape == BaseShape::kSparse) {
    Append(row);
    return;
  }
  const double promoted = PromotedShare(Shows(ChurnCause::kPromotionsEnded, day), step);
  if (contents_.Unit() < promoted) row.promotion = static_cast<uint8_t>(1 + contents_.Below(kPromotions));
  Append(row);
  MaybeReturn(row, step);
}

uint32_t Life::ProductFor(bool is_dropped) {
  uint32_t product = world_.product_choice.Of(contents_.Bits());
  if (world_.options.shape != BaseShape::kCauses) return product;
  const bool is_of_home = contents_.Unit() < kHomeCategoryShare && !is_dropped;
  while (((*world_.catalogue)[product].category == plan_.home_category) != is_of_home) {
    product = world_.product_choice.Of(contents_.Bits());
  }
  return product;
}

double Life::PromotedShare(bool is_ended, int step) const {
  if (world_.options.shape != BaseShape::kCauses) {
    return StepFor(LeavingReason::kPrice, step) >= 0 ? kPricePromotionShare : kPromotionShare;
  }
  if (is_ended) return 0;
  return plan_.is_bargain_hunter ? kBargainShare : kOtherBargainShare;
}

void Life::MaybeReturn(const SyntheticRow& line, int step) {
  const auto bought = static_cast<int32_t>(line.second / kSecondsPerDay);
  const bool is_spike = Shows(ChurnCause::kReturnsSpike, bought);
  const int annoyed = StepFor(LeavingReason::kService, step);
  const double share =
      is_spike ? kSpikeReturnShare
               : std::max(group_->return_share, annoyed >= 0 ? kServiceReturnShare[static_cast<size_t>(annoyed)] : 0);
  if (contents_.Unit() >= share) return;
  int32_t day = bought + 1 + static_cast<int32_t>(contents_.Below(is_spike ? kSpikeReturnDays : kReturnDaysSpread));
  if (is_spike) day = std::min(day, cause_.cutoff_day);  // shows by then
  const double time = contents_.Unit();
  if (day >= world_.options.days) return;  // after the period
  SyntheticRow row = line;
  row.second = SecondOf(day + time);
  row.quantity = -line.quantity;
  row.amount_cents = -line.amount_cents;
  row.is_return = true;
  row.promotion = 0;
  row.invoiced = false;
  row.payment_day = SyntheticRow::kNoDay;
  Append(row);
}

void Life::Append(SyntheticRow row) {
  row.transaction_id = customer_ * kIdsPerCustomer + static_cast<int64_t>(rows_->size() - begin_);
  ++truth_.rows;
  truth_.return_rows += row.is_return ? 1 : 0;
  truth_.net_cents += row.amount_cents;
  rows_->push_back(row);
}

}  // namespace

absl::StatusOr<CustomerTruth> LiveLife(const World& world, uint32_t customer, std::vector<SyntheticRow>* rows) {
  Life life(world, customer, rows);
  const CustomerTruth truth = life.Live();
  if (!life.overflown()) return truth;
  return MakeError(absl::StatusCode::kInternal, "SYNTHETIC_OVERFLOW",
                   fmt::format("customer {} has more than {} rows", CustomerId(customer), kIdsPerCustomer));
}

void AddDirt(const World& world, size_t begin, std::vector<SyntheticRow>* rows) {
  if (world.dirty_per_clean <= 0) return;
  const size_t end = rows->size();
  for (size_t i = begin; i < end; ++i) {
    SyntheticRow row = (*rows)[i];
    DrawStream draws(world.options.seed, kPurposeDirt, static_cast<uint64_t>(row.transaction_id));
    if (draws.Unit() >= world.dirty_per_clean) continue;
    row.dirt = static_cast<DirtyKind>(1 + draws.Below(kDirtyKinds - 1));
    if (row.dirt == DirtyKind::kConflict) {
      row.unit_price_cents += 1;
      row.amount_cents = row.unit_price_cents * row.quantity;
    }
    rows->push_back(row);
  }
}

std::string CustomerId(uint32_t customer) { return fmt::format("C{:09}", customer); }

}  // namespace strata
