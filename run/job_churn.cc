#include "run/job_churn.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/churn_rules.h"
#include "run/churn_attributes.h"
#include "run/customer_traits.h"
#include "run/job_churn_trees.h"
#include "run/nearest_name.h"
#include "run/segments/score_names.h"

namespace strata {
namespace {

constexpr int kMaxChurnHorizonDays = 730;  // two cutoffs of it must fit into the data
constexpr int kMaxEligibleDays = 3650;
constexpr int kMaxCutoffs = 6;  // views of a feature file
constexpr size_t kMaxGroups = 64;
constexpr int64_t kOne = 1'000'000;
constexpr char kAllowed[] = "features of churn and columns of the customers table (docs/churn.md)";

// The features that a job may name, and what else somebody may have meant.
class FeatureNames {
 public:
  FeatureNames(const Job& job, const ChurnSettings& settings)
      : traits_(job), attributes_(ChurnAttributesOf(job, settings)) {
    for (const std::string_view name : kChurnFeatureNames) types_.emplace(name, ColumnType::kInteger);
    for (const ChurnLineFeature& line : kChurnLineFeatures) {
      if (attributes_.lacking.contains(std::string(line.name))) continue;
      types_.emplace(line.name, line.is_category ? ColumnType::kText : ColumnType::kInteger);
    }
    for (const ChurnAttribute& attribute : attributes_.offered) types_.emplace(attribute.name, attribute.type);
  }

  // nullopt: there is none, as Problem() says.
  std::optional<ColumnType> TypeOf(const std::string& name) const {
    const auto found = types_.find(name);
    return found == types_.end() ? std::nullopt : std::optional(found->second);
  }
  size_t size() const { return types_.size(); }
  size_t categories() const {
    return static_cast<size_t>(std::count_if(types_.begin(), types_.end(),
                                             [](const auto& entry) { return entry.second == ColumnType::kText; }));
  }

  std::string Problem(const std::string& name) const {
    const auto left_out = attributes_.left_out.find(name);
    if (left_out != attributes_.left_out.end()) {
      return fmt::format("found '{}', which cannot be a feature: {}; allowed: {}", name, left_out->second, kAllowed);
    }
    const auto lacks = attributes_.lacking.find(name);
    if (lacks != attributes_.lacking.end()) {
      return fmt::format("found '{}', for which the job lacks {}; allowed: {}", name, lacks->second, kAllowed);
    }
    constexpr std::string_view kTable = "customers.";
    const ColumnSchema* const column =
        name.starts_with(kTable) ? FindColumn(TableId::kCustomers, name.substr(kTable.size())) : nullptr;
    if (column != nullptr && column->type == ValueType::kKey) {
      return fmt::format("found '{}', which holds keys; allowed: {}", name, kAllowed);
    }
    for (const ScoreName& score : ScoreNames()) {
      if (score.name != name) continue;
      return fmt::format("found '{}', a score, class or column that churn does not see; allowed: {}", name, kAllowed);
    }
    std::vector<std::string> names;
    for (const auto& entry : types_) names.push_back(entry.first);
    return traits_.Problem(name, kAllowed, std::move(names));
  }

 private:
  CustomerTraits traits_;
  ChurnAttributes attributes_;
  std::map<std::string, ColumnType, std::less<>> types_;
};

absl::Status ReadStatic(const YamlSection& churn, const Job& job, ChurnSettings* settings) {
  if (!churn.Has("static")) return absl::OkStatus();
  constexpr std::string_view kColumns = "columns of the customers table, as customers.gender";
  STRATA_RETURN_IF_ERROR(churn.ReadTexts("static", kMaxChurnFeatures, &settings->fixed_columns));
  const CustomerTraits traits(job);
  std::set<std::string> seen;
  for (const std::string& name : settings->fixed_columns) {
    if (traits.Find(name) == nullptr) return churn.Problem("static", traits.Problem(name, kColumns));
    if (!name.starts_with("customers.")) {
      return churn.Problem("static", fmt::format("found '{}'; allowed: {}", name, kColumns));
    }
    if (!seen.insert(name).second) {
      return churn.Problem("static", fmt::format("found '{}' twice; allowed: each once", name));
    }
  }
  return absl::OkStatus();
}

absl::Status TooMany(const YamlSection& churn, size_t features, size_t categories) {
  return churn.Problem(
      "features", fmt::format("found {} features, {} of them of words; allowed: {}, {} of them of words, at most: name "
                              "those that matter",
                              features, categories, kMaxChurnFeatures, kMaxChurnCategories));
}

absl::Status ReadFeatures(const YamlSection& churn, const FeatureNames& names, ChurnSettings* settings) {
  if (!churn.Has("features")) {
    if (names.size() <= kMaxChurnFeatures && names.categories() <= kMaxChurnCategories) return absl::OkStatus();
    return TooMany(churn, names.size(), names.categories());
  }
  STRATA_RETURN_IF_ERROR(churn.ReadTexts("features", kMaxChurnFeatures, &settings->features));
  std::set<std::string> seen;
  size_t categories = 0;
  for (const std::string& name : settings->features) {
    const std::optional<ColumnType> type = names.TypeOf(name);
    if (!type.has_value()) return churn.Problem("features", names.Problem(name));
    if (!seen.insert(name).second) {
      return churn.Problem("features", fmt::format("found '{}' twice; allowed: each once", name));
    }
    categories += *type == ColumnType::kText ? 1 : 0;
  }
  return categories <= kMaxChurnCategories ? absl::OkStatus() : TooMany(churn, seen.size(), categories);
}

// OK where the model looks at the feature.
absl::Status CheckChosen(const YamlSection& section, const std::string& key, const std::string& name,
                         const FeatureNames& names, const ChurnSettings& settings) {
  if (!names.TypeOf(name).has_value()) return section.Problem(key, names.Problem(name));
  const std::vector<std::string>& chosen = settings.features;
  if (chosen.empty() || std::find(chosen.begin(), chosen.end(), name) != chosen.end()) return absl::OkStatus();
  return section.Problem(key, fmt::format("found '{}', which is not among the features{}; allowed: those of features",
                                          name, DidYouMean(name, chosen)));
}

absl::Status ReadGroups(const YamlSection& churn, const FeatureNames& names, ChurnSettings* settings) {
  STRATA_ASSIGN_OR_RETURN(const auto groups,
                          churn.OpenSection("groups", "a mapping from groups to lists of features", kMaxGroups));
  if (!groups.has_value()) return absl::OkStatus();
  std::map<std::string, std::string> group_of;
  for (const std::string& group : groups->keys()) {
    std::vector<std::string>& members = settings->groups[group];
    STRATA_RETURN_IF_ERROR(groups->ReadTexts(group, kMaxChurnFeatures, &members));
    for (const std::string& name : members) {
      STRATA_RETURN_IF_ERROR(CheckChosen(*groups, group, name, names, *settings));
      const auto [first, is_new] = group_of.emplace(name, group);
      if (!is_new) {
        return groups->Problem(group, fmt::format("found '{}', which is in '{}' already; allowed: each feature in one "
                                                  "group",
                                                  name, first->second));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status ReadMonotone(const YamlSection& churn, const FeatureNames& names, ChurnSettings* settings) {
  STRATA_ASSIGN_OR_RETURN(const auto section,
                          churn.OpenSection("monotone", "a mapping from features to up or down", kMaxChurnFeatures));
  if (!section.has_value()) return absl::OkStatus();
  for (const std::string& name : section->keys()) {
    STRATA_RETURN_IF_ERROR(CheckChosen(*section, name, name, names, *settings));
    if (names.TypeOf(name) == ColumnType::kText) {
      return section->Problem(name, "it holds words, which neither rise nor fall; allowed: features of numbers");
    }
    size_t down = 0;
    STRATA_RETURN_IF_ERROR(section->ReadChoice(name, {"up", "down"}, &down));
    settings->monotone[name] = down == 1 ? -1 : 1;
  }
  return absl::OkStatus();
}

absl::Status ReadCutoffs(const YamlSection& churn, ChurnSettings* settings) {
  if (!churn.Has("cutoffs")) return absl::OkStatus();
  std::string text;
  STRATA_RETURN_IF_ERROR(churn.ReadText("cutoffs", &text));
  if (text == "auto") return absl::OkStatus();
  if (!churn.ReadInteger("cutoffs", 1, kMaxCutoffs, &settings->cutoffs.emplace()).ok()) {
    return churn.Invalid("cutoffs", fmt::format("auto, or a whole number from 1 to {}", kMaxCutoffs));
  }
  return absl::OkStatus();
}

absl::Status ReadBands(const YamlSection& churn, ChurnSettings* settings) {
  STRATA_ASSIGN_OR_RETURN(const auto bands, churn.Section("bands", {"low", "high"}));
  if (!bands.has_value()) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(bands->ReadMillionths("low", kOne, &settings->band_low));
  STRATA_RETURN_IF_ERROR(bands->ReadMillionths("high", kOne, &settings->band_high));
  if (settings->band_low < settings->band_high) return absl::OkStatus();
  return churn.Problem("bands", fmt::format("low is {} and high is {}; allowed: low less than high",
                                            static_cast<double>(settings->band_low) / kOne,
                                            static_cast<double>(settings->band_high) / kOne));
}

}  // namespace

absl::Status ReadChurn(const YamlSection& models, Job* job) {
  STRATA_ASSIGN_OR_RETURN(
      const auto churn,
      models.Section("churn",
                     {"algorithm",     "horizon_days",   "eligible_days", "cutoffs",     "features", "static",
                      "groups",        "monotone",       "train_rows",    "trees",       "leaves",   "learning_rate",
                      "bins",          "early_stopping", "min_rows",      "min_hessian", "alpha",    "row_share",
                      "feature_share", "lambda",         "l1_ratio",      "bands",       "reasons"}));
  if (!churn.has_value()) return absl::OkStatus();
  ChurnSettings& settings = job->churn.emplace();
  size_t choice = 0;
  STRATA_RETURN_IF_ERROR(churn->ReadChoice("algorithm", {"logistic", "gbdt"}, &choice));
  settings.trees = choice == 1;
  STRATA_RETURN_IF_ERROR(churn->ReadInteger("horizon_days", 1, kMaxChurnHorizonDays, &settings.horizon_days));
  settings.eligible_days = 2 * settings.horizon_days;
  STRATA_RETURN_IF_ERROR(churn->ReadInteger("eligible_days", 1, kMaxEligibleDays, &settings.eligible_days));
  STRATA_RETURN_IF_ERROR(ReadCutoffs(*churn, &settings));
  STRATA_RETURN_IF_ERROR(ReadStatic(*churn, *job, &settings));
  const FeatureNames names(*job, settings);
  STRATA_RETURN_IF_ERROR(ReadFeatures(*churn, names, &settings));
  STRATA_RETURN_IF_ERROR(ReadGroups(*churn, names, &settings));
  STRATA_RETURN_IF_ERROR(ReadChurnAlgorithm(*churn, &settings));
  STRATA_RETURN_IF_ERROR(ReadMonotone(*churn, names, &settings));
  STRATA_RETURN_IF_ERROR(ReadBands(*churn, &settings));
  choice = 0;
  STRATA_RETURN_IF_ERROR(churn->ReadChoice("reasons", {"bands", "all", "none"}, &choice));
  settings.reasons = static_cast<ChurnSettings::Reasons>(choice);
  return absl::OkStatus();
}

}  // namespace strata
