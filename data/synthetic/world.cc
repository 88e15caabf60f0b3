#include "data/synthetic/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/synthetic/causes.h"
#include "data/synthetic/draws.h"
#include "data/synthetic/purposes.h"

namespace strata {
namespace {

constexpr double kDaysPerWeek = 7;
constexpr double kFullBasketExcess = 3;  // rows a customer beyond the first from which on baskets are full
constexpr double kTailOfLines = 1e-12;   // where the table of baskets ends
constexpr int kBisections = 45;          // halve the span of the factor's logarithm, 23, to below 1e-12
constexpr double kLowestFactor = 1e-6;   // of the rate, per week
constexpr double kHighestFactor = 1e4;
// Gauss-Legendre on (0, 1), 8 nodes (Abramowitz and Stegun, table 25.4): the mean over the day of the first purchase.
constexpr std::array<double, 8> kNodes = {0.0198550717512319, 0.1016667612931866, 0.2372337950418355,
                                          0.4082826787521751, 0.5917173212478249, 0.7627662049581645,
                                          0.8983332387068134, 0.9801449282487681};
constexpr std::array<double, 8> kWeights = {0.0506142681451881, 0.1111905172266872, 0.1568533229389436,
                                            0.1813418916891810, 0.1813418916891810, 0.1568533229389436,
                                            0.1111905172266872, 0.0506142681451881};

absl::Status Invalid(std::string_view flag, const std::string& found, const std::string& allowed) {
  return MakeError(absl::StatusCode::kInvalidArgument, "FLAG_INVALID", fmt::format("{} {}: {}", flag, found, allowed),
                   {{"flag", std::string(flag)}, {"found", found}});
}

absl::Status Check(const WorldOptions& options) {
  if (options.customers < 1 || options.customers > kSyntheticCustomersMax) {
    return Invalid("--customers", fmt::format("{}", options.customers),
                   fmt::format("allowed is a whole number from 1 to {}", kSyntheticCustomersMax));
  }
  if (options.transactions < options.customers || options.transactions > kSyntheticTransactionsMax) {
    return Invalid("--transactions", fmt::format("{}", options.transactions),
                   fmt::format("every customer buys at least once, so allowed is a whole number from {} to {}",
                               options.customers, kSyntheticTransactionsMax));
  }
  if (options.days < kSyntheticDaysMin || options.days > kSyntheticDaysMax) {
    return Invalid("--days", fmt::format("{}", options.days),
                   fmt::format("allowed is a whole number from {} to {}", kSyntheticDaysMin, kSyntheticDaysMax));
  }
  const Day earliest = ToDay({.year = kFirstYear, .month = 1, .day = 1});
  const Day latest = ToDay({.year = kLastYear, .month = 12, .day = 31});
  if (options.first_day < earliest || options.first_day > latest - options.days - kDueDays) {
    return Invalid("--start", FormatDay(options.first_day),
                   fmt::format("allowed is {} to {}: the {} days and the invoices due after them must be dates",
                               FormatDay(earliest), FormatDay(latest - options.days - kDueDays), options.days));
  }
  if (!(options.dirty_ratio >= 0 && options.dirty_ratio <= kDirtyRatioMax)) {
    return Invalid("--dirty-ratio", fmt::format("{}", options.dirty_ratio),
                   fmt::format("allowed is a share of the rows from 0 to {}", kDirtyRatioMax));
  }
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (options.currency.size() != 3 || !std::all_of(options.currency.begin(), options.currency.end(), capital) ||
      options.currency == kOtherCurrency) {
    return Invalid(
        "--currency", "'" + options.currency + "'",
        fmt::format("allowed are three capital letters other than {}, the currency of dirty rows", kOtherCurrency));
  }
  return absl::OkStatus();
}

// P(1 + Poisson(mean - 1) <= k + 1) up to where the rest is negligible; the last entry is 1.
std::vector<double> LinesBelow(double mean) {
  std::vector<double> below;
  double term = std::exp(1 - mean);
  double sum = term;
  for (int k = 1; sum < 1 - kTailOfLines; ++k) {
    below.push_back(sum);
    term *= (mean - 1) / k;
    sum += term;
  }
  below.push_back(1);
  return below;
}

// The part of returns that come before the period ends, were purchases even over it.
double ReturnsInPeriod(int days) { return 1 - (1 + kReturnDaysSpread) / 2.0 / days; }

// Sets the rates to `factor` and returns the expected clean rows per customer.
double SetRates(double factor, int days, std::vector<PlantedGroup>* groups) {
  double rows = 0;
  for (PlantedGroup& group : *groups) {
    group.purchases.r = group.shape.rate_shape;
    group.purchases.alpha = factor > 0 ? group.shape.rate_shape / (factor * group.shape.rate_factor) : 0;
    double repeats = 0;
    const double span = group.shape.start_end - group.shape.start_begin;
    for (size_t i = 0; factor > 0 && i < kNodes.size(); ++i) {
      const double weeks = (1 - group.shape.start_begin - span * kNodes[i]) * days / kDaysPerWeek;
      repeats += kWeights[i] * ExpectedPurchasesOfNewCustomer(group.purchases, weeks);
    }
    group.expected_purchases = 1 + repeats;
    group.expected_rows =
        group.expected_purchases * group.lines_mean * (1 + group.return_share * ReturnsInPeriod(days));
    rows += group.shape.share * group.expected_rows;
  }
  return rows;
}

std::vector<PlantedGroup> PlantGroups(const WorldOptions& options, double rows_wanted) {
  std::vector<PlantedGroup> groups;
  const double fullness = std::min(1.0, (rows_wanted - 1) / kFullBasketExcess);
  double rows_a_purchase = 0;
  double activity = 0;  // share-weighted rate times time
  const auto activity_of = [](const GroupShape& shape) {
    return shape.rate_factor * (1 - (shape.start_begin + shape.start_end) / 2);
  };
  for (const GroupShape& shape : GroupsOf(options.shape)) {
    PlantedGroup& group = groups.emplace_back();
    group.shape = shape;
    group.lines_mean = 1 + fullness * (shape.lines_mean - 1);
    group.return_share = fullness * shape.return_share;
    group.lines_below = LinesBelow(group.lines_mean);
    group.spend = {.p = shape.spend_p, .q = shape.spend_q, .v = shape.spend_v};
    activity += shape.share * activity_of(shape);
    rows_a_purchase += shape.share * activity_of(shape) * group.lines_mean * (1 + group.return_share);
  }
  // Drop-out per purchase falls with the number of purchases, lest frequent bases die out at once.
  const double repeats = std::max(0.0, rows_wanted * activity / rows_a_purchase - 1);
  for (PlantedGroup& group : groups) {
    const double own = repeats * activity_of(group.shape) / activity;
    group.purchases.a = group.shape.drop_a;
    group.purchases.b = group.shape.drop_a * (1 + group.shape.drop_reluctance * own);
  }
  return groups;
}

absl::Status SolveRates(const WorldOptions& options, double rows_wanted, std::vector<PlantedGroup>* groups) {
  if (SetRates(0, options.days, groups) >= rows_wanted) return absl::OkStatus();  // one purchase each, to rounding
  double low = std::log(kLowestFactor);
  double high = std::log(kHighestFactor);
  if (SetRates(kHighestFactor, options.days, groups) < rows_wanted) {
    return MakeError(absl::StatusCode::kInternal, "SYNTHETIC_UNSOLVED",
                     fmt::format("no purchase rate gives {} rows a customer in {} days", rows_wanted, options.days));
  }
  for (int i = 0; i < kBisections; ++i) {
    const double middle = (low + high) / 2;
    (SetRates(std::exp(middle), options.days, groups) < rows_wanted ? low : high) = middle;
  }
  SetRates(std::exp((low + high) / 2), options.days, groups);
  double purchases = 0;
  for (const PlantedGroup& group : *groups) purchases += group.shape.share * group.expected_purchases;
  if (purchases <= 1 + kPurchasesPerDayMax * options.days) return absl::OkStatus();
  return Invalid("--transactions", fmt::format("{}", options.transactions),
                 fmt::format("{:.1f} purchases a customer in {} days; allowed is a purchase in two days on average",
                             purchases, options.days));
}

std::vector<int64_t> ListPrices(uint64_t seed) {
  std::vector<int64_t> prices;
  prices.reserve(kProductCount);
  for (uint32_t product = 0; product < kProductCount; ++product) {
    DrawStream draws(seed, kPurposeProduct, product);
    prices.push_back(
        std::max<int64_t>(1, std::llround(100 * std::exp(kPriceLogMean + kPriceLogDeviation * draws.Normal()))));
  }
  return prices;
}

// A cause that is to show needs purchases to show in, and tables to show in.
absl::Status CheckCauses(const WorldOptions& options, const PlantedGroup& group) {
  if (!options.all_tables) {
    return Invalid("--tables", "transactions", "shape causes needs all: a cause shows in the customers table");
  }
  if (options.dirty_ratio > 0) {
    return Invalid("--dirty-ratio", fmt::format("{}", options.dirty_ratio), "allowed with shape causes is 0");
  }
  const int cutoffs = CauseCutoffs(options.days);
  if (cutoffs < kCauseCutoffsMin || cutoffs > kCauseCutoffsMax) {
    return Invalid("--days", fmt::format("{}", options.days),
                   fmt::format("of {} days there are {} cutoffs; allowed with shape causes are {} to {}", options.days,
                               cutoffs, kCauseCutoffsMin, kCauseCutoffsMax));
  }
  const double lived = options.days * (1 - (group.shape.start_begin + group.shape.start_end) / 2);
  const double wanted = kCausePurchases * lived / kCauseWindowDays;
  if (group.expected_purchases >= wanted) return absl::OkStatus();
  return Invalid(
      "--transactions", fmt::format("{}", options.transactions),
      fmt::format("{:.1f} purchases a customer; causes show in purchases, so allowed are at least {:.1f}, "
                  "about {:.0f} rows a customer",
                  group.expected_purchases, wanted, wanted * group.expected_rows / group.expected_purchases));
}

}  // namespace

absl::StatusOr<World> MakeWorld(const WorldOptions& options) {
  STRATA_RETURN_IF_ERROR(Check(options));
  const double clean_share = 1 - options.dirty_ratio;
  const double rows_wanted =
      std::max(1.0, clean_share * static_cast<double>(options.transactions) / static_cast<double>(options.customers));
  std::vector<PlantedGroup> groups = PlantGroups(options, rows_wanted);
  STRATA_RETURN_IF_ERROR(SolveRates(options, rows_wanted, &groups));
  if (options.shape == BaseShape::kCauses) STRATA_RETURN_IF_ERROR(CheckCauses(options, groups.front()));
  std::vector<double> shares;
  std::vector<WeightedChoice> channels;
  double rows = 0;
  for (const PlantedGroup& group : groups) {
    shares.push_back(group.shape.share);
    channels.emplace_back(group.shape.channels);
    rows += group.shape.share * group.expected_rows;
  }
  std::vector<int64_t> prices = ListPrices(options.seed);
  std::optional<Catalogue> catalogue;
  if (options.all_tables) catalogue.emplace(options.seed, prices, options.first_day);
  return World{.options = options,
               .groups = std::move(groups),
               .list_price_cents = std::move(prices),
               .group_choice = WeightedChoice(shares),
               .region_choice = WeightedChoice(kRegionShares),
               .reason_choice = WeightedChoice(kLeavingReasonShares),
               .product_choice = WeightedChoice(ZipfWeights(kProductCount, kZipfExponent)),
               .channel_choice = std::move(channels),
               .dirty_per_clean = options.dirty_ratio / clean_share,
               .expected_rows = rows * static_cast<double>(options.customers) / clean_share,
               .catalogue = std::move(catalogue)};
}

}  // namespace strata
