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
#include "model/lifetime/fit_lifetime.h"
#include "model/lifetime/trust_region_search.h"
#include "model/statistics/customer_share.h"

namespace strata {

class CovariateFitter {
 public:
  enum class Stage : uint8_t { kCensus = 0, kTable = 1, kEvaluate = 2 };

  struct Parameters {
    Stage stage = Stage::kCensus;
    std::vector<std::string> columns;      // of the census
    std::vector<CovariateSource> sources;  // of the other stages
    CustomerShare share;                   // whom to look at; all in stage kCensus
    uint64_t rows_max = kCovariateRows;
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
    std::vector<Int128> sums;  // value, gradient, upper triangle of the Hessian row by row; kLikelihoodGridBits
    int64_t customers = 0;     // that the sums are of
    int64_t misfits = 0;       // rows with a term beyond the grid: the point is of no use
    std::string error;         // the least of the shards'

    void Merge(const Partial& other);
    void Encode(ByteWriter* writer) const;
    static Partial Decode(ByteReader* reader);
  };

  struct Settings {
    CovariateSettings covariates;
    LifetimeFit without;  // of the model without covariates; where it is not identified nothing is fitted
    double time_unit_days = 7;
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
  absl::Status TakeSums(const Partial& merged);
  void BeginRounds(const std::vector<CovariatePattern>& share);
  void Stop(std::string reason);
  void Finish();

  Settings settings_;
  std::optional<Stage> stage_ = Stage::kCensus;  // nullopt: done
  CustomerShare share_;
  std::optional<int64_t> customers_;
  std::optional<TrustRegionSearch> search_;
  CovariateModel result_;
};

}  // namespace strata
