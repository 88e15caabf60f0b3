// From columns of the profile to traits: the coding of covariate_model.h, found from all customers and applied to any.
// Pure functions of their arguments; thread-safe.
//
// What can be a covariate: a column of whole numbers, money, shares, days or flags is a number, a text is a category.
// Codes are what customers are told apart by: one whole number per column, z on the grid of kTraitGridBits for a number
// and the place of the trait for a category, so rows merge on equal codes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "model/columns.h"
#include "model/customer_columns.h"
#include "model/lifetime/covariate_model.h"
#include "model/lifetime/lifetime_fit.h"
#include "model/statistics/exact_moments.h"

namespace strata {

inline constexpr int kTraitGridBits = 20;
inline constexpr int64_t kLevelCustomersMin = 50;  // of fewer customers nothing can be said: they are `other`
inline constexpr size_t kLevelsCounted = 10'000;   // a text with more is a name, not a category

// The columns, each once, in the order in which they are first named: rate's, then drop-out's.
std::vector<std::string> CovariateColumns(const CovariateSettings& settings);

// What the customers with a purchase day have in the covariates' columns. Exact; Merge, Encode and Decode as of a
// partial (model/fitter.h).
class CovariateCensus {
 public:
  static CovariateCensus Of(const std::vector<std::string>& columns, const ShardFeatures& shard);

  void Merge(const CovariateCensus& other);
  void Encode(ByteWriter* writer) const;
  static CovariateCensus Decode(ByteReader* reader);

  // The coding. INTERNAL (COVARIATE_COLUMN) where a shard had no such column or a column of another type;
  // INVALID_ARGUMENT (COVARIATE_TOO_LARGE, COVARIATE_LEVELS, COVARIATE_REFERENCE) where numbers are too large for exact
  // moments, a text has more than kLevelsCounted levels, or a reference of the settings is no level with customers
  // enough.
  absl::StatusOr<std::vector<CovariateSource>> Sources(const CovariateSettings& settings) const;

 private:
  struct Counts {
    bool is_category = false;
    int64_t missing = 0;
    int64_t too_large = 0;                  // numbers beyond the moments' precondition
    double unit = 1;                        // as CovariateSource::unit
    ExactMoments moments;                   // of numbers, in steps (StepOf)
    std::map<std::string, int64_t> levels;  // customers by level; empty where there are too many
    bool too_many = false;

    void Bound();
  };

  absl::StatusOr<CovariateSource> SourceOf(const std::string& name, const Counts& counts,
                                           const CovariateSettings& settings) const;

  std::map<std::string, Counts> columns_;
  std::string unusable_;  // the least name of a column that a shard lacks, or of one of an unfit type
};

// Traits of the sources in their order, and which of them act on what. Where there are more than kCovariateColumnsMax,
// or none, the fit has no use of them: callers look at the size.
std::vector<CovariateTrait> TraitsOf(const std::vector<CovariateSource>& sources);
CovariateEffects EffectsOf(const CovariateSettings& settings, const std::vector<CovariateSource>& sources,
                           const std::vector<CovariateTrait>& traits, LifetimeKind kind);

// Codes of a shard's customers; equal ones are one pattern.
struct CodedCustomers {
  size_t width = 0;                  // codes of a pattern: one a source
  std::vector<int64_t> codes;        // pattern by pattern; patterns ascend, each once
  std::vector<uint32_t> pattern_of;  // by row of the profile

  size_t patterns() const { return width == 0 ? 0 : codes.size() / width; }
  std::span<const int64_t> pattern(size_t i) const { return {codes.data() + i * width, width}; }
};

// All customers of a profile, those without a purchase day too. INTERNAL (COVARIATE_COLUMN) where it lacks a column or
// has one of another type; null stands for a profile without columns. Precondition: at least one source.
absl::StatusOr<CodedCustomers> CodeCustomers(const std::vector<CovariateSource>& sources, const ColumnSet* profile);

// z of a pattern, one number a trait.
std::vector<double> TraitsOfPattern(const std::vector<CovariateSource>& sources, std::span<const int64_t> codes);

// What scores use for customers with these traits: the parameters of covariates.h and, for intervals, the covariance
// of their logarithms. Precondition: model.fit.fitted.
LifetimeFit FitForTraits(const CovariateModel& model, std::span<const double> traits);

void EncodeSources(const std::vector<CovariateSource>& sources, ByteWriter* writer);
std::vector<CovariateSource> DecodeSources(ByteReader* reader);

}  // namespace strata
