// What one set of parameters says of customers who buy at any time: the parts of LifetimeScorer (value.h) that know
// neither columns nor money. Times are in days.
//
// Immutable but for tables that fill and never change a result; thread-safe. Not for kBgBb and kSbg.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/date.h"
#include "model/customer_columns.h"
#include "model/lifetime/bg_family.h"
#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/lifetime_fit.h"
#include "model/lifetime/outlook.h"
#include "model/lifetime/pair_tables.h"
#include "model/lifetime/parameter_draws.h"
#include "model/lifetime/scoring_rules.h"
#include "model/lifetime/totals_to_come.h"

namespace strata {

struct FitScorerSettings {
  ScoringRules rules;
  double time_unit_days = 7;
  std::optional<int32_t> horizon_periods;  // of the discrete kinds (LifetimeModel)
  int32_t T_max_days = 0;                  // 0: nothing is tabled; nor where the fit is of few customers
  double interval_level = 0;               // 0: no intervals
  uint64_t seed = 1;
  std::vector<LifetimeParameters> replicates;  // of a bootstrap, which stand for the draws; empty: draws
  // ParameterDraws::NormalsOf the seed, for who makes many scorers; null: every scorer makes its own.
  std::shared_ptr<const ParameterDraws::Normals> normals;
  bool scores_alone = false;  // of a scorer that is asked for Score and never walked
};

// A customer's own history, in days.
struct HistoryDays {
  int32_t x = 0, t_x = 0, T = 0;

  auto operator<=>(const HistoryDays&) const = default;
};

// Precondition: the row has a purchase day.
HistoryDays DaysOf(const CustomerColumns& at, size_t row);
PurchaseHistory HistoryOf(const HistoryDays& days, double time_unit_days);

struct HistoryScore {
  double p_alive = 0;
  double expected = 0;
  double discounted = 0;
  double none = 1;
};

// What all customers with the same history have in common.
struct HistoryOutlook {
  PairForecast forecast;  // dropped out or not
  // next_purchase, overdue_ratio, p_silence, the intervals of probabilities and purchases, predicted purchases.
  CustomerOutlook outlook;
  // ln of the discounted purchases at every draw; empty: no intervals.
  std::vector<double> log_discounted;
  // Of the spend in all, where there is one: quantiles in units of v + x m, by the customer's own spend.
  double total_low = 0, total_high = 0;
};

class FitScorer {
 public:
  // Precondition: fit.fitted.
  FitScorer(const LifetimeFit& fit, const FitScorerSettings& settings);
  ~FitScorer();

  const LifetimeParameters& parameters() const { return at_; }
  // Of the intervals; 0: none are asked for, or known.
  size_t draws() const { return draws_; }

  HistoryScore Score(const HistoryDays& days) const;

  // Outlooks of many histories, which share what depends on x and T alone: quick where they come in ascending order.
  // Results do not depend on the order. One per thread.
  class Walk {
   public:
    // `totals` may be null: no distribution of spend is known. Both outlive the walk.
    Walk(const FitScorer& scorer, const TotalsToCome* totals);

    void Of(const HistoryDays& days, Day as_of, HistoryOutlook* out);
    // Quantiles of the spend of who is scored by the population's, in units of v, of the history of the last Of.
    AmountInterval PopulationTotals();

   private:
    struct Shared {  // by hits since t_x
      PairForecast forecast;
      PairJets jets;
      std::vector<double> tails;
    };

    void Share(int32_t x, int32_t T);
    void TakeIntervals(HistoryOutlook* out);
    void TakeTaylor(HistoryOutlook* out);
    void TakeEveryDraw(HistoryOutlook* out);
    void TakePredicted(HistoryOutlook* out);
    AmountInterval TotalsOf(int64_t spend_x);

    const FitScorer& scorer_;
    const TotalsToCome* totals_;
    int32_t x_ = -1, T_ = -1;
    std::vector<Shared> shared_;
    PurchaseHistory history_;
    AliveOdds odds_;
    std::array<double, kRegularityMax> hits_{};
    std::vector<double> tails_;  // mixed over the hits
    std::vector<double> above_;
    bool above_is_made_ = false;
    std::vector<double> values_, more_values_;
  };

 private:
  struct DayRow;

  FitScorer(const LifetimeFit& fit, const FitScorerSettings& settings, int32_t T_max_days);

  const DayRow* DayRowOf(int32_t x) const;

  LifetimeParameters at_;
  double time_unit_days_;
  double horizon_;
  double level_;
  int32_t T_max_days_;
  bool is_tabled_by_day_ = false;
  bool coins_alone_ = false;    // k = 1 and a coin: odds by growth_
  std::vector<double> growth_;  // ln(1 + t / alpha) by day
  PairTables tables_;
  size_t draws_ = 0;
  bool every_draw_ = false;
  std::optional<ParameterDraws> taylor_;
  std::vector<std::unique_ptr<const PairTables>> at_draws_;
  mutable std::vector<std::unique_ptr<DayRow>> day_rows_;  // by x
  std::unique_ptr<std::once_flag[]> day_row_made_;
};

}  // namespace strata
