// Exact sums over repeat buyers of what the Gamma-Gamma likelihood (gamma_gamma.h) needs. The gamma functions in it
// depend on the number of repeat purchases x alone, so they are taken once by x; of a customer's own spend it needs
// ln(v + x m) and 1 / (v + x m), so an evaluation costs a logarithm and a division a customer, for any p and q.
//
// Every customer's terms are rounded once to the 2^-40 grid and added as integers: the sums do not depend on the order
// of customers, on shards, threads or the width of kernels, to the bit. Plain values; not thread-safe while written.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/int128.h"
#include "model/kernels/kernels.h"

namespace strata {

// A repeat buyer with positive spend: the net of x repeat purchases.
struct SpendRow {
  int64_t net_micros = 0;  // > 0
  int32_t x = 0;           // > 0
  bool operator==(const SpendRow&) const = default;
};

// What no parameter enters, by x.
class SpendCensus {
 public:
  struct Class {  // customers with the same x; logarithms of net micros, on kLikelihoodGridBits
    int64_t customers = 0;
    Int128 net_micros = 0, log_net = 0, squared_log_net = 0;
    bool operator==(const Class&) const = default;
  };

  // At most kKernelBlock rows.
  void Add(std::span<const SpendRow> rows, const Kernels& kernels);
  void AddLeftOut(int64_t customers) { left_out_ += customers; }
  void Merge(const SpendCensus& other);
  void Encode(ByteWriter* writer) const;
  static SpendCensus Decode(ByteReader* reader);

  int64_t customers() const;
  int64_t left_out() const { return left_out_; }  // repeat buyers whose spend is not positive
  // In ascending order of x.
  std::vector<std::pair<int32_t, Class>> Classes() const;

 private:
  Class& Of(int32_t x);

  std::vector<Class> few_;         // by x, which is below kFew; empty until a row comes
  std::map<int32_t, Class> many_;  // the others
  int64_t left_out_ = 0;
};

// At one v, with u = x m / v and s = 1 / (1 + u), the prior's share of v + x m: sums of these terms.
struct SpendSums {
  enum Term { kLog, kXLog, kShare, kXShare, kSquare, kXSquare, kTerms };  // ln(1 + u), x ln(1 + u), s, x s, s^2, x s^2

  int64_t customers = 0;
  int64_t misfits = 0;  // customers with a term beyond the grid: the point is of no use
  std::array<Int128, kTerms> terms{};

  // At most kKernelBlock rows.
  void Add(std::span<const SpendRow> rows, double v, const Kernels& kernels);
  void Merge(const SpendSums& other);
  void Encode(ByteWriter* writer) const;
  static SpendSums Decode(ByteReader* reader);

  double Of(Term term) const;
};

}  // namespace strata
