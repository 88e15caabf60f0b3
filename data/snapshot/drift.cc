#include "data/snapshot/drift.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "base/fixed_point.h"
#include "data/snapshot/feature_values.h"
#include "model/statistics/exact_quantiles.h"

namespace strata {
namespace {

constexpr double kMicros = 1e6;
constexpr int64_t kAbsentKey = std::numeric_limits<int64_t>::min();  // below all values; of no finite double

// Doubles as integers of the same order.
int64_t KeyOf(double value) {
  if (!std::isfinite(value)) return kAbsentKey;
  const int64_t bits = std::bit_cast<int64_t>(value + 0.0);  // one zero
  return bits < 0 ? bits ^ std::numeric_limits<int64_t>::max() : bits;
}
double ValueOf(int64_t key) { return std::bit_cast<double>(key < 0 ? key ^ std::numeric_limits<int64_t>::max() : key); }

enum class Unit { kInteger, kMoney, kDouble };  // money: millionths of the currency

struct Column {
  const char* name;
  Unit unit;
  // The value as a key: itself, or KeyOf a double; kAbsentKey without one. Null for a feature.
  int64_t (*key)(const CustomerScore&, Day as_of);

  double FromKey(int64_t value) const {
    if (unit == Unit::kDouble) return ValueOf(value);
    return static_cast<double>(value) / (unit == Unit::kMoney ? kMicros : 1);
  }
  // In units of 2^-kLikelihoodGridBits for doubles, else as it is.
  Int128 Term(int64_t value) const {
    if (unit != Unit::kDouble) return value;
    return static_cast<Int128>(std::nearbyint(std::ldexp(ValueOf(value), kLikelihoodGridBits)));
  }
  double Mean(Int128 sum, int64_t count) const {
    const double total = unit == Unit::kDouble ? FromGrid(sum, kLikelihoodGridBits) : ToDouble(sum);
    return total / static_cast<double>(count) / (unit == Unit::kMoney ? kMicros : 1);
  }
};

int64_t ScoreKey(uint8_t score) { return score == 0 ? kAbsentKey : score; }
int64_t DaysKey(const CustomerScore& s, Day as_of, Day day) {
  return s.purchase_days > 0 ? int64_t{as_of} - day : kAbsentKey;
}

constexpr size_t kScoreColumns = 15;
constexpr std::array<Column, kScoreColumns> kScores = {{
    {"purchase_days", Unit::kInteger, [](const CustomerScore& s, Day) -> int64_t { return s.purchase_days; }},
    {"rows", Unit::kInteger, [](const CustomerScore& s, Day) -> int64_t { return s.rows; }},
    {"return_rows", Unit::kInteger, [](const CustomerScore& s, Day) -> int64_t { return s.return_rows; }},
    {"net", Unit::kMoney, [](const CustomerScore& s, Day) { return s.net_micros; }},
    {"recency_score", Unit::kInteger, [](const CustomerScore& s, Day) { return ScoreKey(s.recency_score); }},
    {"frequency_score", Unit::kInteger, [](const CustomerScore& s, Day) { return ScoreKey(s.frequency_score); }},
    {"monetary_score", Unit::kInteger, [](const CustomerScore& s, Day) { return ScoreKey(s.monetary_score); }},
    {"p_alive", Unit::kDouble, [](const CustomerScore& s, Day) { return KeyOf(s.p_alive); }},
    {"expected_purchases", Unit::kDouble, [](const CustomerScore& s, Day) { return KeyOf(s.expected_purchases); }},
    {"p_no_purchase", Unit::kDouble, [](const CustomerScore& s, Day) { return KeyOf(s.p_no_purchase); }},
    {"expected_spend", Unit::kDouble, [](const CustomerScore& s, Day) { return KeyOf(s.expected_spend); }},
    {"lifetime_value", Unit::kDouble, [](const CustomerScore& s, Day) { return KeyOf(s.lifetime_value); }},
    {"churn_probability", Unit::kDouble, [](const CustomerScore& s, Day) { return KeyOf(s.churn_probability); }},
    {"recency_days", Unit::kInteger, [](const CustomerScore& s, Day as_of) { return DaysKey(s, as_of, s.last_day); }},
    {"tenure_days", Unit::kInteger, [](const CustomerScore& s, Day as_of) { return DaysKey(s, as_of, s.first_day); }},
}};
constexpr size_t kColumnCount = kScoreColumns + kComparedFeatures.size();

// Scores, then features.
constexpr std::array<Column, kColumnCount> AllColumns() {
  std::array<Column, kColumnCount> columns{};
  for (size_t c = 0; c < kScoreColumns; ++c) columns[c] = kScores[c];
  for (size_t f = 0; f < kComparedFeatures.size(); ++f)
    columns[kScoreColumns + f] = {kComparedFeatures[f], Unit::kInteger, nullptr};
  return columns;
}
constexpr std::array<Column, kColumnCount> kColumns = AllColumns();

using Chunk = std::array<std::vector<int64_t>, kColumnCount>;

// A snapshot, and where its Parquet parts lie.
struct Source {
  ObjectStore& objects;
  const Snapshot& snapshot;
  const std::function<bool()>& cancelled;
};

void FillChunk(const LookupPart& part, const FeatureValues& features, Day as_of, uint64_t begin, uint64_t end,
               Chunk* chunk) {
  for (std::vector<int64_t>& keys : *chunk) keys.clear();
  for (uint64_t row = begin; row < end; ++row) {
    const CustomerScore score = part.Row(row).score;
    for (size_t c = 0; c < kScoreColumns; ++c) (*chunk)[c].push_back(kColumns[c].key(score, as_of));
  }
  for (size_t f = 0; f < features.size(); ++f) {
    std::vector<int64_t>& keys = (*chunk)[kScoreColumns + f];
    const std::vector<int64_t>& values = features[f];
    if (values.empty()) {
      keys.assign(end - begin, kAbsentKey);
    } else {
      keys.assign(values.begin() + static_cast<std::ptrdiff_t>(begin),
                  values.begin() + static_cast<std::ptrdiff_t>(end));
    }
  }
}

// Calls visit(chunk) for the customers of the snapshot, kDriftChunkRows at a time, in the order of the parts.
template <typename Visit>
absl::Status ForEachChunk(const Source& source, Visit&& visit) {
  Chunk chunk;
  const Manifest& manifest = source.snapshot.manifest();
  const std::vector<const ManifestEntry*> parquet = ParquetParts(manifest);
  for (size_t shard = 0; shard < source.snapshot.parts().size(); ++shard) {
    if (source.cancelled && source.cancelled()) return DiffCancelled();
    const LookupPart& part = source.snapshot.parts()[shard];
    FeatureValues features;
    if (!parquet.empty() && std::cmp_not_equal(parquet.at(shard)->rows, part.size())) {
      return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT",
                       fmt::format("{}: the manifest gives it {} customers, and the lookup part has {}",
                                   parquet.at(shard)->key, parquet.at(shard)->rows, part.size()));
    }
    if (part.size() > 0 && !parquet.empty()) {
      STRATA_ASSIGN_OR_RETURN(features, ReadFeatureValues(source.objects, *parquet.at(shard)));
    }
    for (uint64_t begin = 0; begin < part.size(); begin += kDriftChunkRows) {
      const uint64_t end = std::min<uint64_t>(part.size(), begin + kDriftChunkRows);
      FillChunk(part, features, manifest.as_of, begin, end, &chunk);
      STRATA_RETURN_IF_ERROR(visit(chunk));
    }
  }
  return absl::OkStatus();
}

struct ColumnSums {
  Int128 sum = 0;
  int64_t present = 0;
};

std::vector<QuantileTarget> DecileTargets() {
  std::vector<QuantileTarget> targets;
  for (int i = 1; i <= kDeciles; ++i) targets.push_back({.numerator = i, .denominator = kDeciles + 1});
  return targets;
}

// Deciles of all columns as keys, and their sums.
class Deciles {
 public:
  Deciles() {
    for (size_t c = 0; c < kColumnCount; ++c) quantiles_.emplace_back(DecileTargets());
  }

  absl::Status Measure(const Source& source) {
    STRATA_RETURN_IF_ERROR(ForEachChunk(source, [this](const Chunk& chunk) {
      Add(chunk);
      return absl::OkStatus();
    }));
    while (true) {
      std::array<std::optional<QuantileRequest>, kColumnCount> requests;
      bool any = false;
      for (size_t c = 0; c < kColumnCount; ++c) {
        requests[c] = quantiles_[c].Next();
        any = any || requests[c].has_value();
      }
      if (!any) return absl::OkStatus();
      std::array<std::optional<QuantilePartial>, kColumnCount> partials;
      STRATA_RETURN_IF_ERROR(ForEachChunk(source, [&](Chunk& chunk) {
        CountChunk(requests, &chunk, &partials);
        return absl::OkStatus();
      }));
      for (size_t c = 0; c < kColumnCount; ++c) {
        if (!requests[c].has_value()) continue;
        STRATA_RETURN_IF_ERROR(quantiles_[c].Absorb(partials[c].value_or(CountValues(*requests[c], {}))));
      }
    }
  }

  const std::vector<int64_t>& keys(size_t column) const { return quantiles_[column].values(); }

  Distribution Of(size_t c) const {
    Distribution distribution{.present = sums_[c].present, .mean = {}, .deciles = {}};
    if (distribution.present == 0) return distribution;
    distribution.mean = kColumns[c].Mean(sums_[c].sum, sums_[c].present);
    for (const int64_t key : keys(c)) distribution.deciles.push_back(kColumns[c].FromKey(key));
    return distribution;
  }

 private:
  void Add(const Chunk& chunk) {
    for (size_t c = 0; c < kColumnCount; ++c) {
      for (const int64_t key : chunk[c]) {
        if (key == kAbsentKey) continue;
        sums_[c].sum += kColumns[c].Term(key);
        ++sums_[c].present;
      }
    }
  }

  static void CountChunk(const std::array<std::optional<QuantileRequest>, kColumnCount>& requests, Chunk* chunk,
                         std::array<std::optional<QuantilePartial>, kColumnCount>* partials) {
    for (size_t c = 0; c < kColumnCount; ++c) {
      if (!requests[c].has_value()) continue;
      std::erase((*chunk)[c], kAbsentKey);
      QuantilePartial partial = CountValues(*requests[c], (*chunk)[c]);
      std::optional<QuantilePartial>& merged = (*partials)[c];
      if (merged.has_value()) {
        merged->Merge(partial);
      } else {
        merged = std::move(partial);
      }
    }
  }

  std::vector<ExactQuantiles> quantiles_;
  std::array<ColumnSums, kColumnCount> sums_;
};

using Bins = std::array<std::vector<int64_t>, kColumnCount>;

// Ends of the bins: the distinct deciles.
Bins EdgesOf(const Deciles& deciles) {
  Bins edges;
  for (size_t c = 0; c < kColumnCount; ++c) {
    edges[c] = deciles.keys(c);
    edges[c].erase(std::unique(edges[c].begin(), edges[c].end()), edges[c].end());
  }
  return edges;
}

absl::StatusOr<Bins> CountBins(const Source& source, const Bins& edges) {
  Bins bins;
  for (size_t c = 0; c < kColumnCount; ++c) bins[c].assign(edges[c].size() + 2, 0);
  STRATA_RETURN_IF_ERROR(ForEachChunk(source, [&](const Chunk& chunk) {
    for (size_t c = 0; c < kColumnCount; ++c) {
      for (const int64_t key : chunk[c]) {
        const auto edge = std::lower_bound(edges[c].begin(), edges[c].end(), key);
        const bool absent = key == kAbsentKey;
        ++bins[c][absent ? edges[c].size() + 1 : static_cast<size_t>(edge - edges[c].begin())];
      }
    }
    return absl::OkStatus();
  }));
  return bins;
}

}  // namespace

absl::Status DiffCancelled() {
  return MakeError(absl::StatusCode::kCancelled, "DIFF_CANCELLED", "nobody waits for the comparison any more");
}

double StabilityIndex(const std::vector<int64_t>& base_bins, const std::vector<int64_t>& other_bins) {
  constexpr double kHalfACustomer = 0.5;
  const auto total = [](const std::vector<int64_t>& bins) {
    return static_cast<double>(std::accumulate(bins.begin(), bins.end(), int64_t{0}));
  };
  const double base_total = total(base_bins);
  const double other_total = total(other_bins);
  double index = 0;
  for (size_t i = 0; i < base_bins.size(); ++i) {
    if (base_bins[i] == 0 && other_bins[i] == 0) continue;
    const double p = std::max(static_cast<double>(base_bins[i]), kHalfACustomer) / base_total;
    const double q = std::max(static_cast<double>(other_bins[i]), kHalfACustomer) / other_total;
    index += (q - p) * std::log(q / p);
  }
  return index;
}

absl::StatusOr<std::vector<ColumnDrift>> MeasureDrift(ObjectStore& objects, const Snapshot& base, const Snapshot& other,
                                                      const std::function<bool()>& cancelled) {
  const Source in_base{objects, base, cancelled};
  const Source in_other{objects, other, cancelled};
  Deciles of_base;
  Deciles of_other;
  STRATA_RETURN_IF_ERROR(of_base.Measure(in_base));
  STRATA_RETURN_IF_ERROR(of_other.Measure(in_other));
  const Bins edges = EdgesOf(of_base);
  STRATA_ASSIGN_OR_RETURN(Bins base_bins, CountBins(in_base, edges));
  STRATA_ASSIGN_OR_RETURN(Bins other_bins, CountBins(in_other, edges));
  std::vector<ColumnDrift> drifts;
  for (size_t c = 0; c < kColumnCount; ++c) {
    ColumnDrift drift{.column = kColumns[c].name,
                      .base = of_base.Of(c),
                      .other = of_other.Of(c),
                      .base_bins = std::move(base_bins[c]),
                      .other_bins = std::move(other_bins[c]),
                      .stability_index = {}};
    if (drift.base.present > 0) drift.stability_index = StabilityIndex(drift.base_bins, drift.other_bins);
    drifts.push_back(std::move(drift));
  }
  return drifts;
}

}  // namespace strata
