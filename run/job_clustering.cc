#include "run/job_clustering.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "run/job_segments.h"
#include "run/nearest_name.h"
#include "run/segments/score_names.h"

namespace strata {
namespace {

constexpr int kMaxClusters = 64;  // more than people can tell apart; bounds the work of a round
constexpr int kMaxStarts = 64;    // all of them are on the sample
constexpr int kMaxIterations = 10'000;
constexpr int64_t kMaxTolerance = 10'000;  // one in a hundred: above it a fit has hardly begun
constexpr int64_t kMaxTrim = 500'000;      // half: beyond it the rest would be the outliers
constexpr double kMinGamma = 0.01;
constexpr double kMaxGamma = 100;
constexpr int kMinSample = 1'024;
constexpr int kMaxSample = 65'536;   // as parameters it is an object of some megabytes
constexpr int kMinReferences = 20;   // fewer leave the standard error of the gap to chance
constexpr int kMaxReferences = 100;  // five times the work
constexpr int kMaxRefitDays = 3650;
constexpr double kMinDrift = 0.000'001;
constexpr double kMaxDriftPsi = 100;
constexpr double kMaxDriftInertia = 1000;
constexpr double kMinFeatureWeight = 0.001;
constexpr int64_t kOne = 1'000'000;
constexpr std::string_view kNumericTransforms = "none, log1p, yeo_johnson";

// Columns of customers that a job may cluster on, by name.
class ColumnsToCluster {
 public:
  explicit ColumnsToCluster(const Job& job) : catalogue_(CatalogueOf(job)) {
    for (const ClusteringColumn& made : kClusteringColumns) types_.emplace(made.name, made.type);
    for (const ScoreName& score : ScoreNames()) {
      const bool has = score.part == ScorePart::kAlways ? IsFeatureColumn(score.name)
                       : score.part == ScorePart::kProfile
                           ? true
                           : score.part == ScorePart::kWindowedRfm && catalogue_.columns.contains(score.name);
      if (has) types_.emplace(score.name, score.type);
    }
    for (const auto& [name, info] : catalogue_.columns) {
      if (name.find('.') != std::string::npos) types_.emplace(name, info.type);
    }
    const TableSource* const customers = job.Find(TableId::kCustomers);
    for (const ExtraColumn& extra : customers == nullptr ? std::vector<ExtraColumn>() : customers->extra) {
      // Stored as a share is, but not bounded like one.
      if (extra.type == ValueType::kDecimal) types_["customers." + extra.name] = ColumnType::kNumber;
    }
  }

  // nullopt: there is none, as Problem() says.
  std::optional<ColumnType> TypeOf(const std::string& name) const {
    const auto found = types_.find(name);
    return found == types_.end() ? std::nullopt : std::optional(found->second);
  }

  std::string Problem(const std::string& name, bool defaults_too) const {
    constexpr std::string_view kAllowed = "allowed: columns of customers (docs/clustering.md)";
    const auto lacks = catalogue_.absent.find(name);
    if (lacks != catalogue_.absent.end() && name.find('.') != std::string::npos) {
      return fmt::format("found '{}', for which the job lacks {}; {}", name, lacks->second, kAllowed);
    }
    for (const ScoreName& score : ScoreNames()) {
      if (score.name != name) continue;
      if (score.part == ScorePart::kWindowedRfm) {
        return fmt::format("found '{}', for which the job lacks {}; {}", name, KeyOf(score.part), kAllowed);
      }
      return fmt::format("found '{}', a score, class or constant, which clustering does not see; {}", name, kAllowed);
    }
    std::vector<std::string> names;
    for (const auto& entry : types_) names.push_back(entry.first);
    if (defaults_too) {
      for (const ClusterFeatureSettings& settings : DefaultClusterFeatures()) names.push_back(settings.name);
    }
    return fmt::format("found '{}'{}; {}", name, DidYouMean(name, names), kAllowed);
  }

 private:
  ColumnCatalogue catalogue_;
  std::map<std::string, ColumnType, std::less<>> types_;
};

absl::Status ReadTransform(const YamlSection& item, const ClusterFeatureSettings* fixed,
                           ClusterFeatureSettings* feature) {
  if (!item.Has("transform")) return absl::OkStatus();
  size_t choice = 0;
  if (!item.ReadChoice("transform", {"none", "log1p", "yeo_johnson"}, &choice).ok()) {
    return item.Invalid("transform", fmt::format("{}, since {} is a number", kNumericTransforms, feature->column));
  }
  constexpr Transform kTransforms[] = {Transform::kNone, Transform::kLog1p, Transform::kYeoJohnson};
  feature->transform = kTransforms[choice];
  if (fixed != nullptr && feature->transform != fixed->transform) {
    return item.Invalid("transform", fmt::format("{}, or the column {} instead of {}", Name(fixed->transform),
                                                 fixed->column, fixed->name));
  }
  return absl::OkStatus();
}

absl::Status ReadNumericFeature(const YamlSection& item, const ClusterFeatureSettings* fixed,
                                ClusterFeatureSettings* feature) {
  STRATA_RETURN_IF_ERROR(ReadTransform(item, fixed, feature));
  size_t choice = 0;
  STRATA_RETURN_IF_ERROR(item.ReadChoice("scale", {"standard", "robust", "minmax", "none"}, &choice));
  feature->scale = static_cast<Scale>(choice);
  std::vector<int64_t> shares;
  STRATA_RETURN_IF_ERROR(item.ReadMillionthsList("winsorise", 2, kOne, &shares));
  if (!shares.empty()) {
    if (shares[0] >= shares[1]) {
      return item.Problem("winsorise",
                          "the first share is not less than the second; allowed: two shares from 0 to 1, "
                          "the first less than the second");
    }
    feature->winsorise = {shares[0], shares[1]};
  }
  choice = 0;
  STRATA_RETURN_IF_ERROR(item.ReadChoice("missing", {"median", "zero", "exclude"}, &choice));
  feature->missing = static_cast<MissingRule>(choice);
  return item.ReadNumber("weight", kMinFeatureWeight, kMaxFeatureWeight, &feature->weight);
}

absl::Status ReadCategory(const YamlSection& item, ClusterFeatureSettings* feature) {
  feature->transform = Transform::kCategory;
  for (const char* key : {"scale", "winsorise", "missing", "weight"}) {
    if (!item.Has(key)) continue;
    return item.Problem(key, fmt::format("{} holds words; allowed: only for numbers", feature->column));
  }
  std::string transform = "category";
  STRATA_RETURN_IF_ERROR(item.ReadText("transform", &transform));
  if (transform == "category") return absl::OkStatus();
  return item.Invalid("transform", fmt::format("category, since {} holds words", feature->column));
}

absl::Status ReadFeature(const YamlSection& item, const ColumnsToCluster& columns, ClusterFeatureSettings* feature) {
  STRATA_RETURN_IF_ERROR(item.Require("column", "a column of customers (docs/clustering.md)"));
  std::string name;
  STRATA_RETURN_IF_ERROR(item.ReadText("column", &name));
  const ClusterFeatureSettings* const fixed = DefaultClusterFeature(name);
  if (fixed != nullptr) {
    *feature = *fixed;
    return ReadNumericFeature(item, fixed->name == fixed->column ? nullptr : fixed, feature);
  }
  const std::optional<ColumnType> type = columns.TypeOf(name);
  if (!type.has_value()) return item.Problem("column", columns.Problem(name, true));
  feature->column = name;
  feature->name = name;
  feature->transform = DefaultTransform(*type);
  return type == ColumnType::kText ? ReadCategory(item, feature) : ReadNumericFeature(item, nullptr, feature);
}

absl::Status ReadFeatures(const YamlSection& section, const ColumnsToCluster& columns, ClusteringSettings* settings) {
  constexpr size_t kMaxItems = kMaxClusterFeatures + kMaxClusterCategories;
  STRATA_ASSIGN_OR_RETURN(const std::vector<YamlSection> items,
                          section.Items("features", kMaxItems,
                                        {"column", "transform", "scale", "winsorise", "missing", "weight"}, "column"));
  std::set<std::string> seen;
  size_t categories = 0;
  for (const YamlSection& item : items) {
    ClusterFeatureSettings& feature = settings->features.emplace_back();
    STRATA_RETURN_IF_ERROR(ReadFeature(item, columns, &feature));
    if (!seen.insert(feature.column).second) {
      return item.Problem("column", fmt::format("found '{}' twice; allowed: each column once", feature.column));
    }
    categories += feature.transform == Transform::kCategory ? 1 : 0;
  }
  const size_t numeric = settings->features.size() - categories;
  if (numeric > kMaxClusterFeatures || categories > kMaxClusterCategories) {
    return section.Problem("features", fmt::format("found {} columns of numbers and {} of words; allowed: {} and {} at "
                                                   "most",
                                                   numeric, categories, kMaxClusterFeatures, kMaxClusterCategories));
  }
  return absl::OkStatus();
}

bool HasCategory(const ClusteringSettings& settings) {
  return std::any_of(settings.features.begin(), settings.features.end(),
                     [](const ClusterFeatureSettings& feature) { return feature.transform == Transform::kCategory; });
}

absl::Status ReadClusterCount(const YamlSection& section, ClusteringSettings* settings) {
  std::string text;
  const bool is_auto = !section.Has("k") || (section.ReadText("k", &text).ok() && text == "auto");
  if (!is_auto) {
    int k = 0;
    if (!section.ReadInteger("k", 1, kMaxClusters, &k).ok()) {
      return section.Invalid("k", fmt::format("auto, or a whole number from 1 to {}", kMaxClusters));
    }
    settings->k = k;
  }
  STRATA_RETURN_IF_ERROR(section.ReadInteger("k_max", 2, kMaxClusters, &settings->k_max));
  STRATA_RETURN_IF_ERROR(section.ReadInteger("references", kMinReferences, kMaxReferences, &settings->references));
  size_t trials = 0;
  STRATA_RETURN_IF_ERROR(section.ReadChoice("trials", {"chosen", "all"}, &trials));
  settings->all_trials = trials == 1;
  if (section.Has("references") && settings->k.has_value() && !settings->all_trials) {
    return section.Problem("references", fmt::format("k is {}, so nothing is compared with references; allowed: only "
                                                     "with k: auto or trials: all",
                                                     *settings->k));
  }
  return absl::OkStatus();
}

absl::Status ReadGamma(const YamlSection& section, ClusteringSettings* settings) {
  if (!section.Has("gamma")) return absl::OkStatus();
  if (!HasCategory(*settings)) {
    return section.Problem("gamma",
                           "no feature is a column of words; allowed: only with one, whose mismatches it weighs");
  }
  std::string text;
  STRATA_RETURN_IF_ERROR(section.ReadText("gamma", &text));
  settings->gamma_huang = text == "huang";
  if (text == "auto" || text == "huang") return absl::OkStatus();
  double gamma = 0;
  if (!section.ReadNumber("gamma", kMinGamma, kMaxGamma, &gamma).ok()) {
    return section.Invalid("gamma", fmt::format("auto, huang, or a number from {} to {}", kMinGamma, kMaxGamma));
  }
  settings->gamma = gamma;
  return absl::OkStatus();
}

absl::Status ReadWeight(const YamlSection& section, const ColumnsToCluster& columns, ClusteringSettings* settings) {
  STRATA_RETURN_IF_ERROR(section.ReadText("weight", &settings->weight));
  if (settings->weight.empty()) return absl::OkStatus();
  const std::optional<ColumnType> type = columns.TypeOf(settings->weight);
  if (!type.has_value()) return section.Problem("weight", columns.Problem(settings->weight, false));
  if (type != ColumnType::kText) return absl::OkStatus();
  return section.Invalid("weight", "a column of numbers");
}

absl::Status ReadRefit(const YamlSection& section, ClusterRefit* refit) {
  if (!section.Has("refit")) return absl::OkStatus();
  if (section.IsMapping("refit")) {
    STRATA_ASSIGN_OR_RETURN(const auto when, section.Section("refit", {"days", "drift"}));
    int days = *refit->days;
    STRATA_RETURN_IF_ERROR(when->ReadInteger("days", 1, kMaxRefitDays, &days));
    refit->days = days;
    return when->ReadFlag("drift", &refit->drift);
  }
  size_t choice = 0;
  if (!section.ReadChoice("refit", {"nightly", "frozen", "on_drift"}, &choice).ok()) {
    return section.Invalid("refit", "nightly, frozen, on_drift, or {days: N, drift: true or false}");
  }
  refit->nightly = choice == 0;
  refit->frozen = choice == 1;
  refit->drift = choice == 2;
  refit->days.reset();
  return absl::OkStatus();
}

absl::Status ReadDrift(const YamlSection& section, ClusteringSettings* settings) {
  STRATA_ASSIGN_OR_RETURN(const auto drift, section.Section("drift", {"psi", "inertia"}));
  if (!drift.has_value()) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(drift->ReadNumber("psi", kMinDrift, kMaxDriftPsi, &settings->drift_psi));
  STRATA_RETURN_IF_ERROR(drift->ReadNumber("inertia", kMinDrift, kMaxDriftInertia, &settings->drift_inertia));
  if (settings->refit.drift) return absl::OkStatus();
  return section.Problem("drift",
                         "refit does not look at drift; allowed: only with on_drift, or days with drift: true");
}

}  // namespace

bool ClusteringSettings::WantsProfile() const {
  const auto from_profile = [](const std::string& column) { return !column.empty() && !IsFeatureColumn(column); };
  return from_profile(weight) ||
         std::any_of(features.begin(), features.end(),
                     [&](const ClusterFeatureSettings& feature) { return from_profile(feature.column); });
}

absl::Status ReadClustering(const YamlSection& models, Job* job) {
  STRATA_ASSIGN_OR_RETURN(
      const auto section,
      models.Section("clustering", {"features", "k", "k_max", "starts", "iterations_max", "tolerance", "trim", "gamma",
                                    "weight", "sample", "references", "trials", "refit", "drift"}));
  if (!section.has_value()) return absl::OkStatus();
  const ColumnsToCluster columns(*job);
  ClusteringSettings& settings = job->clustering.emplace();
  STRATA_RETURN_IF_ERROR(ReadFeatures(*section, columns, &settings));
  STRATA_RETURN_IF_ERROR(ReadClusterCount(*section, &settings));
  STRATA_RETURN_IF_ERROR(section->ReadInteger("starts", 1, kMaxStarts, &settings.starts));
  STRATA_RETURN_IF_ERROR(section->ReadInteger("iterations_max", 1, kMaxIterations, &settings.iterations_max));
  STRATA_RETURN_IF_ERROR(section->ReadMillionths("tolerance", kMaxTolerance, &settings.tolerance));
  STRATA_RETURN_IF_ERROR(section->ReadMillionths("trim", kMaxTrim, &settings.trim));
  STRATA_RETURN_IF_ERROR(ReadGamma(*section, &settings));
  STRATA_RETURN_IF_ERROR(ReadWeight(*section, columns, &settings));
  STRATA_RETURN_IF_ERROR(section->ReadInteger("sample", kMinSample, kMaxSample, &settings.sample));
  STRATA_RETURN_IF_ERROR(ReadRefit(*section, &settings.refit));
  return ReadDrift(*section, &settings);
}

}  // namespace strata
