// What a synthetic base is drawn from before it is sized: planted groups, reasons to leave, regions, channels,
// products. Pure functions and constants; thread-safe. docs/generate.md says the same for people.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace strata {

enum class BaseShape : uint8_t {
  kRetail,  // five groups, baskets, returns, reasons to leave that show
  kSparse,  // one BG/NBD and Gamma-Gamma population, one row a purchase, no returns
  kNights,  // four groups far apart, and ten nights over which some of their members move (nights.h)
  kCauses,  // one group, and causes to leave that show before they work (causes.h)
};
std::string_view Name(BaseShape shape);

// Why a customer left. All but kSilent show in the last kWindDownPurchases purchases.
enum class LeavingReason : uint8_t {
  kSilent,      // nothing shows: simply no further purchase
  kPrice,       // buys mostly what is on promotion
  kService,     // returns more and more
  kCompetitor,  // baskets and spend fall
  kEndOfNeed,   // gaps between purchases widen
  kMoved,       // the last two purchases are in another region
};
inline constexpr size_t kLeavingReasons = 6;
inline constexpr std::array<std::string_view, kLeavingReasons> kLeavingReasonNames = {
    "silent", "price", "service", "competitor", "end_of_need", "moved"};
inline constexpr std::array<double, kLeavingReasons> kLeavingReasonShares = {0.25, 0.15, 0.20, 0.15, 0.15, 0.10};

inline constexpr int kWindDownPurchases = 4;
// By the step of the wind-down, 0 first, 3 the last purchase.
inline constexpr std::array<double, kWindDownPurchases> kServiceReturnShare = {0.20, 0.35, 0.50, 0.65};
inline constexpr std::array<double, kWindDownPurchases> kCompetitorSpendFactor = {0.80, 0.60, 0.45, 0.35};
inline constexpr std::array<double, kWindDownPurchases> kEndOfNeedGapFactor = {1.5, 2.0, 2.5, 3.0};
inline constexpr double kPricePromotionShare = 0.85;
inline constexpr int kMovedSteps = 2;  // the last so many purchases are in the new region

inline constexpr size_t kRegions = 8;
inline constexpr std::array<std::string_view, kRegions> kRegionNames = {"north",  "south",   "east",    "west",
                                                                        "centre", "islands", "capital", "abroad"};
inline constexpr std::array<double, kRegions> kRegionShares = {0.16, 0.15, 0.14, 0.13, 0.12, 0.04, 0.20, 0.06};

inline constexpr size_t kChannels = 5;
inline constexpr std::array<std::string_view, kChannels> kChannelNames = {"web", "app", "store", "partner", "phone"};
inline constexpr size_t kPartnerChannel = 3;      // invoiced: its rows have due and payment dates
inline constexpr double kOwnChannelShare = 0.85;  // of purchases; the rest by the group's weights
inline constexpr int kDueDays = 30;               // after the purchase
inline constexpr int kPaymentDaysMin = 20;        // a payment comes 20..49 days after the purchase
inline constexpr uint32_t kPaymentDaysSpread = 30;

inline constexpr uint32_t kPromotions = 12;
inline constexpr double kPromotionShare = 0.12;    // of lines, of whoever does not leave for the price
inline constexpr uint32_t kReturnDaysSpread = 30;  // a return comes 1..30 days after the purchase

inline constexpr uint32_t kProductCount = 5'000;
inline constexpr double kZipfExponent = 1.1;
inline constexpr double kPriceLogMean = 2.3;  // list prices are log-normal, about 10 in the middle
inline constexpr double kPriceLogDeviation = 0.8;
inline constexpr int32_t kQuantityMax = 20;  // pieces a line: keeps the rounding of a piece's price below 10 cents

// A planted group. Rates are relative: the size of the base asked for sets their common factor.
struct GroupShape {
  std::string_view name;
  double share = 1;        // of customers
  double rate_factor = 1;  // mean purchase rate against the other groups
  double rate_shape = 12;  // r: the rate is Gamma(r, alpha)
  double drop_a = 1;       // the drop-out probability is Beta(a, b), b = a * (1 + drop_reluctance * mean repeats)
  double drop_reluctance = 5;
  double spend_p = 6, spend_q = 20, spend_v = 15;  // Gamma-Gamma, units of currency a purchase
  double lines_mean = 1;                           // rows a purchase: 1 + Poisson(mean - 1)
  double return_share = 0;                         // of lines
  double start_begin = 0, start_end = 0.5;         // the first purchase is uniform in this part of the period
  std::array<double, kChannels> channels{1, 1, 1, 1, 1};
};

std::vector<GroupShape> GroupsOf(BaseShape shape);

}  // namespace strata
