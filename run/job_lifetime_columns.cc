#include "run/job_lifetime_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "run/customer_traits.h"
#include "run/nearest_name.h"

namespace strata {
namespace {

constexpr size_t kMaxCovariates = 32;  // coefficients that a search finds, and more than people can read
constexpr int kMaxPeriodDays = 3650;
constexpr double kMaxCovariateUnit = 1e12, kMaxPriorDeviation = 100;
constexpr std::string_view kDiscrete = "bg_bb", kContracts = "sbg";

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
  const NameInfo* const info = traits.Find(column);
  if (info == nullptr || (info->type == ColumnType::kText) == of_words) return absl::OkStatus();
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
  if (!settings->has_histories()) {
    return lifetime.Problem(
        "covariates", fmt::format("the model is {}; allowed: only with models of purchase histories", settings->model));
  }
  if (settings->bootstrap > 0) {
    return lifetime.Problem("covariates", "replicates are drawn without them; allowed: only with bootstrap: none");
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

absl::Status ReadContractDay(const YamlSection& section, const std::string& key, const CustomerTraits& traits,
                             std::string* column) {
  constexpr std::string_view kAllowed = "a column of dates of the customers' tables";
  STRATA_RETURN_IF_ERROR(section.Require(key, kAllowed));
  STRATA_RETURN_IF_ERROR(section.ReadText(key, column));
  const NameInfo* const info = traits.Find(*column);
  if (info == nullptr) return section.Problem(key, traits.Problem(*column, kAllowed));
  return info->type == ColumnType::kDay ? absl::OkStatus() : section.Invalid(key, kAllowed);
}

absl::Status ReadPeriods(const YamlSection& section, const CustomerTraits& traits, LifetimeSettings* settings) {
  const bool opportunities = settings->model == kDiscrete, contracts = settings->model == kContracts;
  const auto only = [&](const std::string& key, std::string_view with) {
    return section.Problem(key, fmt::format("the model is {}; allowed: only with {}", settings->model, with));
  };
  if (section.Has("opportunity") && !opportunities) return only("opportunity", kDiscrete);
  if (section.Has("contract") && !contracts) return only("contract", kContracts);
  if (opportunities) return ReadPeriod(section, "opportunity", &settings->opportunity.emplace());
  if (!contracts) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(section.Require("contract", "a mapping with the keys start, end and period"));
  STRATA_ASSIGN_OR_RETURN(const auto read, section.Section("contract", {"start", "end", "period"}));
  LifetimeContract& contract = settings->contract.emplace();
  STRATA_RETURN_IF_ERROR(ReadContractDay(*read, "start", traits, &contract.start));
  STRATA_RETURN_IF_ERROR(ReadContractDay(*read, "end", traits, &contract.end));
  return ReadPeriod(*read, "period", &contract.period);
}

}  // namespace

absl::Status ReadLifetimeColumns(const YamlSection& lifetime, const Job& job, LifetimeSettings* settings) {
  const CustomerTraits traits(job);
  STRATA_RETURN_IF_ERROR(ReadCovariates(lifetime, traits, settings));
  return ReadPeriods(lifetime, traits, settings);
}

}  // namespace strata
