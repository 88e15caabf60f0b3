#include "model/lifetime/spend_fitter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/fixed_point.h"

namespace strata {

static_assert(Fitter<SpendFitter>);

namespace {

constexpr int kRoundsMax = 100;              // evaluations; about 10 are usual
constexpr double kGradientTolerance = 1e-8;  // of the gradient norm, per customer
// The same where the search over a share may end: well below what the choice of the share makes of the gradient.
constexpr double kShareGradientTolerance = 1e-4;
// Mean spends in units of currency / 2^30: 128 bits then hold the sum of any int64 micros over 10^15 customers.
constexpr int kMeanGridBits = 30;
// Gamma-Gamma takes spend and frequency as independent. Correlations beyond this make the extrapolation doubtful.
constexpr double kCorrelationMax = 0.3;

using Partial = SpendFitter::Partial;

// False when a value does not fit the grid; nothing is added then.
template <size_t N>
bool AddOnGrid(const std::array<double, N>& values, size_t first, std::array<Int128, N>* sums) {
  bool fit = true;  // nearly always: asked of all at once
  for (size_t i = first; i < N; ++i) fit &= FitsGrid(values[i], kLikelihoodGridBits);
  if (!fit) return false;
  for (size_t i = first; i < N; ++i) (*sums)[i] += ToGrid(values[i], kLikelihoodGridBits);
  return true;
}

void AddStart(int64_t net_micros, int64_t x, Partial* partial) {
  const double log_mean = std::log(MeanSpend(net_micros, x));
  const double log_x = std::log(static_cast<double>(x));
  // An integer division, so the plain mean is exact to the grid whatever the size of the amounts.
  partial->start[Partial::kMean] += (Int128{net_micros} << kMeanGridBits) / (Int128{x} * 1000000);
  // Logarithms of int64 amounts are below 100 in magnitude: always on the grid.
  AddOnGrid<Partial::kStartSums>(
      {0, log_mean, log_mean * log_mean, 1 / static_cast<double>(x), log_x, log_x * log_x, log_x * log_mean}, 1,
      &partial->start);
}

// Gamma functions by x, computed once a shard for the small x that most customers have.
class TermsCache {
 public:
  explicit TermsCache(const GammaGammaParameters& at) : at_(at) {}

  GammaGammaTerms Of(int64_t x) {
    if (x >= kCached) return TermsOf(at_, x);
    std::optional<GammaGammaTerms>& terms = terms_[static_cast<size_t>(x)];
    if (!terms) terms = TermsOf(at_, x);
    return *terms;
  }

 private:
  static constexpr int64_t kCached = 512;

  GammaGammaParameters at_;
  std::vector<std::optional<GammaGammaTerms>> terms_ = std::vector<std::optional<GammaGammaTerms>>(kCached);
};

double Variance(const Partial& sums, Partial::StartSum values, Partial::StartSum squares) {
  const auto count = static_cast<double>(sums.customers);
  const double mean = FromGrid(sums.start[values], kLikelihoodGridBits) / count;
  return std::max(0.0, FromGrid(sums.start[squares], kLikelihoodGridBits) / count - mean * mean);
}

// The correlation of ln x and ln m; 0 where one of them is constant.
double LogCorrelation(const Partial& sums) {
  const auto count = static_cast<double>(sums.customers);
  const double spread = std::sqrt(Variance(sums, Partial::kLogX, Partial::kSquaredLogX) *
                                  Variance(sums, Partial::kLogMean, Partial::kSquaredLogMean));
  if (!(spread > 1e-9)) return 0;
  const double product = FromGrid(sums.start[Partial::kLogXLogMean], kLikelihoodGridBits) / count;
  const double mean_x = FromGrid(sums.start[Partial::kLogX], kLikelihoodGridBits) / count;
  const double mean_spend = FromGrid(sums.start[Partial::kLogMean], kLikelihoodGridBits) / count;
  return (product - mean_x * mean_spend) / spread;
}

}  // namespace

void SpendFitter::Parameters::Encode(ByteWriter* writer) const {
  writer->U8(static_cast<uint8_t>(stage));
  writer->F64(at.p);
  writer->F64(at.q);
  writer->F64(at.v);
  share.Encode(writer);
}

SpendFitter::Parameters SpendFitter::Parameters::Decode(ByteReader* reader) {
  Parameters parameters;
  parameters.stage = static_cast<Stage>(reader->U8());
  parameters.at.p = reader->F64();
  parameters.at.q = reader->F64();
  parameters.at.v = reader->F64();
  parameters.share = CustomerShare::Decode(reader);
  return parameters;
}

void SpendFitter::Partial::Merge(const Partial& other) {
  customers += other.customers;
  left_out += other.left_out;
  misfits += other.misfits;
  for (size_t i = 0; i < start.size(); ++i) start[i] += other.start[i];
  for (size_t i = 0; i < likelihood.size(); ++i) likelihood[i] += other.likelihood[i];
}

void SpendFitter::Partial::Encode(ByteWriter* writer) const {
  writer->I64(customers);
  writer->I64(left_out);
  writer->I64(misfits);
  for (Int128 sum : start) writer->I128(sum);
  for (Int128 sum : likelihood) writer->I128(sum);
}

SpendFitter::Partial SpendFitter::Partial::Decode(ByteReader* reader) {
  Partial partial;
  partial.customers = reader->I64();
  partial.left_out = reader->I64();
  partial.misfits = reader->I64();
  for (Int128& sum : partial.start) sum = reader->I128();
  for (Int128& sum : partial.likelihood) sum = reader->I128();
  return partial;
}

std::optional<SpendFitter::Parameters> SpendFitter::Next() const {
  if (done_) return std::nullopt;
  if (!search_) return Parameters{};
  const std::array<double, 3>& trial = search_->trial();
  return Parameters{.stage = Stage::kEvaluate,
                    .at = {.p = std::exp(trial[0]), .q = std::exp(trial[1]), .v = std::exp(trial[2])},
                    .share = share_};
}

SpendFitter::Partial SpendFitter::Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels&) {
  const CustomerColumns& columns = shard.today;
  Partial partial;
  TermsCache cache(parameters.at);
  for (size_t i = 0; i < columns.size(); ++i) {
    const int64_t x = int64_t{columns.purchase_days[i]} - 1;
    const int64_t net_micros = columns.repeat_net_micros[i];
    if (x <= 0 || !parameters.share.Has(columns.hash[i])) continue;
    if (net_micros <= 0) {
      ++partial.left_out;
      continue;
    }
    ++partial.customers;
    if (parameters.stage == Stage::kStart) {
      AddStart(net_micros, x, &partial);
      continue;
    }
    const Derivatives<3> terms = GammaGammaLogLikelihood(parameters.at, cache.Of(x), MeanSpend(net_micros, x));
    const auto& h = terms.hessian;
    const bool fits =
        AddOnGrid<Partial::kLikelihoodSums>({terms.value, terms.gradient[0], terms.gradient[1], terms.gradient[2],
                                             h[0][0], h[0][1], h[0][2], h[1][1], h[1][2], h[2][2]},
                                            0, &partial.likelihood);
    if (!fits) ++partial.misfits;
  }
  return partial;
}

absl::Status SpendFitter::Absorb(const Partial& merged) {
  if (done_) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FIT_DONE", "the spend fit has no further round");
  }
  if (!search_) {
    Start(merged);
    return absl::OkStatus();
  }
  STRATA_RETURN_IF_ERROR(CheckCustomers(merged));
  if (merged.misfits > 0) {
    search_->Report(std::nullopt);
  } else {
    std::array<double, Partial::kLikelihoodSums> sums;
    for (size_t i = 0; i < sums.size(); ++i) sums[i] = FromGrid(merged.likelihood[i], kLikelihoodGridBits);
    search_->Report(Derivatives<3>{
        .value = sums[0],
        .gradient = {sums[1], sums[2], sums[3]},
        .hessian = {{{sums[4], sums[5], sums[6]}, {sums[5], sums[7], sums[8]}, {sums[6], sums[8], sums[9]}}}});
  }
  GoOn();
  return absl::OkStatus();
}

absl::Status SpendFitter::CheckCustomers(const Partial& merged) {
  if (!share_.all() && !share_customers_) {
    share_customers_ = merged.customers;
    share_left_out_ = merged.left_out;
  }
  const int64_t customers = share_.all() ? result_.customers : *share_customers_;
  const int64_t left_out = share_.all() ? result_.left_out_not_positive : *share_left_out_;
  if (merged.customers == customers && merged.left_out == left_out) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInternal, "FIT_ROUNDS_DISAGREE",
                   fmt::format("spend fit: an earlier round saw {} customers and left {} out, a later one {} and {}",
                               customers, left_out, merged.customers, merged.left_out));
}

void SpendFitter::SearchFrom(const Search::Point& start, const CustomerShare& share) {
  share_ = share;
  const auto customers = static_cast<double>(share.all() ? result_.customers : kShareCustomers);
  search_.emplace(start, kGradientTolerance * customers, kRoundsMax);
}

void SpendFitter::GoOn() {
  const MaximiserState state = search_->state();
  if (!share_.all()) {
    const bool is_near = search_->has_best() &&
                         search_->gradient_norm() <=
                             kShareGradientTolerance * static_cast<double>(std::max<int64_t>(1, *share_customers_));
    if (is_near) {
      SearchFrom(Search::Point(search_->best()), CustomerShare());
    } else if (state != MaximiserState::kRunning) {
      began_there_ = true;
      SearchFrom(start_, CustomerShare());
    }
    return;
  }
  if (state == MaximiserState::kRunning) return;
  if (state == MaximiserState::kConverged || began_there_) return Finish();
  began_there_ = true;
  SearchFrom(start_, CustomerShare());
}

void SpendFitter::Start(const Partial& merged) {
  const auto count = static_cast<double>(merged.customers);
  result_.customers = merged.customers;
  result_.left_out_not_positive = merged.left_out;
  if (merged.customers > 0) {
    result_.population_mean = FromGrid(merged.start[Partial::kMean], kMeanGridBits) / count;
  }
  if (merged.customers < kSpendCustomersMin) {
    result_.reason = fmt::format(
        "only {} customers have a repeat purchase and a positive mean repeat spend; a fit needs at least {}",
        merged.customers, kSpendCustomersMin);
    done_ = true;
    return;
  }
  const double correlation = LogCorrelation(merged);
  if (std::fabs(correlation) > kCorrelationMax) {
    result_.warnings.push_back(fmt::format(
        "spend and frequency are correlated ({:.2f} between their logarithms), but the model takes them as independent",
        correlation));
  }
  // Moments: Var(ln m) is about mean(1 / x) / p + 1 / (q - 1/2). Half of it goes to either; Newton does the rest.
  const double variance = std::max(1e-4, Variance(merged, Partial::kLogMean, Partial::kSquaredLogMean));
  const double inverse_x = FromGrid(merged.start[Partial::kInverseX], kLikelihoodGridBits) / count;
  const double p = std::clamp(2 * inverse_x / variance, 0.1, 100.0);
  const double q = std::clamp(0.5 + 2 / variance, 1.5, 50.0);
  const double log_mean = FromGrid(merged.start[Partial::kLogMean], kLikelihoodGridBits) / count;
  start_ = {std::log(p), std::log(q), log_mean + std::log(q / p)};
  const CustomerShare share = CustomerShare::Of(merged.customers);
  began_there_ = share.all();
  SearchFrom(start_, share);
}

void SpendFitter::Finish() {
  done_ = true;
  result_.iterations = search_->iterations();
  if (search_->state() != MaximiserState::kConverged) {
    result_.reason = search_->state() == MaximiserState::kRidge
                         ? "customers hardly differ in what they spend: the parameters run away and have no optimum"
                         : fmt::format("the search did not converge in {} rounds", search_->iterations());
    return;
  }
  const std::array<double, 3>& best = search_->best();
  result_.p = std::exp(best[0]);
  result_.q = std::exp(best[1]);
  result_.v = std::exp(best[2]);
  result_.log_likelihood = search_->at_best().value;
  if (const auto errors = StandardErrors(search_->at_best())) {
    result_.standard_errors = {result_.p * (*errors)[0], result_.q * (*errors)[1], result_.v * (*errors)[2]};
    result_.has_standard_errors = true;
  }
  if (result_.q <= 1) {
    result_.reason =
        fmt::format("q = {:.4g} is not above 1: spend is so uneven that its mean does not exist", result_.q);
    return;
  }
  result_.fitted = true;
  result_.population_mean = PopulationSpend({.p = result_.p, .q = result_.q, .v = result_.v});
}

}  // namespace strata
