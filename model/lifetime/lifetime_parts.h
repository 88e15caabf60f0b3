// What a LifetimeScorer is made of: which scorer a customer's numbers come from, and the spend that goes with them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/status.h"
#include "model/lifetime/covariate_coding.h"
#include "model/lifetime/discrete_scorer.h"
#include "model/lifetime/fit_scorer.h"
#include "model/lifetime/spend_scorer.h"
#include "model/lifetime/value.h"

namespace strata {

struct LifetimeScorer::Parts {
  Parts(const LifetimeModel& lifetime, const SpendModel* spend_model, const ScoringRules& rules)
      : settings(SettingsOf(lifetime, rules)),
        fitted(lifetime.fit.fitted),
        margin(lifetime.margin.factor),
        spend(spend_model, lifetime.draw_seed, DrawsOf(settings)) {
    if (!fitted) return;
    const LifetimeFit& fit = lifetime.fit;
    if (IsDiscrete(fit)) {
      discrete = std::make_unique<DiscreteScorer>(fit, settings);
    } else if (lifetime.covariates.has_value() && lifetime.covariates->fit.fitted) {
      TakeCovariates(*lifetime.covariates);
    } else {
      one = std::make_unique<FitScorer>(fit, settings);
    }
  }

  static FitScorerSettings SettingsOf(const LifetimeModel& lifetime, const ScoringRules& rules) {
    return {.rules = rules,
            .time_unit_days = lifetime.time_unit_days,
            .horizon_periods = lifetime.horizon_periods,
            .T_max_days = lifetime.T_max_days,
            .interval_level = lifetime.interval_level,
            .seed = lifetime.draw_seed,
            .replicates = lifetime.bootstrap};
  }
  static size_t DrawsOf(const FitScorerSettings& settings) {
    if (settings.interval_level == 0) return 0;
    return settings.replicates.empty() ? size_t{kParameterDraws} : settings.replicates.size();
  }
  static bool IsDiscrete(const LifetimeFit& fit) {
    return fit.parameters.kind == LifetimeKind::kBgBb || fit.parameters.kind == LifetimeKind::kSbg;
  }

  // Sources that the fit left out take no part: neither patterns nor scores depend on them.
  void TakeCovariates(const CovariateModel& model) {
    covariates = model;
    const std::vector<bool> is_used = SourcesInUse(model);
    for (size_t i = 0; i < model.sources.size(); ++i) {
      if (is_used[i]) sources.push_back(model.sources[i]);
    }
    for (size_t trait = 0; trait < model.traits.size(); ++trait) {
      if (is_used[model.traits[trait].source]) places.push_back(trait);
    }
    if (sources.empty()) {
      one = std::make_unique<FitScorer>(FitForTraits(model, std::vector<double>(model.traits.size(), 0)), settings);
      return;
    }
    keeps_patterns = HasFewPatterns(sources);
    if (keeps_patterns) return;
    settings.T_max_days = 0;
    settings.normals = std::make_shared<const ParameterDraws::Normals>(
        ParameterDraws::NormalsOf(ParameterDraws::Of::kPurchases, settings.seed, kParameterDraws));
  }

  // Whether tables can be kept for every pattern of traits that there may be: categories alone, and few of them.
  static bool HasFewPatterns(const std::vector<CovariateSource>& used) {
    constexpr size_t kPatternsMax = 256;
    size_t patterns = 1;
    for (const CovariateSource& source : used) {
      if (!source.is_category) return false;
      patterns *= 1 + source.levels.size() + (source.has_other ? 1 : 0) + (source.has_missing ? 1 : 0);
      if (patterns > kPatternsMax) return false;
    }
    return true;
  }

  // One walk over all rows of a pattern, or over all rows.
  std::shared_ptr<const FitScorer> ScorerOf(std::span<const int64_t> codes, bool scores_alone) {
    const auto made = [&] {
      const std::vector<double> used = TraitsOfPattern(sources, codes);
      std::vector<double> traits(covariates->traits.size(), 0);
      for (size_t i = 0; i < used.size(); ++i) traits[places[i]] = used[i];
      FitScorerSettings own = settings;
      own.scores_alone = scores_alone && !keeps_patterns;
      return std::make_shared<const FitScorer>(FitForTraits(*covariates, traits), own);
    };
    if (!keeps_patterns) return made();
    const std::scoped_lock lock(mutex);
    std::shared_ptr<const FitScorer>& kept = by_pattern[{codes.begin(), codes.end()}];
    if (kept == nullptr) kept = made();
    return kept;
  }

  // Calls visit(scorer, rows) for every set of parameters, with the rows of customers with a purchase that it is of.
  // `scores_alone`: the scorers are not walked.
  template <class Visit>
  absl::Status ForEachFit(const CustomerColumns& at, const ColumnSet* profile, bool scores_alone, Visit visit) {
    std::vector<uint32_t> rows;
    for (size_t row = 0; row < at.size(); ++row) {
      if (at.purchase_days[row] > 0) rows.push_back(static_cast<uint32_t>(row));
    }
    if (one != nullptr) {
      visit(*one, std::span<const uint32_t>(rows));
      return absl::OkStatus();
    }
    STRATA_ASSIGN_OR_RETURN(const CodedCustomers coded, CodeCustomers(sources, profile));
    std::stable_sort(rows.begin(), rows.end(),
                     [&](uint32_t a, uint32_t b) { return coded.pattern_of[a] < coded.pattern_of[b]; });
    for (size_t begin = 0; begin < rows.size();) {
      size_t end = begin;
      const uint32_t pattern = coded.pattern_of[rows[begin]];
      while (end < rows.size() && coded.pattern_of[rows[end]] == pattern) ++end;
      visit(*ScorerOf(coded.pattern(pattern), scores_alone),
            std::span<const uint32_t>(rows).subspan(begin, end - begin));
      begin = end;
    }
    return absl::OkStatus();
  }

  // What money adds to the outlook of a history; `logs` has room for every draw. `walk` is at the history; null: no
  // distribution of counts is known.
  void TakeMoney(const CustomerColumns& at, size_t row, const HistoryOutlook& history, FitScorer::Walk* walk,
                 std::vector<double>* logs, CustomerOutlook* out) const;

  FitScorerSettings settings;
  bool fitted;
  double margin;
  SpendScorer spend;
  std::unique_ptr<const DiscreteScorer> discrete;
  std::unique_ptr<const FitScorer> one;
  std::optional<CovariateModel> covariates;
  std::vector<CovariateSource> sources;  // that traits in use read
  std::vector<size_t> places;            // of their traits among all
  bool keeps_patterns = false;
  std::mutex mutex;
  std::map<std::vector<int64_t>, std::shared_ptr<const FitScorer>> by_pattern;
};

}  // namespace strata
