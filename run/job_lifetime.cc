#include "run/job_lifetime.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "run/job_segments.h"
#include "run/nearest_name.h"

namespace strata {
namespace {

constexpr int kMaxHorizonDays = 3650;          // ten years; a forecast further out is none
constexpr double kMaxDiscountRateAnnual = 10;  // 1000 % a year
constexpr int kMaxRegularity = 12;             // as kRegularityMax of model/lifetime/lifetime_kind.h
constexpr int kMaxRefitDays = 3650;
constexpr double kMinInterval = 0.5, kMaxInterval = 0.99;
constexpr int kMinReplicates = 20;     // fewer have no ends at 90 %
constexpr int kMaxReplicates = 1000;   // each of them is a fit, and parameters that every customer is scored with
constexpr size_t kMaxCovariates = 32;  // coefficients that a search finds, and more than people can read
constexpr int kMaxPeriodDays = 3650;
constexpr double kMaxPriorMedian = 1e6, kMinPriorMedian = 1e-6;
constexpr double kMinPriorFactor = 1.01, kMaxPriorFactor = 1e6;
constexpr double kMaxCovariateUnit = 1e12, kMaxPriorDeviation = 100;

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
// Of purchases in continuous time.
bool HasHistories(const LifetimeSettings& settings) {
  return settings.model != kDiscrete && settings.model != kContracts;
}

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
    return section.Problem("spend", "sbg counts contracts, not purchases; allowed: none, or contract.value");
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
  if (settings->margin && !by_purchases) {
    return section.Problem("value", "found 'margin', but sbg values contracts; allowed: net");
  }
  if (!section.Has("margin_by")) return absl::OkStatus();
  if (!settings->margin) return section.Problem("margin_by", "the value is net; allowed: only with value: margin");
  size_t by = 0;
  STRATA_RETURN_IF_ERROR(section.ReadChoice("margin_by", {"all", "category"}, &by));
  settings->margin_by_category = by == 1;
  return absl::OkStatus();
}

absl::Status ReadTimes(const YamlSection& section, LifetimeSettings* settings) {
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
  if (text != "none" && !HasHistories(*settings)) {
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
  if (HasHistories(*settings)) return absl::OkStatus();
  return section.Problem(
      "bootstrap", fmt::format("the model is {}; allowed: only with models of purchase histories", settings->model));
}

absl::Status ReadPrior(const YamlSection& section, LifetimeSettings* settings) {
  if (!section.Has("prior")) return absl::OkStatus();
  std::vector<std::string> names;
  if (settings->is_auto()) {
    names.assign(kAllRates.begin(), kAllRates.end());
  } else {
    const auto of_model = LifetimeParameterNames(settings->model);
    names.assign(of_model.begin(), of_model.end());
  }
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

absl::Status ReadPeriod(const YamlSection& section, const std::string& key, LifetimePeriod* period) {
  constexpr std::string_view kAllowed = "{calendar: month}, {calendar: quarter}, {calendar: year} or {days: 30}";
  STRATA_RETURN_IF_ERROR(section.Require(key, kAllowed));
  STRATA_ASSIGN_OR_RETURN(const auto read, section.Section(key, {"calendar", "days"}));
  if (read->Has("calendar") == read->Has("days")) return section.Problem(key, fmt::format("allowed: {}", kAllowed));
  if (read->Has("days")) return read->ReadInteger("days", 1, kMaxPeriodDays, &period->days);
  const std::vector<std::string> units = {"month", "quarter", "year"};
  size_t unit = 0;
  STRATA_RETURN_IF_ERROR(read->ReadChoice("calendar", units, &unit));
  period->unit = units[unit];
  return absl::OkStatus();
}

// Columns of the customers' own tables, by name.
class CustomerTraits {
 public:
  explicit CustomerTraits(const Job& job) : catalogue_(CatalogueOf(job)) {
    for (const auto& [name, info] : catalogue_.columns) {
      if (name.find('.') != std::string::npos) infos_.emplace(name, &info);
    }
  }

  // Null: there is none, as Problem() says.
  const NameInfo* Find(const std::string& name) const {
    const auto found = infos_.find(name);
    return found == infos_.end() ? nullptr : found->second;
  }

  std::string Problem(const std::string& name, std::string_view allowed) const {
    const auto lacks = catalogue_.absent.find(name);
    if (lacks != catalogue_.absent.end()) {
      return fmt::format("found '{}', for which the job lacks {}; allowed: {}", name, lacks->second, allowed);
    }
    std::vector<std::string> names;
    for (const auto& entry : infos_) names.push_back(entry.first);
    return fmt::format("found '{}'{}; allowed: {}", name, DidYouMean(name, names), allowed);
  }

 private:
  ColumnCatalogue catalogue_;
  std::map<std::string, const NameInfo*, std::less<>> infos_;
};

absl::Status ReadTraits(const YamlSection& section, const std::string& key, const CustomerTraits& traits,
                        std::vector<std::string>* columns) {
  constexpr std::string_view kAllowed = "columns of the customers' tables, as customers.gender";
  STRATA_RETURN_IF_ERROR(section.ReadTexts(key, kMaxCovariates, columns));
  std::set<std::string> seen;
  for (const std::string& column : *columns) {
    const NameInfo* info = traits.Find(column);
    if (info == nullptr) return section.Problem(key, traits.Problem(column, kAllowed));
    if (info->stored == Stored::kKey || info->type == ColumnType::kDay) {
      return section.Problem(key, fmt::format("found '{}', which holds {}; allowed: columns of numbers, flags or words",
                                              column, info->stored == Stored::kKey ? "keys" : "dates"));
    }
    if (!seen.insert(column).second) {
      return section.Problem(key, fmt::format("found '{}' twice; allowed: each once", column));
    }
  }
  return absl::OkStatus();
}

// `reference` and `scale`: what is said of one covariate.
absl::Status CheckNamed(const YamlSection& section, const std::string& key, const std::string& column, bool of_words,
                        const CustomerTraits& traits, const LifetimeCovariates& covariates) {
  const auto has = [&column](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), column) != list.end();
  };
  std::vector<std::string> names = covariates.rate;
  names.insert(names.end(), covariates.dropout.begin(), covariates.dropout.end());
  if (!has(names)) {
    return section.Problem(key, fmt::format("found '{}', which is no covariate{}; allowed: those of rate and dropout",
                                            column, DidYouMean(column, names)));
  }
  if ((traits.Find(column)->type == ColumnType::kText) == of_words) return absl::OkStatus();
  return section.Problem(key, fmt::format("found '{}', a column of {}; allowed: columns of {}", column,
                                          of_words ? "numbers" : "words", of_words ? "words" : "numbers"));
}

absl::Status CheckEffects(const YamlSection& section, const std::string& model, const LifetimeCovariates& covariates) {
  const auto only = [&](const std::string& key, std::string_view allowed) {
    return section.Problem(key, fmt::format("the model is {}; allowed: only with {}", model, allowed));
  };
  if (model == "nbd" && !covariates.dropout.empty()) return only("dropout", "models of customers who leave");
  if (covariates.dropout_strength && covariates.common_factor) {
    return section.Problem("common_factor", "dropout_strength is on as well; allowed: one of the two");
  }
  const bool has_coins = model == kAutoLifetimeModel || model.find("bg_") != std::string::npos;
  for (const auto& [key, on] : {std::pair("dropout_strength", covariates.dropout_strength),
                                std::pair("common_factor", covariates.common_factor)}) {
    if (on && !has_coins) return only(key, "auto, bg_nbd, mbg_nbd, bg_cnbd or mbg_cnbd");
    if (on && covariates.dropout.empty()) {
      return section.Problem(key, "no column acts on drop-out; allowed: only with dropout");
    }
  }
  if (!covariates.rate.empty() || !covariates.dropout.empty()) return absl::OkStatus();
  return section.Problem("rate", "neither rate nor dropout names a column; allowed: at least one of them");
}

absl::Status ReadCovariates(const YamlSection& lifetime, const CustomerTraits& traits, LifetimeSettings* settings) {
  STRATA_ASSIGN_OR_RETURN(const auto section,
                          lifetime.Section("covariates", {"rate", "dropout", "dropout_strength", "common_factor",
                                                          "reference", "scale", "prior_sd"}));
  if (!section.has_value()) return absl::OkStatus();
  if (!HasHistories(*settings)) {
    return lifetime.Problem(
        "covariates", fmt::format("the model is {}; allowed: only with models of purchase histories", settings->model));
  }
  LifetimeCovariates& covariates = settings->covariates.emplace();
  STRATA_RETURN_IF_ERROR(ReadTraits(*section, "rate", traits, &covariates.rate));
  STRATA_RETURN_IF_ERROR(ReadTraits(*section, "dropout", traits, &covariates.dropout));
  STRATA_RETURN_IF_ERROR(section->ReadFlag("dropout_strength", &covariates.dropout_strength));
  STRATA_RETURN_IF_ERROR(section->ReadFlag("common_factor", &covariates.common_factor));
  STRATA_RETURN_IF_ERROR(CheckEffects(*section, settings->model, covariates));
  STRATA_ASSIGN_OR_RETURN(const auto reference,
                          section->OpenSection("reference", "a mapping from columns to levels", kMaxCovariates));
  for (const std::string& column : reference.has_value() ? reference->keys() : std::vector<std::string>()) {
    STRATA_RETURN_IF_ERROR(CheckNamed(*reference, column, column, true, traits, covariates));
    STRATA_RETURN_IF_ERROR(reference->ReadText(column, &covariates.reference[column]));
  }
  STRATA_ASSIGN_OR_RETURN(const auto scale,
                          section->OpenSection("scale", "a mapping from columns to numbers", kMaxCovariates));
  for (const std::string& column : scale.has_value() ? scale->keys() : std::vector<std::string>()) {
    STRATA_RETURN_IF_ERROR(CheckNamed(*scale, column, column, false, traits, covariates));
    STRATA_RETURN_IF_ERROR(
        scale->ReadNumber(column, 1 / kMaxCovariateUnit, kMaxCovariateUnit, &covariates.scale[column]));
  }
  if (!section->Has("prior_sd")) return absl::OkStatus();
  return section->ReadNumber("prior_sd", 1 / kMaxPriorDeviation, kMaxPriorDeviation, &covariates.prior_sd.emplace());
}

absl::Status ReadContractColumn(const YamlSection& section, const std::string& key, const CustomerTraits& traits,
                                bool of_days, std::string* column) {
  const std::string_view allowed =
      of_days ? "a column of dates of the customers' tables" : "a column of money of the customers' tables";
  STRATA_RETURN_IF_ERROR(section.ReadText(key, column));
  if (column->empty()) return absl::OkStatus();
  const NameInfo* info = traits.Find(*column);
  if (info == nullptr) return section.Problem(key, traits.Problem(*column, allowed));
  const bool fits = of_days ? info->type == ColumnType::kDay : info->type == ColumnType::kMoney;
  return fits ? absl::OkStatus() : section.Invalid(key, allowed);
}

absl::Status ReadDiscrete(const YamlSection& section, const CustomerTraits& traits, LifetimeSettings* settings) {
  const bool opportunities = settings->model == kDiscrete, contracts = settings->model == kContracts;
  const auto only = [&](const std::string& key, std::string_view with) {
    return section.Problem(key, fmt::format("the model is {}; allowed: only with {}", settings->model, with));
  };
  if (section.Has("opportunity") && !opportunities) return only("opportunity", kDiscrete);
  if (section.Has("contract") && !contracts) return only("contract", kContracts);
  if (opportunities) return ReadPeriod(section, "opportunity", &settings->opportunity.emplace());
  if (!contracts) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(section.Require("contract", "a mapping with the keys start, end and period"));
  STRATA_ASSIGN_OR_RETURN(const auto read, section.Section("contract", {"start", "end", "value", "period"}));
  LifetimeContract& contract = settings->contract.emplace();
  for (const char* key : {"start", "end"}) {
    STRATA_RETURN_IF_ERROR(read->Require(key, "a column of dates of the customers' tables"));
  }
  STRATA_RETURN_IF_ERROR(ReadContractColumn(*read, "start", traits, true, &contract.start));
  STRATA_RETURN_IF_ERROR(ReadContractColumn(*read, "end", traits, true, &contract.end));
  STRATA_RETURN_IF_ERROR(ReadContractColumn(*read, "value", traits, false, &contract.value));
  return ReadPeriod(*read, "period", &contract.period);
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
      models.Section("lifetime", {"model", "k", "spend", "value", "margin_by", "time_unit", "horizon_days",
                                  "discount_rate_annual", "holdout_days", "choose", "refit", "interval", "bootstrap",
                                  "covariates", "prior", "opportunity", "contract"}));
  if (!section.has_value()) return absl::OkStatus();
  const CustomerTraits traits(*job);
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
  STRATA_RETURN_IF_ERROR(ReadCovariates(*section, traits, &settings));
  return ReadDiscrete(*section, traits, &settings);
}

}  // namespace strata
