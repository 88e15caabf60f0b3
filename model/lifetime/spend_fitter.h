// The spend fit of a night: maximum likelihood for Gamma-Gamma (model/lifetime/fit_spend.h) in rounds over shards.
// Customers with a repeat purchase and a positive mean repeat spend are in the fit; repeat buyers whose mean spend is
// not positive are left out and counted.
//
// The first round adds up what no parameter enters. The second one gathers the spend of an even share of the customers
// (model/statistics/customer_share.h), of all where they are few, and the fit to these is made here at once. On a large
// base rounds over all customers follow, an evaluation each, from near the share's optimum: the fit is walked through
// from its beginning after every round, and asks for the first sums that are not known yet. Sums are exact, so the
// result is the same for any sharding, to the bit.
//
// A Fitter (model/fitter.h); not thread-safe, its static functions are.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "model/fitted_models.h"
#include "model/fitter.h"
#include "model/kernels/kernels.h"
#include "model/lifetime/fit_spend.h"
#include "model/statistics/customer_share.h"

namespace strata {

class SpendFitter {
 public:
  enum class Stage : uint8_t { kTotals = 0, kRows = 1, kSums = 2 };
  // Which columns: as of the night's date, or as of the day before the hold-out.
  enum class View : uint8_t { kToday = 0, kHoldout = 1 };

  struct Parameters {
    Stage stage = Stage::kTotals;
    View view = View::kToday;
    CustomerShare share;  // whose rows, in stage kRows
    double v = 0;         // where to evaluate, in stage kSums

    void Encode(ByteWriter* writer) const;
    static Parameters Decode(ByteReader* reader);
  };

  struct Partial {  // of its stage; the others are empty
    SpendCensus totals;
    std::vector<SpendRow> rows;  // in any order: encoded in that of (x, net)
    SpendSums sums;

    void Merge(const Partial& other);
    void Encode(ByteWriter* writer) const;
    static Partial Decode(ByteReader* reader);
  };

  SpendFitter() : SpendFitter(View::kToday) {}
  // `kernels`: of the rows that are fitted here; any give the same bits.
  explicit SpendFitter(View view, const Kernels& kernels = WidestKernels()) : view_(view), kernels_(&kernels) {}

  std::optional<Parameters> Next() const;
  static Partial Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels);
  // INTERNAL where two rounds saw different customers; FAILED_PRECONDITION after the last round.
  absl::Status Absorb(const Partial& merged);

  // Final once Next() is nullopt.
  const SpendModel& result() const { return result_; }

 private:
  void TakeRows(const std::vector<SpendRow>& rows);
  // The fit as far as what is known leads; asks for more, or ends.
  void GoOn();

  View view_;
  const Kernels* kernels_;
  Stage stage_ = Stage::kTotals;
  bool done_ = false;
  SpendCensus totals_;
  CustomerShare share_;
  std::optional<GammaGammaParameters> near_;  // the share's optimum
  std::map<double, SpendSums> known_;         // by v
  std::optional<double> asked_;               // v, in stage kSums
  SpendModel result_;
};

// The mean spend of x > 0 repeat purchases, in units of currency.
inline double MeanSpend(int64_t repeat_net_micros, int64_t x) {
  return static_cast<double>(repeat_net_micros) / 1e6 / static_cast<double>(x);
}

}  // namespace strata
