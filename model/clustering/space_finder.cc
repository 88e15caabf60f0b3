#include "model/clustering/space_finder.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "base/fixed_point.h"
#include "model/statistics/shard_error.h"
#include "model/clustering/space_counts.h"
#include "model/clustering/space_warnings.h"
#include "model/clustering/yeo_johnson.h"
#include "model/statistics/number_order.h"

namespace strata {
namespace {

constexpr int64_t kOne = 1'000'000;         // a share of one
constexpr double kLeastUnit = 0x1p-20;      // keeps powers of |v| / unit far from the end of a double
constexpr double kReachOfY = 0x1p42;        // units of 2^-20: 2^22, whose moments are exact
constexpr double kNormalQuartiles = 1.349;  // between the quartiles of a normal, in standard deviations

// Places of the quantiles of a feature's values.
enum Place : size_t { kLeast = 0, kDeciles = 1, kMedian = 5, kGreatest = 10, kLowQuartile, kHighQuartile, kWinsor };

std::vector<QuantileTarget> TargetsOf(const NumericFeature& feature) {
  std::vector<QuantileTarget> targets;
  for (int64_t tenth = 0; tenth <= 10; ++tenth) targets.push_back({tenth, 10});
  targets.push_back({1, 4});
  targets.push_back({3, 4});
  if (feature.winsor_shares.has_value()) {
    for (const int64_t share : *feature.winsor_shares) targets.push_back({share, kOne});
  }
  return targets;
}

bool HasUnit(const NumericFeature& feature) { return feature.transform != Transform::kLog1p; }

absl::Status Mismatch(std::string_view what) {
  return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH",
                   fmt::format("a partial of the clustering's space does not belong to its round: {}", what));
}

absl::Status BeyondGrid(const NumericFeature& feature, std::string_view found, std::string_view allowed) {
  return MakeError(
      absl::StatusCode::kInvalidArgument, "CLUSTERING_RANGE",
      fmt::format("clustering: feature '{}': found {}; allowed: {}; winsorise: [0.005, 0.995] draws in what "
                  "lies far out, and so does a transform",
                  feature.name, found, allowed),
      {{"feature", feature.name}});
}

NumericFeature NumericOf(const ClusterFeatureSettings& settings) {
  NumericFeature feature;
  feature.column = settings.column;
  feature.name = settings.name.empty() ? settings.column : settings.name;
  feature.transform = settings.transform == Transform::kDefault ? Transform::kYeoJohnson : settings.transform;
  feature.scale = settings.scale;
  feature.missing = settings.missing;
  feature.weight = settings.weight;
  feature.winsor_shares = settings.winsorise;
  return feature;
}

double NumberAt(const ExactQuantiles& of, size_t place) { return NumberOfOrder(of.values()[place]); }

double YOf(const NumericFeature& feature, double raw) {
  double y = 0;
  TransformOnGrid(feature, {&raw, 1}, PlainKernels(), {&y, 1});
  return y;
}

double OffGrid(double y) { return y / PowerOfTwo(kFeatureGridBits); }

void FreezeBins(const ExactQuantiles& values, NumericFeature* feature) {
  feature->bin_cuts.clear();
  feature->bin_counts.clear();
  int64_t counted = 0;
  for (size_t place = kDeciles; place < kGreatest; ++place) {
    const int64_t up_to = values.places()[place].below + values.places()[place].equal;
    if (up_to == counted || up_to == values.count()) continue;  // as the one before, or nothing above it
    feature->bin_cuts.push_back(NumberAt(values, place));
    feature->bin_counts.push_back(up_to - counted);
    counted = up_to;
  }
  feature->bin_counts.push_back(values.count() - counted);
}

}  // namespace

SpaceFinder::SpaceFinder(const std::vector<ClusterFeatureSettings>& features, const std::string& weight,
                         uint32_t sample, uint64_t seed, const Kernels* kernels)
    : sample_capacity_(sample), seed_(seed), kernels_(kernels) {
  for (const ClusterFeatureSettings& settings : features) {
    if (settings.transform == Transform::kCategory) {
      const std::string& name = settings.name.empty() ? settings.column : settings.name;
      space_.categories.push_back({.name = name, .column = settings.column, .words = {}, .counts = {}});
      continue;
    }
    space_.numeric.push_back(NumericOf(settings));
    values_.emplace_back(TargetsOf(space_.numeric.back()));
    magnitudes_.emplace_back(std::vector<QuantileTarget>{{1, 2}});
  }
  space_.weight_column = weight;
  sample_.numeric.resize(space_.numeric.size());
  sample_.codes.resize(space_.categories.size());
}

std::optional<SpaceRequest> SpaceFinder::Next() const {
  if (done_) return std::nullopt;
  SpaceRequest request;
  request.step = step_;
  request.space = space_;
  request.seed = seed_;
  if (step_ != SpaceStep::kMoments) {
    for (uint32_t f = 0; f < space_.d(); ++f) {
      if (const auto values = values_[f].Next()) request.quantiles.emplace(2 * f, *values);
      const auto magnitudes = HasUnit(space_.numeric[f]) ? magnitudes_[f].Next() : std::nullopt;
      if (magnitudes.has_value()) request.quantiles.emplace(2 * f + 1, *magnitudes);
    }
    // Codes need the words, which the first round counts.
    const bool knows_words = step_ != SpaceStep::kWords || space_.categories.empty();
    if (!has_sample_ && knows_words) request.sample = sample_capacity_;
  }
  return request;
}

absl::Status SpaceFinder::Absorb(const SpacePartial& merged) {
  if (done_) return Mismatch("the space is known");
  STRATA_RETURN_IF_ERROR(StatusOfShardError(merged.error));
  STRATA_RETURN_IF_ERROR(AbsorbOne(merged));
  // The sample is everybody: what is left can be counted at once.
  while (!done_ && has_sample_ && static_cast<int64_t>(sample_.hash.size()) == customers_) {
    const RawValues raw = RawValues::OfColumns(space_, sample_.numeric, sample_.codes, sample_.weight);
    STRATA_RETURN_IF_ERROR(AbsorbOne(CountRawValues(*Next(), raw, *kernels_)));
  }
  return absl::OkStatus();
}

absl::Status SpaceFinder::AbsorbOne(const SpacePartial& merged) {
  switch (step_) {
    case SpaceStep::kWords:
      return AbsorbWords(merged);
    case SpaceStep::kQuantiles:
      return AbsorbQuantiles(merged);
    case SpaceStep::kMoments:
      return AbsorbMoments(merged);
  }
  return Mismatch("unknown step");
}

absl::Status SpaceFinder::AbsorbWords(const SpacePartial& merged) {
  customers_ = merged.customers;
  if (customers_ < 2) {
    reason_ = fmt::format(
        "clustering needs at least 2 customers with a purchase day and all values that it must have; "
        "there {} {}",
        customers_ == 1 ? "is" : "are", customers_);
    done_ = true;
    return absl::OkStatus();
  }
  if (merged.absent.size() != space_.d()) return Mismatch("another number of features");
  if (merged.words.size() != space_.categories.size()) return Mismatch("another number of categories");
  for (size_t f = 0; f < space_.d(); ++f) {
    NumericFeature& feature = space_.numeric[f];
    feature.absent = merged.absent[f];
    if (feature.missing == MissingRule::kExclude && feature.absent > 0) {
      warnings_.push_back(
          fmt::format("{}: {} customers without a value are in no cluster", feature.name, feature.absent));
    }
  }
  for (size_t c = 0; c < space_.categories.size(); ++c) {
    if (merged.words[c].size() > kMaxCategoryWords) {
      return MakeError(
          absl::StatusCode::kInvalidArgument, "CLUSTERING_LEVELS",
          fmt::format("clustering: category '{}': found more than {} words; allowed: at most so many, an id "
                      "is no category",
                      space_.categories[c].name, kMaxCategoryWords),
          {{"feature", space_.categories[c].name}});
    }
    KeepWords(merged.words[c], &space_.categories[c]);
    Warn(WordsWarning(space_.categories[c], merged.words[c]));
  }
  if (!space_.weight_column.empty() && merged.weighted == 0) {
    warnings_.push_back(
        fmt::format("weight: no customer has a value of {} above 0; all count alike", space_.weight_column));
    space_.weight_column.clear();
  } else if (!space_.weight_column.empty()) {
    space_.weight_unit = FromGrid(merged.weight_sum, kFeatureGridBits) / static_cast<double>(merged.weighted);
    weighted_ = merged.weighted;
  }
  step_ = SpaceStep::kQuantiles;
  return AbsorbQuantiles(merged);
}

absl::Status SpaceFinder::AbsorbQuantiles(const SpacePartial& merged) {
  for (uint32_t f = 0; f < space_.d(); ++f) {
    for (const bool magnitudes : {false, true}) {
      if (magnitudes && !HasUnit(space_.numeric[f])) continue;
      ExactQuantiles& quantiles = magnitudes ? magnitudes_[f] : values_[f];
      if (!quantiles.Next().has_value()) continue;
      const auto found = merged.quantiles.find(2 * f + (magnitudes ? 1 : 0));
      if (found == merged.quantiles.end()) return Mismatch("quantiles are missing");
      STRATA_RETURN_IF_ERROR(quantiles.Absorb(found->second));
    }
  }
  if (!has_sample_ && merged.sample.size() > 0) STRATA_RETURN_IF_ERROR(KeepSample(merged.sample));
  const auto open = [](const ExactQuantiles& of) { return of.Next().has_value(); };
  for (size_t f = 0; f < space_.d(); ++f) {
    if (open(values_[f]) || (HasUnit(space_.numeric[f]) && open(magnitudes_[f]))) return absl::OkStatus();
  }
  return has_sample_ ? SolveTransforms() : absl::OkStatus();
}

absl::Status SpaceFinder::KeepSample(const KeyedSample& sample) {
  const bool weighs = sample.width() > space_.d() + space_.categories.size();
  if (sample.width() < space_.d() + space_.categories.size()) return Mismatch("a narrow sample");
  for (size_t row = 0; row < sample.size(); ++row) {
    const std::span<const int64_t> values = sample.values(row);
    sample_.hash.push_back(sample.hash(row));
    size_t next = 0;
    for (auto& column : sample_.numeric) column.push_back(std::bit_cast<double>(values[next++]));
    for (auto& column : sample_.codes) column.push_back(static_cast<uint8_t>(values[next++]));
    if (weighs && !space_.weight_column.empty()) sample_.weight.push_back(std::bit_cast<double>(values[next]));
  }
  has_sample_ = true;
  return absl::OkStatus();
}

void SpaceFinder::DropAbsentFeatures() {
  for (size_t f = space_.d(); f-- > 0;) {
    if (values_[f].count() > 0) continue;
    warnings_.push_back(fmt::format("{}: no customer has a value; it is left out", space_.numeric[f].name));
    const auto at = static_cast<std::ptrdiff_t>(f);
    space_.numeric.erase(space_.numeric.begin() + at);
    sample_.numeric.erase(sample_.numeric.begin() + at);
    values_.erase(values_.begin() + at);
    magnitudes_.erase(magnitudes_.begin() + at);
  }
}

absl::Status SpaceFinder::SolveTransforms() {
  DropAbsentFeatures();
  if (space_.numeric.empty() && space_.categories.empty()) {
    reason_ = "no customer has a value of any feature";
    done_ = true;
    return absl::OkStatus();
  }
  for (size_t f = 0; f < space_.d(); ++f) STRATA_RETURN_IF_ERROR(SolveTransform(f));
  step_ = SpaceStep::kMoments;
  if (space_.numeric.empty()) done_ = true;
  return absl::OkStatus();
}

absl::Status SpaceFinder::SolveTransform(size_t f) {
  NumericFeature& feature = space_.numeric[f];
  const ExactQuantiles& values = values_[f];
  feature.present = values.count();
  feature.missing_value = feature.missing == MissingRule::kZero ? 0 : NumberAt(values, kMedian);
  if (feature.winsor_shares.has_value()) {
    feature.winsor = {NumberAt(values, kWinsor), NumberAt(values, kWinsor + 1)};
  }
  FreezeBins(values, &feature);
  if (HasUnit(feature) && magnitudes_[f].count() > 0) {
    const double median = NumberAt(magnitudes_[f], 0);
    const bool is_power = feature.transform == Transform::kYeoJohnson;
    const double unit = is_power ? UnitOfPower(median, NumberAt(values, kLeast)) : median;
    feature.unit = std::max(kLeastUnit, std::ldexp(1.0, std::ilogb(unit)));
  }
  if (feature.transform == Transform::kYeoJohnson) {
    std::vector<double> in_units;
    for (double value : sample_.numeric[f]) {
      if (std::isnan(value)) continue;
      if (feature.winsor.has_value()) value = std::clamp(value, (*feature.winsor)[0], (*feature.winsor)[1]);
      in_units.push_back(value / feature.unit);
    }
    feature.lambda = FitLambda(in_units, *kernels_);
  }
  double least = NumberAt(values, kLeast);
  double greatest = NumberAt(values, kGreatest);
  if (feature.absent > 0 && feature.missing == MissingRule::kZero) {
    least = std::min(least, 0.0);
    greatest = std::max(greatest, 0.0);
  }
  ends_.push_back({YOf(feature, least), YOf(feature, greatest)});
  for (const auto& [raw, y] : {std::pair(least, ends_.back()[0]), std::pair(greatest, ends_.back()[1])}) {
    if (std::fabs(y) <= kReachOfY) continue;
    return BeyondGrid(feature, fmt::format("{}, which becomes {:.6g} times the unit {}", raw, OffGrid(y), feature.unit),
                      "4194304 times its unit at most");
  }
  return absl::OkStatus();
}

double SpaceFinder::SolveScale(const ExactMoments& moments, size_t f) {
  NumericFeature& feature = space_.numeric[f];
  const auto [least, greatest] = ends_[f];
  feature.mean = OffGrid(moments.Mean());
  feature.deviation = OffGrid(moments.Deviation());
  feature.constant = least == greatest;
  if (feature.constant) {
    feature.mean = OffGrid(least);
    feature.deviation = 1;
    warnings_.push_back(fmt::format("{}: all customers have the same value; it tells nobody apart", feature.name));
    return 0;
  }
  if (feature.scale == Scale::kRobust) {
    const double low = YOf(feature, NumberAt(values_[f], kLowQuartile));
    const double high = YOf(feature, NumberAt(values_[f], kHighQuartile));
    if (high > low) {
      feature.mean = OffGrid(YOf(feature, NumberAt(values_[f], kMedian)));
      feature.deviation = OffGrid(high - low) / kNormalQuartiles;
    } else {
      warnings_.push_back(
          fmt::format("{}: its quartiles are equal; scaled by the standard deviation instead", feature.name));
    }
  } else if (feature.scale == Scale::kMinMax) {
    feature.mean = OffGrid((least + greatest) / 2);
    feature.deviation = OffGrid(greatest - least);
  } else if (feature.scale == Scale::kNone) {
    feature.deviation = feature.transform == Transform::kNone ? 1 / feature.unit : 1;
  }
  const double deviation = feature.deviation / feature.weight;
  return std::max(std::fabs(OffGrid(least) - feature.mean), std::fabs(OffGrid(greatest) - feature.mean)) / deviation;
}

absl::Status SpaceFinder::ChooseGrid(const std::vector<double>& reach) {
  const auto farthest = std::max_element(reach.begin(), reach.end());
  space_.grid_bits = kGridBitsMax;
  while (*farthest * PowerOfTwo(space_.grid_bits) > static_cast<double>(kGridEnd)) {
    if (--space_.grid_bits >= kGridBitsMin) continue;
    const auto f = static_cast<size_t>(farthest - reach.begin());
    const bool low = space_.numeric[f].mean - OffGrid(ends_[f][0]) > OffGrid(ends_[f][1]) - space_.numeric[f].mean;
    return BeyondGrid(
        space_.numeric[f],
        fmt::format("{}, {:.6g} scales from the middle", NumberAt(values_[f], low ? kLeast : kGreatest), *farthest),
        fmt::format("{} scales at most", kGridEnd >> kGridBitsMin));
  }
  return absl::OkStatus();
}

absl::Status SpaceFinder::AbsorbMoments(const SpacePartial& merged) {
  if (merged.moments.size() != space_.d()) return Mismatch("another number of moments");
  std::vector<double> reach;
  for (size_t f = 0; f < space_.d(); ++f) {
    if (merged.moments[f].count != customers_) return Mismatch("another number of customers");
    reach.push_back(SolveScale(merged.moments[f], f));
  }
  STRATA_RETURN_IF_ERROR(ChooseGrid(reach));
  if (!space_.weight_column.empty()) {
    Warn(WeightWarning(space_, {customers_ - weighted_, merged.rounded_away, merged.capped}));
  }
  done_ = true;
  return absl::OkStatus();
}

SampleGrid SpaceFinder::Sample() const {
  SampleGrid grid;
  const size_t n = sample_.hash.size();
  grid.hash = sample_.hash;
  grid.q.resize(n * space_.d());
  std::vector<int32_t> column(n);
  int64_t beyond = 0;  // none: the ends of the grid are those of all customers
  for (size_t f = 0; f < space_.d(); ++f) {
    ScaleOnGrid(space_.numeric[f], space_.grid_bits, sample_.numeric[f], *kernels_, column, &beyond);
    for (size_t i = 0; i < n; ++i) grid.q[i * space_.d() + f] = column[i];
  }
  const size_t categories = space_.categories.size();
  grid.codes.resize(n * categories);
  for (size_t c = 0; c < categories; ++c) {
    for (size_t i = 0; i < n; ++i) grid.codes[i * categories + c] = sample_.codes[c][i];
  }
  for (const double weight : sample_.weight) grid.weights.push_back(space_.WeightOf(weight));
  return grid;
}

}  // namespace strata
