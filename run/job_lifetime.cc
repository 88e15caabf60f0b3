#include "run/job_lifetime.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "run/job_lifetime_columns.h"

namespace strata {
namespace {

constexpr int kMaxHorizonDays = 3650;          // ten years; a forecast further out is none
constexpr double kMaxDiscountRateAnnual = 10;  // 1000 % a year
constexpr int kMaxRegularity = 12;             // as kRegularityMax of model/lifetime/lifetime_kind.h
constexpr int kMaxRefitDays = 3650;
constexpr double kMinInterval = 0.5, kMaxInterval = 0.99;
constexpr int kMinReplicates = 20;    // fewer have no ends at 90 %
constexpr int kMaxReplicates = 1000;  // each of them is a fit, and parameters that every customer is scored with
constexpr double kMaxPriorMedian = 1e6, kMinPriorMedian = 1e-6;
constexpr double kMinPriorFactor = 1.01, kMaxPriorFactor = 1e6;

struct TimeUnit {
  const char* name;
  double days;
};
constexpr TimeUnit kTimeUnits[] = {{"day", 1}, {"week", 7}, {"month", 30.4375}};  // a Julian year has 12 such months

constexpr std::string_view kNames[] = {"nbd", "bg_nbd", "mbg_nbd", "pareto_nbd", "bg_cnbd", "mbg_cnbd", "bg_bb", "sbg"};
constexpr std::string_view kDiscrete = "bg_bb", kContracts = "sbg";
constexpr std::array<std::string_view, 4> kCoins = {"r", "alpha", "a", "b"}, kDeaths = {"r", "alpha", "s", "beta"},
                                          kOpportunities = {"alpha", "beta", "gamma", "delta"};
constexpr std::array<std::string_view, 6> kAllRates = {"r", "alpha", "a", "b", "s", "beta"};

bool IsRegular(std::string_view model) { return model == "bg_cnbd" || model == "mbg_cnbd"; }

absl::Status ReadModel(const YamlSection& section, LifetimeSettings* settings) {
  std::vector<std::string> allowed = {kAutoLifetimeModel};
  allowed.insert(allowed.end(), std::begin(kNames), std::end(kNames));
  size_t model = 0;
  if (!section.Has("model")) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(section.ReadChoice("model", allowed, &model));
  settings->model = allowed[model];
  return absl::OkStatus();
}

absl::Status ReadRegularity(const YamlSection& section, LifetimeSettings* settings) {
  if (!section.Has("k")) return absl::OkStatus();
  if (!IsRegular(settings->model)) {
    return section.Problem("k",
                           fmt::format("the model is {}; allowed: only with bg_cnbd or mbg_cnbd", settings->model));
  }
  std::string text;
  STRATA_RETURN_IF_ERROR(section.ReadText("k", &text));
  if (text == "auto") return absl::OkStatus();
  int k = 1;
  if (!section.ReadInteger("k", 1, kMaxRegularity, &k).ok()) {
    return section.Invalid("k", fmt::format("auto, or a whole number from 1 to {}", kMaxRegularity));
  }
  settings->k = k;
  return absl::OkStatus();
}

absl::Status ReadSpend(const YamlSection& section, LifetimeSettings* settings) {
  size_t spend = settings->model == kContracts ? 1 : 0;
  STRATA_RETURN_IF_ERROR(section.ReadChoice("spend", {"gamma_gamma", "none"}, &spend));
  settings->spend = spend == 0;
  if (settings->spend && settings->model == kContracts) {
    return section.Problem("spend", "sbg counts contracts, not purchases; allowed: none");
  }
  return absl::OkStatus();
}

absl::Status ReadValueBasis(const YamlSection& section, bool knows_costs, LifetimeSettings* settings) {
  const bool by_purchases = settings->model != kContracts;
  size_t value = knows_costs && by_purchases ? 0 : 1;
  STRATA_RETURN_IF_ERROR(section.ReadChoice("value", {"margin", "net"}, &value));
  settings->margin = value == 0;
  if (settings->margin && !knows_costs) {
    return section.Problem("value",
                           "found 'margin', but the job maps no costs; allowed: net, or with cost in the columns of "
                           "transactions, unit_cost of products, or the table costs");
  }
  if (!settings->margin || by_purchases) return absl::OkStatus();
  return section.Problem("value", "found 'margin', but sbg counts contracts, not purchases; allowed: net");
}

absl::Status ReadTimes(const YamlSection& section, LifetimeSettings* settings) {
  if (section.Has("time_unit") && !settings->has_histories()) {
    return section.Problem(
        "time_unit", fmt::format("{} counts in the periods of {}; allowed: only with models of purchase histories",
                                 settings->model, settings->model == kDiscrete ? "opportunity" : "contract"));
  }
  size_t unit = 1;
  STRATA_RETURN_IF_ERROR(section.ReadChoice("time_unit", {"day", "week", "month"}, &unit));
  settings->time_unit = kTimeUnits[unit].name;
  settings->time_unit_days = kTimeUnits[unit].days;
  STRATA_RETURN_IF_ERROR(section.ReadInteger("horizon_days", 0, kMaxHorizonDays, &settings->horizon_days));
  return section.ReadNumber("discount_rate_annual", 0, kMaxDiscountRateAnnual, &settings->discount_rate_annual);
}

absl::Status ReadHoldout(const YamlSection& section, LifetimeSettings* settings) {
  using Holdout = LifetimeSettings::Holdout;
  settings->holdout = settings->is_auto() ? Holdout::kAuto : Holdout::kNone;
  if (!section.Has("holdout_days")) return absl::OkStatus();
  std::string text;
  STRATA_RETURN_IF_ERROR(section.ReadText("holdout_days", &text));
  if (text == "none" && settings->is_auto()) {
    return section.Problem("holdout_days", "model: auto chooses by the hold-out; allowed: auto or a number of days");
  }
  if (text != "none" && !settings->has_histories()) {
    return section.Problem("holdout_days",
                           fmt::format("{} is not judged by a hold-out; allowed: none", settings->model));
  }
  settings->holdout = text == "none" ? Holdout::kNone : Holdout::kAuto;
  if (text == "none" || text == "auto") return absl::OkStatus();
  settings->holdout = Holdout::kDays;
  if (!section.ReadInteger("holdout_days", kHoldoutDaysMin, kHoldoutDaysMax, &settings->holdout_days).ok()) {
    return section.Invalid(
        "holdout_days", fmt::format("auto, none, or a whole number from {} to {}", kHoldoutDaysMin, kHoldoutDaysMax));
  }
  return absl::OkStatus();
}

absl::Status ReadRefit(const YamlSection& section, LifetimeSettings* settings) {
  using Refit = LifetimeSettings::Refit;
  if (section.Has("choose") && !settings->is_auto()) {
    return section.Problem("choose", fmt::format("the model is {}; allowed: only with model: auto", settings->model));
  }
  STRATA_RETURN_IF_ERROR(section.ReadInteger("choose", 1, kMaxRefitDays, &settings->choose_days));
  if (!section.Has("refit")) return absl::OkStatus();
  if (section.IsMapping("refit")) {
    STRATA_ASSIGN_OR_RETURN(const auto when, section.Section("refit", {"every_days"}));
    STRATA_RETURN_IF_ERROR(when->Require("every_days", "a number of days"));
    settings->refit = Refit::kEvery;
    return when->ReadInteger("every_days", 1, kMaxRefitDays, &settings->refit_days);
  }
  size_t refit = 0;
  if (!section.ReadChoice("refit", {"nightly", "frozen"}, &refit).ok()) {
    return section.Invalid("refit", "nightly, frozen, or {every_days: N}");
  }
  settings->refit = refit == 0 ? Refit::kNightly : Refit::kFrozen;
  if (settings->refit == Refit::kFrozen && section.Has("choose")) {
    return section.Problem("choose", "refit is frozen, so nothing is chosen anew; allowed: one of the two");
  }
  return absl::OkStatus();
}

absl::Status ReadIntervals(const YamlSection& section, LifetimeSettings* settings) {
  std::string text = "0.9";
  STRATA_RETURN_IF_ERROR(section.ReadText("interval", &text));
  if (text == "none") {
    settings->interval.reset();
  } else if (!section.ReadNumber("interval", kMinInterval, kMaxInterval, &*settings->interval).ok()) {
    return section.Invalid("interval", fmt::format("none, or a number from {} to {}", kMinInterval, kMaxInterval));
  }
  text = "none";
  STRATA_RETURN_IF_ERROR(section.ReadText("bootstrap", &text));
  if (text == "none") return absl::OkStatus();
  if (!section.ReadInteger("bootstrap", kMinReplicates, kMaxReplicates, &settings->bootstrap).ok()) {
    return section.Invalid("bootstrap",
                           fmt::format("none, or a whole number from {} to {}", kMinReplicates, kMaxReplicates));
  }
  if (!settings->interval.has_value()) {
    return section.Problem("bootstrap", "interval is none, so nobody sees the replicates; allowed: one of the two");
  }
  if (settings->model != kContracts) return absl::OkStatus();
  return section.Problem("bootstrap", "sbg counts contracts, not purchases; allowed: none");
}

absl::Status ReadPrior(const YamlSection& section, LifetimeSettings* settings) {
  if (!section.Has("prior")) return absl::OkStatus();
  const std::span<const std::string_view> known =
      settings->is_auto() ? std::span<const std::string_view>(kAllRates) : LifetimeParameterNames(settings->model);
  std::vector<std::string> names;
  for (const std::string_view name : known) names.emplace_back(name);
  STRATA_ASSIGN_OR_RETURN(const auto priors, section.Section("prior", names));
  for (const std::string& name : priors->keys()) {
    STRATA_ASSIGN_OR_RETURN(const auto prior, priors->Section(name, {"median", "factor"}));
    STRATA_RETURN_IF_ERROR(prior->Require("median", "a number greater than 0, in the job's time unit"));
    STRATA_RETURN_IF_ERROR(prior->Require("factor", "a number greater than 1"));
    LifetimePrior& read = settings->prior[name];
    STRATA_RETURN_IF_ERROR(prior->ReadNumber("median", kMinPriorMedian, kMaxPriorMedian, &read.median));
    STRATA_RETURN_IF_ERROR(prior->ReadNumber("factor", kMinPriorFactor, kMaxPriorFactor, &read.factor));
  }
  return absl::OkStatus();
}

}  // namespace

std::span<const std::string_view> LifetimeModelNames() { return kNames; }

std::span<const std::string_view> LifetimeParameterNames(std::string_view model) {
  if (model == "nbd") return std::span(kCoins).first(2);
  if (model == "pareto_nbd") return kDeaths;
  if (model == kDiscrete) return kOpportunities;
  if (model == kContracts) return std::span(kOpportunities).first(2);
  return std::find(std::begin(kNames), std::end(kNames), model) == std::end(kNames)
             ? std::span<const std::string_view>()
             : std::span<const std::string_view>(kCoins);
}

bool KnowsCosts(const Job& job) {
  const TransactionColumns& columns = job.transactions.columns;
  const TableSource* products = job.Find(TableId::kProducts);
  const bool of_products =
      !columns.product_id.empty() && !columns.quantity.empty() && products != nullptr && products->Maps("unit_cost");
  return (job.transactions.keep_lines && (!columns.cost.empty() || of_products)) ||
         job.Find(TableId::kCosts) != nullptr;
}

absl::Status ReadLifetime(const YamlSection& models, Job* job) {
  STRATA_ASSIGN_OR_RETURN(
      const auto section,
      models.Section("lifetime", {"model", "k", "spend", "value", "time_unit", "horizon_days", "discount_rate_annual",
                                  "holdout_days", "choose", "refit", "interval", "bootstrap", "covariates", "prior",
                                  "opportunity", "contract"}));
  if (!section.has_value()) return absl::OkStatus();
  LifetimeSettings& settings = job->lifetime.emplace();
  STRATA_RETURN_IF_ERROR(ReadModel(*section, &settings));
  STRATA_RETURN_IF_ERROR(ReadRegularity(*section, &settings));
  STRATA_RETURN_IF_ERROR(ReadSpend(*section, &settings));
  STRATA_RETURN_IF_ERROR(ReadValueBasis(*section, KnowsCosts(*job), &settings));
  STRATA_RETURN_IF_ERROR(ReadTimes(*section, &settings));
  STRATA_RETURN_IF_ERROR(ReadHoldout(*section, &settings));
  STRATA_RETURN_IF_ERROR(ReadRefit(*section, &settings));
  STRATA_RETURN_IF_ERROR(ReadIntervals(*section, &settings));
  STRATA_RETURN_IF_ERROR(ReadPrior(*section, &settings));
  return ReadLifetimeColumns(*section, *job, &settings);
}

}  // namespace strata
