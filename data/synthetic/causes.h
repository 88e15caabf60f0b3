// What is planted in a base of shape causes: reasons to leave that show before they work, one a customer, in a world
// where silence says little, so that it is known for whom a churn model should name which reason. Pure; thread-safe.
//
// Time is cut into horizons of kCauseHorizonDays that end with the period. At every cutoff between them a customer
// leaves for good with probability kLeavesWithoutCause, and whoever has a cause at that cutoff with log-odds that are
// kCauseEffect higher. A cause shows in the kCauseWindowDays up to its cutoff and at no other time, and is there only
// if the customer buys at least kCausePurchasesMin times in them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "data/synthetic/world.h"

namespace strata {

enum class ChurnCause : uint8_t {
  kNone,
  kReturnsSpike,     // most of what is bought comes back
  kPromotionsEnded,  // who bought mostly what is on promotion finds nothing of it any more
  kBasketShrink,     // one piece of one product a purchase, for as much money as before
  kCategoryDropped,  // nothing of the customer's own category
  kServiceTickets,   // several tickets are open: customers.tickets
};
inline constexpr size_t kChurnCauses = 6;  // kNone included
inline constexpr std::array<std::string_view, kChurnCauses> kChurnCauseNames = {
    "none", "returns_spike", "promotions_ended", "basket_shrink", "category_dropped", "service_tickets"};

inline constexpr int kCauseHorizonDays = 90;
inline constexpr int kCauseCutoffsMin = 3;    // one to test on, and one before it to fit on, and tonight's
inline constexpr int kCauseCutoffsMax = 100;  // of the longest period that there can be
inline constexpr int kCauseWindowDays = 60;
inline constexpr int kCausePurchasesMin = 3;
inline constexpr double kCausePurchases = 4;  // expected in a window: fewer, and most causes could not show
inline constexpr double kCauseShare = 0.08;   // of the customers, each cause
inline constexpr double kLeavesWithoutCause = 0.08;
inline constexpr double kCauseEffect = 2.25;   // log-odds: 0.08 becomes 0.45
inline constexpr int kCauseHistoryDays = 150;  // a customer's, before the first cutoff

inline constexpr double kSpikeReturnShare = 0.75;   // of lines
inline constexpr int kSpikeReturnDays = 7;          // a return comes so many days later at most
inline constexpr double kBargainHunterShare = 0.3;  // of the customers without the cause promotions_ended
inline constexpr double kBargainShare = 0.8;        // of their lines, on promotion
inline constexpr double kOtherBargainShare = 0.04;  // of others' lines
inline constexpr double kHomeCategoryShare = 0.7;   // of lines
inline constexpr int kTicketsMin = 4;               // while they are open; else 0 or 1
inline constexpr int kTicketsSpread = 4;
inline constexpr int kTicketDays = 20;  // before the cutoff they are opened, and after it closed

// Cutoffs of the period, 0: its last day; place i lies i horizons before.
int CauseCutoffs(int days);
int CauseCutoffDay(int days, int place);

// What a customer of a base of shape causes is drawn to be, whatever they then do.
struct PlannedCause {
  ChurnCause cause = ChurnCause::kNone;
  int cutoff = 0;  // place of the one at which it works
  bool is_bargain_hunter = false;
  uint8_t home_category = 0;
  int tickets = 0;          // of the cause
  bool has_ticket = false;  // otherwise
  std::array<double, kCauseCutoffsMax> lots =
      {};  // by cutoff: below the probability to leave, the customer leaves after it
};
// Precondition: the world has a catalogue.
PlannedCause PlanCause(const World& world, uint32_t customer);

// What came of it, by the days of the period on which the customer would buy, ascending.
struct CauseLife {
  ChurnCause cause = ChurnCause::kNone;  // none where it could not show
  int32_t cutoff_day = -1;               // of the cause
  bool leaves = false;                   // after that cutoff
  int32_t silent_after = 0;              // day of the period after which nothing is bought; its last one: still there
  bool IsShown(int32_t day) const {
    return cause != ChurnCause::kNone && day > cutoff_day - kCauseWindowDays && day <= cutoff_day;
  }
};
CauseLife LifeOf(const PlannedCause& plan, int days, std::span<const double> purchases);

}  // namespace strata
