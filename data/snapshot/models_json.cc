#include "data/snapshot/churn_fields.h"
#include "data/snapshot/cluster_check.h"
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

// 4: churn by logistic regression alone; 3: lifetime value by BG/NBD alone; 2: clusters by size, of five features; 1:
// before RFM in full and schemes.
constexpr int kModelFormatVersion = 5;

using ModelFile = std::pair<std::string, std::string>;

template <typename T>
void Append(const char* name, const std::optional<T>& model, std::vector<ModelFile>* files) {
  if (model.has_value()) files->emplace_back(name, JsonText(kModelFormatVersion, JsonWriter::Write(*model)));
}

// Long lists of short rows, on one line.
template <typename T>
void AppendLists(const char* name, const T& lists, std::vector<ModelFile>* files) {
  files->emplace_back(name, JsonText(kModelFormatVersion, JsonWriter::Write(lists), /*indent=*/-1));
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

absl::Status IsAlone(const char* file, const char* model) {
  return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT",
                   fmt::format("{} is there without {}", ModelName(file), ModelName(model)));
}

absl::Status TakeTrees(const std::optional<EnsembleLists>& trees, FittedModels* models) {
  if (trees.has_value()) {
    if (!models->churn.has_value()) return IsAlone("churn_trees", "churn");
    STRATA_ASSIGN_OR_RETURN(models->churn->ensemble, trees->Trees(ModelName("churn_trees")));
  }
  return models->churn.has_value() ? CheckChurnModel(*models->churn, ModelName("churn")) : absl::OkStatus();
}

absl::Status TakeHistory(const std::optional<HistoryLists>& history, FittedModels* models) {
  if (!history.has_value()) return absl::OkStatus();
  if (!models->lifetime.has_value()) return IsAlone("lifetime_history", "lifetime");
  const BaseHistory& kept = models->lifetime->history.emplace(history->History());
  if (kept.births.size() != history->births.size() || kept.repeats.size() != history->repeats.size() ||
      kept.cohorts.size() != history->cohorts.size()) {
    return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT",
                     ModelName("lifetime_history") + ": a day, or a month of a cohort, is given twice");
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<ModelFile> ModelsToJson(const FittedModels& models) {
  std::vector<ModelFile> files;
  Append("churn", models.churn, &files);
  if (models.churn.has_value() && models.churn->ensemble.has_value()) {
    AppendLists("churn_trees", EnsembleLists::Of(*models.churn->ensemble), &files);
  }
  Append("clustering", models.clustering, &files);
  Append("lifetime", models.lifetime, &files);
  if (models.lifetime.has_value() && models.lifetime->history.has_value()) {
    AppendLists("lifetime_history", HistoryLists::Of(*models.lifetime->history), &files);
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
  std::optional<EnsembleLists> trees;
  for (const ModelFile& file : files) {
    absl::Status status;
    if (file.first == "churn") {
      status = ReadModel(file, &models.churn);
    } else if (file.first == "churn_trees") {
      status = ReadModel(file, &trees);
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
  if (models.clustering.has_value()) {
    STRATA_RETURN_IF_ERROR(CheckClustering(*models.clustering, ModelName("clustering")));
  }
  STRATA_RETURN_IF_ERROR(TakeTrees(trees, &models));
  STRATA_RETURN_IF_ERROR(TakeHistory(history, &models));
  models.lifetime_horizon_days = valuation->lifetime_horizon_days;
  models.discount_rate_annual = valuation->discount_rate_annual;
  return models;
}

}  // namespace strata
