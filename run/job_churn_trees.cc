#include "run/job_churn_trees.h"

#include <fmt/format.h>

namespace strata {
namespace {

constexpr int64_t kMinTrainRows = 10'000;     // fewer are no sample of a base that is larger
constexpr int64_t kMaxTrainRows = 4'194'304;  // gathered in one worker: beyond it their codes leave its memory
constexpr int kMaxTrees = 500;
constexpr int kMaxLeaves = 64;  // as kMaxLeaves of model/trees/ensemble.h
constexpr int kMaxBins = 255;   // a byte, without that of missing values
constexpr int kMaxLeafRows = 100'000;
constexpr int kMinPatience = 5, kMaxPatience = 100;
constexpr double kMinLambda = 1e-6;  // of coefficients: without a penalty separable classes have no optimum
constexpr double kMinRate = 0.001, kMinShare = 0.01;
constexpr double kMaxPenalty = 1e6, kMaxHessian = 1e6;
constexpr int kTreesWithoutStopping = 100;

constexpr const char* kTreeKeys[] = {"train_rows", "trees",          "leaves",        "learning_rate",
                                     "bins",       "early_stopping", "min_rows",      "min_hessian",
                                     "alpha",      "row_share",      "feature_share", "monotone"};

absl::Status CheckKeys(const YamlSection& churn, bool trees) {
  if (trees) {
    return churn.Has("l1_ratio") ? churn.Problem("l1_ratio", "the algorithm is gbdt; allowed: only with logistic")
                                 : absl::OkStatus();
  }
  for (const char* key : kTreeKeys) {
    if (churn.Has(key)) return churn.Problem(key, "the algorithm is logistic; allowed: only with gbdt");
  }
  return absl::OkStatus();
}

absl::Status ReadEarlyStopping(const YamlSection& churn, ChurnSettings* settings) {
  if (churn.Has("early_stopping")) {
    std::string text;
    STRATA_RETURN_IF_ERROR(churn.ReadText("early_stopping", &text));
    if (text == "none") {
      settings->early_stopping.reset();
    } else if (!churn.ReadInteger("early_stopping", kMinPatience, kMaxPatience, &*settings->early_stopping).ok()) {
      return churn.Invalid("early_stopping",
                           fmt::format("none, or a whole number from {} to {}", kMinPatience, kMaxPatience));
    }
  }
  if (!settings->early_stopping.has_value()) settings->trees_max = kTreesWithoutStopping;
  return churn.ReadInteger("trees", 1, kMaxTrees, &settings->trees_max);
}

}  // namespace

absl::Status ReadChurnAlgorithm(const YamlSection& churn, ChurnSettings* settings) {
  STRATA_RETURN_IF_ERROR(CheckKeys(churn, settings->trees));
  STRATA_RETURN_IF_ERROR(churn.ReadInteger("train_rows", kMinTrainRows, kMaxTrainRows, &*settings->train_rows));
  STRATA_RETURN_IF_ERROR(ReadEarlyStopping(churn, settings));
  STRATA_RETURN_IF_ERROR(churn.ReadInteger("leaves", 2, kMaxLeaves, &settings->leaves));
  STRATA_RETURN_IF_ERROR(churn.ReadInteger("bins", 2, kMaxBins, &settings->bins));
  STRATA_RETURN_IF_ERROR(churn.ReadInteger("min_rows", 1, kMaxLeafRows, &settings->min_rows));
  STRATA_RETURN_IF_ERROR(churn.ReadNumber("learning_rate", kMinRate, 1, &settings->learning_rate));
  STRATA_RETURN_IF_ERROR(churn.ReadNumber("min_hessian", 0, kMaxHessian, &settings->min_hessian));
  STRATA_RETURN_IF_ERROR(churn.ReadNumber("alpha", 0, kMaxPenalty, &settings->alpha));
  STRATA_RETURN_IF_ERROR(churn.ReadNumber("row_share", kMinShare, 1, &settings->row_share));
  STRATA_RETURN_IF_ERROR(churn.ReadNumber("feature_share", kMinShare, 1, &settings->feature_share));
  STRATA_RETURN_IF_ERROR(churn.ReadNumber("lambda", settings->trees ? 0 : kMinLambda, kMaxPenalty, &settings->lambda));
  return churn.ReadNumber("l1_ratio", 0, 1, &settings->l1_ratio);
}

}  // namespace strata
