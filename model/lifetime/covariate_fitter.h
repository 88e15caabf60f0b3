// The fit of static covariates in a night, on top of a model that was fitted without them: a round finds the coding
// (covariate_coding.h), a second one gathers the exact table of histories by pattern (covariate_table.h), on which
// FitCovariates climbs at once. Where the table overflows, because next to every customer differs from all others, the
// search begins on an even share of the customers and goes on over the shards, one evaluation a round: every row's
// terms are rounded once to the 2^-40 grid and added as integers. Either way the coefficients do not depend on the
// sharding, to the bit.
//
// A Fitter (model/fitter.h); not thread-safe, its static functions are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/int128.h"
#include "model/fitter.h"
#include "model/lifetime/covariate_coding.h"
#include "model/lifetime/covariate_model.h"
#include "model/lifetime/covariate_table.h"
#include "model/lifetime/covariates.h"
#include "model/lifetime/fit_lifetime.h"
#include "model/statistics/customer_share.h"

namespace strata {

class CovariateFitter {
 public:
  enum class Stage : uint8_t { kCensus = 0, kTable = 1, kShare = 2, kEvaluate = 3 };

  struct Parameters {
    Stage stage = Stage::kCensus;
    std::vector<std::string> columns;      // of the census
    std::vector<CovariateSource> sources;  // of the other stages
    CustomerShare share;                   // whose table, in stage kShare
    uint64_t rows_max = kCovariateRows;    // of the table, in stage kTable
    // Where to evaluate, in stage kEvaluate.
    LifetimeKind kind = LifetimeKind::kBgNbd;
    int k = 1;
    double time_unit_days = 7;
    CovariateEffects effects;
    std::vector<double> point;  // logarithms of the parameters, then coefficients

    void Encode(ByteWriter* writer) const;
    static Parameters Decode(ByteReader* reader);
  };

  struct Partial {
    CovariateCensus census;
    CovariateTable table;
    // On kLikelihoodGridBits: CovariatePoint's terms, or in stage kShare TraitProducts of all customers.
    std::vector<Int128> sums;
    int64_t customers = 0;  // that the sums are of
    int64_t misfits = 0;    // terms beyond the grid: the point is of no use

    void Merge(const Partial& other);
    void Encode(ByteWriter* writer) const;
    static Partial Decode(ByteReader* reader);
  };

  struct Settings {
    CovariateSettings covariates;
    LifetimeFit without;  // of the model without covariates; where it is not identified nothing is fitted
    double time_unit_days = 7;
    LogPrior prior;                    // of the parameters of a customer whose traits are all 0
    size_t rows_max = kCovariateRows;  // tests set it lower
  };

  explicit CovariateFitter(Settings settings);

  std::optional<Parameters> Next() const;
  static Partial Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels);
  // Errors of CovariateCensus::Sources and CovariateTable::Check; INTERNAL where two rounds saw different customers;
  // FAILED_PRECONDITION after the last round.
  absl::Status Absorb(const Partial& merged);

  // Final once Next() is nullopt.
  const CovariateModel& result() const { return result_; }

 private:
  absl::Status TakeCensus(const CovariateCensus& census);
  absl::Status TakeTable(const CovariateTable& table);
  absl::Status TakeShare(const Partial& merged);
  absl::Status TakeSums(const Partial& merged);
  void Stop(std::string reason);
  void Finish();
  void TellCoefficients();
  std::vector<std::string> TraitNames() const;
  CovariatePrior Prior() const;

  Settings settings_;
  std::optional<Stage> stage_ = Stage::kCensus;  // nullopt: done
  // Of the search over the shards.
  CovariateEffects kept_;
  int64_t customers_ = 0;
  std::optional<CovariateSearch> search_;
  bool began_near_ = false;  // at the share's optimum
  CovariateModel result_;
};

}  // namespace strata
