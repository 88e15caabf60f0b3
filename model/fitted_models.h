// The results of a night's fits: plain values, complete enough to score any customer and to tell a person how good they
// are. No history, no I/O; stored as JSON under models/ of a snapshot.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/int128.h"
#include "model/churn/churn_model.h"
#include "model/classes/scheme_models.h"
#include "model/clustering/cluster_model.h"
#include "model/lifetime/base_history.h"
#include "model/lifetime/covariate_model.h"
#include "model/lifetime/judgement.h"
#include "model/lifetime/lifetime_fit.h"

namespace strata {

// --- RFM -----------------------------------------------------------------------------------------------------------

// Named segments: a total, disjoint map of the 25 cells recency score x frequency score. The number is stored in
// snapshots and must never change its meaning.
enum class RfmSegment : uint8_t {
  kNone = 0,  // no purchase day
  kChampions = 1,
  kLoyal = 2,
  kPotentialLoyalist = 3,
  kNew = 4,
  kPromising = 5,
  kNeedAttention = 6,
  kAboutToSleep = 7,
  kAtRisk = 8,
  kCantLose = 9,
  kHibernating = 10,
  kLost = 11,
};
inline constexpr int kRfmSegments = 11;

struct RfmModel {
  int scores = 5;         // scores per axis, 1..scores, `scores` best
  Day as_of = 0;          // of the night that fitted the cuts: an earlier one where a job freezes them
  int64_t customers = 0;  // customers with a purchase day (in the window, where there is one)
  // scores - 1 ascending cut points per axis. A value v of an axis gets 1 + number of cuts below v; recency is then
  // reversed (fewer days, higher score). Units: days, purchase days, micros.
  std::vector<int64_t> recency_cuts_days;
  std::vector<int64_t> frequency_cuts;
  std::vector<int64_t> monetary_cuts_micros;

  // RFM in full (model/rfm/rfm_fitter.h). What stands above holds for every fit; empty and zero below: a plain one.
  std::array<int, 3> axis_scores = {0, 0, 0};  // of recency, frequency, monetary; zeros: `scores` on each
  bool mid_rank = false;                       // ties by mid-rank; else by value
  bool mean_fm = false;   // grids see the mean of both scores, halves up, as frequency; then both have equal counts
  bool windowed = false;  // the profile's rfm_recency, rfm_frequency, rfm_monetary; else the features
  std::string window = "all";     // which purchases count: "all", "last 90 days", "last 4 complete quarters"
  std::string cuts = "quantile";  // quantile, fixed, nested
  // Nested cuts: of frequency by recency score - 1, of monetary by (recency score - 1) * frequency scores + frequency
  // score - 1. Empty: the plain cuts above hold.
  std::vector<std::vector<int64_t>> frequency_by_recency;
  std::vector<std::vector<int64_t>> monetary_by_cell;
  // Of the axes' values over `customers`: what the grid of eight compares with.
  std::array<Int128, 3> sums = {0, 0, 0};
  std::string grid = "eleven";  // the one that names a customer's class: eleven, ten, eight, or a grid of the job
  // A grid of the job: classes by code - 1, and the code of every cell (model/rfm/rfm_grids.h).
  std::vector<std::string> grid_classes;
  std::vector<int> grid_axes;  // 0 recency, 1 frequency, 2 monetary; the last one runs fastest in grid_cells
  std::vector<uint8_t> grid_cells;
};

// --- Lifetime value ------------------------------------------------------------------------------------------------

// What stays of net revenue when costs are taken off, over the whole base: values are net times the factor.
struct MarginFactor {
  bool asked = false;
  double factor = 1;  // sum of margin over sum of net of all customers; 1 where the net is not positive
  Int128 margin_micros = 0, net_micros = 0;
  int64_t customers = 0;  // with a margin
  std::string basis;      // how the job's margin is made: "net less quantity times the product's unit cost"
  std::string reason;     // why the factor is 1 though asked for
  bool operator==(const MarginFactor&) const = default;
};

struct LifetimeModel {  // of any kind: model/lifetime/fit_lifetime.h, docs/models.md
  double time_unit_days = 7;
  // Of opportunities and contracts: whole periods that end within the horizon of scores, as of the night's date.
  // Absent: as many as fit into it by their average length.
  std::optional<int32_t> horizon_periods;
  // Scores use fit.parameters, or with covariates those of the customer.
  LifetimeFit fit;
  std::optional<CovariateModel> covariates;
  std::vector<LifetimeParameters> bootstrap;  // of replicates, which stand for the draws; empty: not asked for
  int bootstrap_asked = 0;                    // replicates; those without a maximum are not among the above
  Day fitted_as_of = 0;                       // an earlier night's where the model is kept
  Day chosen_as_of = 0;                       // where the job leaves the choice of the kind; else 0
  bool refit = true;
  std::string refit_reason;                 // why it was fitted anew or kept, in words
  int32_t T_max_days = 0;                   // the age of the oldest customer at the night's date
  double interval_level = 0.9;              // of customers' intervals; 0: none are asked for
  uint64_t draw_seed = 1;                   // of the draws of parameters that they are of
  std::vector<CandidateLine> candidates;    // in their order; empty: the job names the kind, or there is no hold-out
  std::optional<HoldoutJudgement> holdout;  // of the kind in use, fitted on what was known before the hold-out
  std::optional<BaseHistory> history;
  std::vector<std::string> warnings;  // of the night, beside those of the fit (AllWarnings)
  // Share of purchases that fell on a day with another one of the same customer, and so count once.
  std::optional<double> merged_share;
  bool merged_is_bound = false;  // of rows, as orders are not known: an upper bound
  MarginFactor margin;
};

struct SpendModel {  // Gamma-Gamma: Fader, Hardie note 025 (2013)
  bool fitted = false;
  std::string reason;
  double p = 0, q = 0, v = 0;  // v in units of the job's currency
  std::array<double, 3> standard_errors{};
  bool has_standard_errors = false;
  double log_likelihood = 0;
  int64_t customers = 0;              // with a positive mean repeat spend, in the fit
  int64_t left_out_not_positive = 0;  // repeat buyers whose mean spend is <= 0: population's spend, flagged
  double population_mean = 0;  // p v / (q - 1), the job's currency; when not fitted, the plain mean of positive means
  int iterations = 0;
  std::vector<std::string> warnings;
  bool identified = true;
  std::string boundary;                                  // "", "infinite_mean", "equal_purchases", "equal_customers"
  std::vector<ParameterEstimate> estimates;              // of p, q, v
  std::array<std::array<double, 3>, 3> covariance = {};  // of the logarithms; 0 where absent
  std::optional<double> population_median;               // of customers' mean spend
  std::optional<double> correlation;                     // of ln x and ln mean spend, over the customers of the fit
};

// What a night fitted. Absent where the job does not ask for it.
struct FittedModels {
  std::optional<RfmModel> rfm;
  std::optional<ClusteringModel> clustering;
  std::optional<LifetimeModel> lifetime;
  std::optional<SpendModel> spend;
  std::optional<ChurnModel> churn;
  std::optional<SchemeModels> schemes;  // model/classes/schemes.h
  int lifetime_horizon_days = 365;
  double discount_rate_annual = 0.10;
};

// Of the fit, then of the night, each once.
std::vector<std::string> AllWarnings(const LifetimeModel& model);

// Names as the API, reports and files show them ("champions", "cant_lose", ...).
const char* Name(RfmSegment segment);

}  // namespace strata
