#include "data/synthetic/base_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/synthetic/row_values.h"

namespace strata {
namespace {

constexpr double kNegligibleLoss = 0.004;       // of repeat purchases: below the standard errors of 100,000 customers
constexpr int64_t kCustomersPerShard = 20'000;  // measured: fewer are dealt out dearly, more are sorted dearly
constexpr int64_t kShardsMin = 4;
constexpr int64_t kShardsMax = 4096;
constexpr double kBudgetSteps = 1000;  // the budget is rounded up to a thousandth, and one more

int64_t ShardsFor(int64_t customers) {
  int64_t shards = kShardsMin;
  while (shards < kShardsMax && shards * kCustomersPerShard < customers) shards *= 2;
  return shards;
}

std::string Percent(double share) { return fmt::format("{:.{}f} %", 100 * share, share < 0.001 ? 3 : 2); }

}  // namespace

std::string_view Name(SyntheticFormat format) { return format == SyntheticFormat::kParquet ? "parquet" : "csv"; }

std::vector<std::string> MergingStatement(const World& world, const SyntheticCounts& counts) {
  const Merging merging = MergingOf(counts);
  std::vector<std::string> sentences;
  sentences.push_back(fmt::format(
      "A purchase counts once a day: {} of {} purchases ({}) fall on a day that already has one of their customer.",
      counts.purchases - counts.purchase_days, counts.purchases, Percent(merging.purchases_lost)));
  sentences.push_back(fmt::format(
      "Lifetime models miss {} of the repeat purchases; their mean rate (r / alpha) comes out low by up to one and a "
      "half times that.",
      Percent(merging.repeats_lost)));
  sentences.push_back(
      fmt::format("By rate: once in ten weeks loses {}, once a week {}, twice a week {} of the purchases.",
                  Percent(PurchasesLostAt(0.1)), Percent(PurchasesLostAt(1)), Percent(PurchasesLostAt(2))));
  if (merging.repeats_lost < kNegligibleLoss) {
    sentences.push_back(
        "That is small beside the standard error of alpha on 100,000 customers, about 0.7 %: the parameters can be "
        "recovered.");
  } else {
    sentences.push_back(
        "That shows in the fit: for lifetime parameters to be recovered use fewer transactions a customer, or more "
        "--days.");
  }
  if (world.options.shape == BaseShape::kRetail) {
    sentences.push_back(
        "This base mixes groups with rates of their own, so no single BG/NBD is its truth; --shape sparse draws one.");
  }
  return sentences;
}

std::string JobText(const World& world, const SyntheticCounts& counts, std::string_view sources,
                    std::string_view models) {
  const WorldOptions& options = world.options;
  std::string text = fmt::format(
      "# Written by `strata generate`: seed {}, {} customers, shape {}. What is planted is in truth.json and "
      "truth.parquet.\n"
      "name: synthetic\nas_of: {}\ntime_zone: UTC\ncurrency: {}\nseed: 1\nshards: {}\n"
      "sources:\n  transactions:\n    uri: transactions\n    columns:\n",
      options.seed, options.customers, Name(options.shape), FormatDay(world.last_day()), options.currency,
      ShardsFor(options.customers));
  const auto map = [&text](std::string_view column) { text += fmt::format("      {}: {}\n", column, column); };
  for (const std::string_view column : kSyntheticColumns) map(column);
  if (world.catalogue.has_value()) {
    for (const std::string_view column : kSyntheticCostColumns) map(column);
  } else {
    text += "    lines: drop\n";  // models look at days alone, and nothing else is asked for
  }
  text += sources;
  if (counts.rejected() > 0) {
    const double ratio = static_cast<double>(counts.rejected()) / static_cast<double>(counts.rows());
    text += fmt::format("error_budget: {{rejected_ratio_max: {}}}\n",
                        std::min(1.0, (std::ceil(ratio * kBudgetSteps) + 1) / kBudgetSteps));
  }
  text += "models:\n  rfm: {scores: 5}\n";
  if (options.shape == BaseShape::kNights) {
    text += fmt::format(
        "  clustering:\n    features:\n      - {{column: recency_days, transform: none}}\n      - purchase_days\n      "
        "- net_per_purchase_day\n      - return_share\n"
        "    k: {}\n    refit: {{days: 28, drift: true}}\n",
        2 * world.groups.size());  // each group, and its members who are silent
  } else if (world.groups.size() > 1) {
    text += fmt::format("  clustering: {{k: {}}}\n", world.groups.size());
  }
  text +=
      "  lifetime: {model: bg_nbd, spend: gamma_gamma, time_unit: week, horizon_days: 365, discount_rate_annual: "
      "0.10}\n";
  if (options.shape == BaseShape::kRetail || options.shape == BaseShape::kCauses) {
    text += "  churn: {algorithm: logistic, horizon_days: 90}\n";
  }
  if (options.shape == BaseShape::kNights && models.empty()) text += "reports: all\n";
  return text.append(models);
}

}  // namespace strata
