#include "model/lifetime/spend_sums.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/fixed_point.h"

namespace strata {
namespace {

constexpr int32_t kFew = 1024;  // most customers have fewer repeat purchases
constexpr double kMicros = 1e6;

using Block = std::array<double, kKernelBlock>;

// Adding 3 * 2^51 rounds a number below 2^51 to a whole one, half to even, and leaves it in the low bits.
constexpr double kRounder = 0x1.8p52;
constexpr double kRoundedMax = 0x1.0p51;
constexpr double kGrid = 0x1.0p40;
static_assert(kLikelihoodGridBits == 40);

// Of values whose multiples of the grid are below kRoundedMax.
int64_t SumOnGrid(const Block& values, size_t n) {
  uint64_t sum = 0;
  for (size_t i = 0; i < n; ++i) sum += std::bit_cast<uint64_t>(values[i] * kGrid + kRounder);
  return static_cast<int64_t>(sum - n * std::bit_cast<uint64_t>(kRounder));
}

int64_t RoundedOnGrid(double value) {
  return static_cast<int64_t>(std::bit_cast<uint64_t>(value * kGrid + kRounder) - std::bit_cast<uint64_t>(kRounder));
}

// Rounds as SumOnGrid does where both can.
void AddOneByOne(const Block& logs, const Block& shares, const Block& counts, size_t n, SpendSums* sums) {
  for (size_t i = 0; i < n; ++i) {
    const double x = counts[i];
    const double log = logs[i], share = shares[i], square = share * share;
    const std::array<double, SpendSums::kTerms> terms = {log, x * log, share, x * share, square, x * square};
    bool fits = true;
    for (const double term : terms) fits &= FitsGrid(term, kLikelihoodGridBits);
    if (!fits) ++sums->misfits;
    for (size_t t = 0; fits && t < terms.size(); ++t) sums->terms[t] += ToGrid(terms[t], kLikelihoodGridBits);
  }
}

void AddTogether(const Block& logs, const Block& shares, const Block& counts, size_t n, SpendSums* sums) {
  Block squares, products;
  sums->terms[SpendSums::kLog] += SumOnGrid(logs, n);
  sums->terms[SpendSums::kShare] += SumOnGrid(shares, n);
  for (size_t i = 0; i < n; ++i) squares[i] = shares[i] * shares[i];
  sums->terms[SpendSums::kSquare] += SumOnGrid(squares, n);
  for (size_t i = 0; i < n; ++i) products[i] = counts[i] * logs[i];
  sums->terms[SpendSums::kXLog] += SumOnGrid(products, n);
  for (size_t i = 0; i < n; ++i) products[i] = counts[i] * shares[i];
  sums->terms[SpendSums::kXShare] += SumOnGrid(products, n);
  for (size_t i = 0; i < n; ++i) products[i] = counts[i] * squares[i];
  sums->terms[SpendSums::kXSquare] += SumOnGrid(products, n);
}

}  // namespace

SpendCensus::Class& SpendCensus::Of(int32_t x) {
  if (x >= kFew) return many_[x];
  if (few_.empty()) few_.resize(kFew);
  return few_[static_cast<size_t>(x)];
}

void SpendCensus::Add(std::span<const SpendRow> rows, const Kernels& kernels) {
  Block logs{};
  for (size_t i = 0; i < rows.size(); ++i) logs[i] = static_cast<double>(rows[i].net_micros - 1);
  kernels.log1p(logs.data(), rows.size(), logs.data());
  for (size_t i = 0; i < rows.size(); ++i) {
    Class& of_x = Of(rows[i].x);
    ++of_x.customers;
    of_x.net_micros += rows[i].net_micros;
    of_x.log_net += RoundedOnGrid(logs[i]);  // below 43.7, and its square below 2^11
    of_x.squared_log_net += RoundedOnGrid(logs[i] * logs[i]);
  }
}

void SpendCensus::Merge(const SpendCensus& other) {
  for (const auto& [x, added] : other.Classes()) {
    Class& of_x = Of(x);
    of_x.customers += added.customers;
    of_x.net_micros += added.net_micros;
    of_x.log_net += added.log_net;
    of_x.squared_log_net += added.squared_log_net;
  }
  left_out_ += other.left_out_;
}

void SpendCensus::Encode(ByteWriter* writer) const {
  const auto classes = Classes();
  writer->I64(left_out_);
  writer->U32(static_cast<uint32_t>(classes.size()));
  for (const auto& [x, of_x] : classes) {
    writer->I32(x);
    writer->I64(of_x.customers);
    writer->I128(of_x.net_micros);
    writer->I128(of_x.log_net);
    writer->I128(of_x.squared_log_net);
  }
}

SpendCensus SpendCensus::Decode(ByteReader* reader) {
  SpendCensus totals;
  totals.left_out_ = reader->I64();
  const uint32_t size = reader->U32();
  for (uint32_t i = 0; i < size && reader->ok(); ++i) {
    const int32_t x = reader->I32();
    Class of_x;
    of_x.customers = reader->I64();
    of_x.net_micros = reader->I128();
    of_x.log_net = reader->I128();
    of_x.squared_log_net = reader->I128();
    if (reader->ok() && x > 0) totals.Of(x) = of_x;
  }
  return totals;
}

int64_t SpendCensus::customers() const {
  int64_t sum = 0;
  for (const Class& of_x : few_) sum += of_x.customers;
  for (const auto& [x, of_x] : many_) sum += of_x.customers;
  return sum;
}

std::vector<std::pair<int32_t, SpendCensus::Class>> SpendCensus::Classes() const {
  std::vector<std::pair<int32_t, Class>> classes;
  for (size_t x = 0; x < few_.size(); ++x) {
    if (few_[x].customers > 0) classes.emplace_back(static_cast<int32_t>(x), few_[x]);
  }
  classes.insert(classes.end(), many_.begin(), many_.end());
  return classes;
}

void SpendSums::Add(std::span<const SpendRow> rows, double v, const Kernels& kernels) {
  const size_t n = rows.size();
  customers += static_cast<int64_t>(n);
  const double inverse = 1 / (kMicros * v);
  // Beyond, ratios would leave the range of doubles; no search needs to go there.
  constexpr double kInverseMax = 0x1.0p900;
  if (!(inverse > 1 / kInverseMax && inverse < kInverseMax)) {
    misfits += static_cast<int64_t>(n);
    return;
  }
  Block ratios{}, logs{}, shares, counts;
  for (size_t i = 0; i < n; ++i) ratios[i] = static_cast<double>(rows[i].net_micros) * inverse;
  for (size_t i = 0; i < n; ++i) counts[i] = static_cast<double>(rows[i].x);
  kernels.log1p(ratios.data(), n, logs.data());
  for (size_t i = 0; i < n; ++i) shares[i] = 1 / (1 + ratios[i]);
  double largest = 0;  // x ln(1 + u) is the only term that grows beyond x
  for (size_t i = 0; i < n; ++i) largest = std::max(largest, counts[i] * std::max(logs[i], 1.0));
  if (largest * kGrid < kRoundedMax) {
    AddTogether(logs, shares, counts, n, this);
  } else {
    AddOneByOne(logs, shares, counts, n, this);
  }
}

void SpendSums::Merge(const SpendSums& other) {
  customers += other.customers;
  misfits += other.misfits;
  for (size_t i = 0; i < terms.size(); ++i) terms[i] += other.terms[i];
}

void SpendSums::Encode(ByteWriter* writer) const {
  writer->I64(customers);
  writer->I64(misfits);
  for (const Int128 term : terms) writer->I128(term);
}

SpendSums SpendSums::Decode(ByteReader* reader) {
  SpendSums sums;
  sums.customers = reader->I64();
  sums.misfits = reader->I64();
  for (Int128& term : sums.terms) term = reader->I128();
  return sums;
}

double SpendSums::Of(Term term) const { return FromGrid(terms[term], kLikelihoodGridBits); }

}  // namespace strata
