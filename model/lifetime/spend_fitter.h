// The spend fit of a night: maximum likelihood for Gamma-Gamma (model/lifetime/gamma_gamma.h) by Newton's method, one
// evaluation a round. Customers with a repeat purchase and a positive mean repeat spend are in the fit; repeat buyers
// whose mean spend is not positive are left out and counted. Every customer's terms are rounded once to the 2^-40 grid
// and added as integers, so the path of the search is the same for any sharding, to the bit.
//
// On a large base the search begins on an even share of the customers (model/statistics/customer_share.h) and goes on
// with all of them from near the share's optimum; where one of the two fails it is made anew from the beginning, with
// all customers. Either way what is found is an optimum over all of them.
//
// A Fitter (model/fitter.h); not thread-safe, its static functions are.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/int128.h"
#include "model/fitted_models.h"
#include "model/fitter.h"
#include "model/kernels/kernels.h"
#include "model/lifetime/gamma_gamma.h"
#include "model/statistics/customer_share.h"

namespace strata {

// Fewer customers than this are no base to estimate three parameters from.
inline constexpr int64_t kSpendCustomersMin = 10;

class SpendFitter {
 public:
  enum class Stage : uint8_t { kStart = 0, kEvaluate = 1 };

  struct Parameters {
    Stage stage = Stage::kStart;
    GammaGammaParameters at;  // where to evaluate, in stage kEvaluate
    CustomerShare share;      // whom to look at; all in stage kStart

    void Encode(ByteWriter* writer) const;
    static Parameters Decode(ByteReader* reader);
  };

  struct Partial {
    // Sums of the first round, by index; all on kLikelihoodGridBits but the first.
    enum StartSum { kMean, kLogMean, kSquaredLogMean, kInverseX, kLogX, kSquaredLogX, kLogXLogMean, kStartSums };
    // Value, gradient and upper triangle of the Hessian, row by row.
    static constexpr size_t kLikelihoodSums = 10;

    int64_t customers = 0;  // in the fit, and in the share
    int64_t left_out = 0;   // repeat buyers of the share with mean spend <= 0
    int64_t misfits = 0;    // customers with a term beyond the grid: the point is of no use
    std::array<Int128, kStartSums> start{};
    std::array<Int128, kLikelihoodSums> likelihood{};

    void Merge(const Partial& other);
    void Encode(ByteWriter* writer) const;
    static Partial Decode(ByteReader* reader);
  };

  std::optional<Parameters> Next() const;
  static Partial Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels);
  // INTERNAL where two rounds saw different customers; FAILED_PRECONDITION after the last round.
  absl::Status Absorb(const Partial& merged);

  // Final once Next() is nullopt.
  const SpendModel& result() const { return result_; }

 private:
  using Search = TrustRegionNewton<3>;

  void Start(const Partial& merged);
  absl::Status CheckCustomers(const Partial& merged);
  void SearchFrom(const Search::Point& start, const CustomerShare& share);
  // What follows the last report to the search.
  void GoOn();
  void Finish();

  bool done_ = false;
  std::optional<Search> search_;
  CustomerShare share_;       // whom it looks at
  Search::Point start_{};     // by moments
  bool began_there_ = false;  // and not near the optimum of a share
  std::optional<int64_t> share_customers_, share_left_out_;
  SpendModel result_;
};

// The mean spend of x > 0 repeat purchases, in units of currency.
inline double MeanSpend(int64_t repeat_net_micros, int64_t x) {
  return static_cast<double>(repeat_net_micros) / 1e6 / static_cast<double>(x);
}

}  // namespace strata
