#include "data/snapshot/cluster_fields.h"
#include "data/snapshot/json_fields.h"
#include "data/snapshot/lifetime_fields.h"
#include "data/snapshot/scheme_fields.h"
#include "data/snapshot/snapshot.h"

namespace strata {

// Found by the visitors through their arguments, so not in an unnamed namespace.
template <typename V, Maybe<RfmModel> M>
void VisitFields(V& visit, M& model) {
  visit("scores", model.scores);
  visit("as_of", model.as_of);
  visit("customers", model.customers);
  visit("recency_cuts_days", model.recency_cuts_days);
  visit("frequency_cuts", model.frequency_cuts);
  visit("monetary_cuts_micros", model.monetary_cuts_micros);
  visit("axis_scores", model.axis_scores);
  visit("mid_rank", model.mid_rank);
  visit("mean_fm", model.mean_fm);
  visit("windowed", model.windowed);
  visit("window", model.window);
  visit("cuts", model.cuts);
  visit("frequency_by_recency", model.frequency_by_recency);
  visit("monetary_by_cell", model.monetary_by_cell);
  visit("sums", model.sums);
  visit("grid", model.grid);
  visit("grid_classes", model.grid_classes);
  visit("grid_axes", model.grid_axes);
  visit("grid_cells", model.grid_cells);
}

template <typename V, Maybe<Baseline> M>
void VisitFields(V& visit, M& baseline) {
  visit("name", baseline.name);
  visit("auc", baseline.auc);
  visit("log_loss", baseline.log_loss);
}

template <typename V, Maybe<ChurnModel> M>
void VisitFields(V& visit, M& model) {
  visit("fitted", model.fitted);
  visit("reason", model.reason);
  visit("horizon_days", model.horizon_days);
  visit("eligible_days", model.eligible_days);
  visit("features", model.features);
  visit("mean", model.mean);
  visit("deviation", model.deviation);
  visit("coefficients", model.coefficients);
  visit("intercept", model.intercept);
  visit("rows", model.rows);
  visit("churned", model.churned);
  visit("train_cutoff", model.train_cutoff);
  visit("test_cutoff", model.test_cutoff);
  visit("holdout_rows", model.holdout_rows);
  visit("holdout_churned", model.holdout_churned);
  visit("auc", model.auc);
  visit("log_loss", model.log_loss);
  visit("brier", model.brier);
  visit("calibration_error", model.calibration_error);
  visit("baselines", model.baselines);
  visit("best_baseline", model.best_baseline);
  visit("auc_gain", model.auc_gain);
  visit("auc_gain_low", model.auc_gain_low);
  visit("auc_gain_high", model.auc_gain_high);
  visit("grade", model.grade);
  visit("grade_reason", model.grade_reason);
}

// What belongs to no single model.
struct Valuation {
  int lifetime_horizon_days = 0;
  double discount_rate_annual = 0;
};

template <typename V, Maybe<Valuation> M>
void VisitFields(V& visit, M& valuation) {
  visit("lifetime_horizon_days", valuation.lifetime_horizon_days);
  visit("discount_rate_annual", valuation.discount_rate_annual);
}

namespace {

// 3: lifetime value by BG/NBD alone; 2: clusters by size, of five features; 1: before RFM in full and schemes.
constexpr int kModelFormatVersion = 4;

using ModelFile = std::pair<std::string, std::string>;

template <typename T>
void Append(const char* name, const std::optional<T>& model, std::vector<ModelFile>* files) {
  if (model.has_value()) files->emplace_back(name, JsonText(kModelFormatVersion, JsonWriter::Write(*model)));
}

template <typename T>
absl::Status ReadModel(const ModelFile& file, std::optional<T>* model) {
  const std::string place = ModelName(file.first);
  if (model->has_value()) {
    return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT", place + " is given twice");
  }
  STRATA_ASSIGN_OR_RETURN(const Json object, ParseJsonObject(kModelFormatVersion, file.second, place));
  return JsonReader::Read(object, place, &model->emplace());
}

}  // namespace

std::vector<ModelFile> ModelsToJson(const FittedModels& models) {
  std::vector<ModelFile> files;
  Append("churn", models.churn, &files);
  Append("clustering", models.clustering, &files);
  Append("lifetime", models.lifetime, &files);
  if (models.lifetime.has_value() && models.lifetime->history.has_value()) {
    files.emplace_back("lifetime_history",
                       JsonText(kModelFormatVersion, JsonWriter::Write(HistoryLists::Of(*models.lifetime->history)),
                                /*indent=*/-1));  // long lists of short rows
  }
  Append("rfm", models.rfm, &files);
  Append("schemes", models.schemes, &files);
  Append("spend", models.spend, &files);
  Append("valuation",
         std::optional(Valuation{.lifetime_horizon_days = models.lifetime_horizon_days,
                                 .discount_rate_annual = models.discount_rate_annual}),
         &files);
  return files;
}

absl::StatusOr<FittedModels> ModelsFromJson(const std::vector<ModelFile>& files) {
  FittedModels models;
  std::optional<Valuation> valuation;
  std::optional<HistoryLists> history;
  for (const ModelFile& file : files) {
    absl::Status status;
    if (file.first == "churn") {
      status = ReadModel(file, &models.churn);
    } else if (file.first == "clustering") {
      status = ReadModel(file, &models.clustering);
    } else if (file.first == "lifetime") {
      status = ReadModel(file, &models.lifetime);
    } else if (file.first == "lifetime_history") {
      status = ReadModel(file, &history);
    } else if (file.first == "rfm") {
      status = ReadModel(file, &models.rfm);
    } else if (file.first == "schemes") {
      status = ReadModel(file, &models.schemes);
    } else if (file.first == "spend") {
      status = ReadModel(file, &models.spend);
    } else if (file.first == "valuation") {
      status = ReadModel(file, &valuation);
    } else {
      status = MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT",
                         fmt::format("{}: there is no model of this name", ModelName(file.first)));
    }
    STRATA_RETURN_IF_ERROR(status);
  }
  if (!valuation.has_value()) {
    return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT", ModelName("valuation") + " is missing");
  }
  if (history.has_value()) {
    if (!models.lifetime.has_value()) {
      return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT",
                       ModelName("lifetime_history") + " is there without " + ModelName("lifetime"));
    }
    BaseHistory& kept = models.lifetime->history.emplace(history->History());
    if (kept.births.size() != history->births.size() || kept.repeats.size() != history->repeats.size() ||
        kept.cohorts.size() != history->cohorts.size()) {
      return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT",
                       ModelName("lifetime_history") + ": a day, or a month of a cohort, is given twice");
    }
  }
  models.lifetime_horizon_days = valuation->lifetime_horizon_days;
  models.discount_rate_annual = valuation->discount_rate_annual;
  return models;
}

}  // namespace strata
