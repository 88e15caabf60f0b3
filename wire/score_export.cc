#include "wire/score_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "strata/v1/score_service.pb.h"
#include "wire/errors.h"
#include "wire/outlooks.h"
#include "wire/pages.h"
#include "wire/text.h"

namespace strata {
namespace {

// Only the job: whether the snapshot fits the parent is checked apart, so that an export begun at jobs/{job} goes on in
// the snapshot it began with.
std::string Scope(const std::string& job) { return "ExportScores " + job; }

absl::Status ColumnsInvalid(std::string_view what) { return AnswerInvalid("columns", what); }

bool InRange(int64_t value, int64_t low, int64_t high) { return value >= low && value <= high; }

bool HasLength(const v1::ScoreColumns& c, int rows) {
  for (const int size :
       {c.first_days_size(), c.last_days_size(), c.purchase_days_size(), c.rows_size(), c.return_rows_size(),
        c.net_micros_size(), c.recency_scores_size(), c.frequency_scores_size(), c.monetary_scores_size(),
        c.rfm_segments_size(), c.clusters_size(), c.p_alive_size(), c.expected_purchases_size(), c.p_no_purchase_size(),
        c.expected_spend_size(), c.lifetime_values_size(), c.churn_probabilities_size(), c.flag_bits_size()}) {
    if (size != rows) return false;
  }
  for (const int size : {c.cluster_distances_size(), c.second_clusters_size()}) {
    if (size != rows && size != 0) return false;
  }
  return true;
}

absl::Status CheckRanges(const v1::ScoreColumns& c, int i) {
  constexpr int kMaxScore = std::numeric_limits<uint8_t>::max();
  if (!InRange(c.recency_scores(i), 0, kMaxScore) || !InRange(c.frequency_scores(i), 0, kMaxScore) ||
      !InRange(c.monetary_scores(i), 0, kMaxScore)) {
    return ColumnsInvalid(fmt::format("row {} has an RFM score outside 0 to {}", i, kMaxScore));
  }
  const Day first = ToDay({.year = kFirstYear}), last = ToDay({.year = kLastYear, .month = 12, .day = 31});
  if (!InRange(c.first_days(i), first, last) || !InRange(c.last_days(i), first, last)) {
    return ColumnsInvalid(fmt::format("row {} has a day outside the years {} to {}", i, kFirstYear, kLastYear));
  }
  if (!v1::RfmSegment_IsValid(c.rfm_segments(i))) {
    return ColumnsInvalid(fmt::format("row {} has segment {}, which this program does not know", i, c.rfm_segments(i)));
  }
  for (const int32_t cluster : {c.clusters(i), c.second_clusters().empty() ? 0 : c.second_clusters(i)}) {
    if (!InRange(cluster, 0, std::numeric_limits<int16_t>::max())) {
      return ColumnsInvalid(fmt::format("row {} has cluster {}", i, cluster));
    }
  }
  if (c.flag_bits(i) >> v1::ScoreFlag_MAX != 0) {
    return ColumnsInvalid(fmt::format("row {} has flag bits {}, which this program does not know", i, c.flag_bits(i)));
  }
  return absl::OkStatus();
}

void FinishClusterColumns(const FittedModels& models, v1::ScoreColumns* columns) {
  const auto& distances = columns->cluster_distances();
  if (std::all_of(distances.begin(), distances.end(), [](float distance) { return std::isnan(distance); })) {
    columns->clear_cluster_distances();
  }
  const auto& second = columns->second_clusters();
  if (std::all_of(second.begin(), second.end(), [](int32_t id) { return id == 0; })) columns->clear_second_clusters();
  if (!models.clustering.has_value()) return;
  for (const FittedCluster& cluster : models.clustering->clusters) {
    (*columns->mutable_cluster_names())[cluster.id] = EscapeNonUtf8(cluster.name);
  }
}

absl::Status ReadClassesOf(const v1::ScoreColumns& c, int i, std::vector<NamedClass>* classes) {
  for (const v1::ClassColumn& column : c.classes()) {
    if (std::cmp_greater_equal(i, column.codes().size())) continue;
    const int code = static_cast<uint8_t>(column.codes()[static_cast<size_t>(i)]);
    if (code == 0) continue;
    if (code > column.names_size() || column.scheme().empty()) {
      return ColumnsInvalid(
          fmt::format("row {} has class {} of {} in scheme '{}'", i, code, column.names_size(), column.scheme()));
    }
    classes->push_back({column.scheme(), column.names(code - 1)});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ExportQuestion> ReadExport(const v1::ExportScoresRequest& request) {
  ExportQuestion question;
  STRATA_ASSIGN_OR_RETURN(question.snapshot, ParseSnapshotParent("parent", request.parent()));
  STRATA_ASSIGN_OR_RETURN(question.rows_per_chunk,
                          ReadPageSize(request.page_size(), kDefaultExportRows, kMaxExportRows));
  if (request.page_token().empty()) return question;
  STRATA_ASSIGN_OR_RETURN(const PagePosition position,
                          DecodePageToken(Scope(question.snapshot.job), request.page_token()));
  const bool fits = question.snapshot.is_current() || question.snapshot.number == position.version;
  if (!fits || position.version < 1 || position.major > std::numeric_limits<uint32_t>::max()) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID",
        fmt::format("page_token belongs to snapshot {} of job {}, but parent is '{}': give {} or {}", position.version,
                    question.snapshot.job, request.parent(), JobResource(question.snapshot.job),
                    SnapshotResource(question.snapshot.job, position.version)),
        {{"field", "page_token"}});
  }
  question.snapshot.number = position.version;
  question.begin = {.shard = static_cast<uint32_t>(position.major), .row = position.minor};
  return question;
}

std::string EncodeExportToken(const SnapshotName& snapshot, const ExportPosition& position) {
  return EncodePageToken(Scope(snapshot.job),
                         {.version = snapshot.number, .major = position.shard, .minor = position.row});
}

void AppendColumns(const ScoredCustomer& customer, v1::ScoreColumns* columns) {
  const CustomerScore& score = customer.score;
  columns->add_customer_ids(customer.id.data(), customer.id.size());
  columns->add_first_days(score.first_day);
  columns->add_last_days(score.last_day);
  columns->add_purchase_days(score.purchase_days);
  columns->add_rows(score.rows);
  columns->add_return_rows(score.return_rows);
  columns->add_net_micros(score.net_micros);
  columns->add_recency_scores(score.recency_score);
  columns->add_frequency_scores(score.frequency_score);
  columns->add_monetary_scores(score.monetary_score);
  columns->add_rfm_segments(static_cast<v1::RfmSegment>(score.segment));
  columns->add_clusters(score.cluster + 1);
  columns->add_second_clusters(score.second_cluster + 1);
  columns->add_cluster_distances(score.cluster_distance);
  columns->add_p_alive(score.p_alive);
  columns->add_expected_purchases(score.expected_purchases);
  columns->add_p_no_purchase(score.p_no_purchase);
  columns->add_expected_spend(score.expected_spend);
  columns->add_lifetime_values(score.lifetime_value);
  columns->add_churn_probabilities(score.churn_probability);
  columns->add_flag_bits(score.flags);
  AppendOutlook(score.outlook, columns->mutable_outlook());
  AppendChurn(score.churn, columns->mutable_churn());
}

void ClassColumns::Add(const CustomerScore& score) {
  for (size_t slot = 0; slot < kSchemes; ++slot) {
    if (score.classes.at(slot) == 0) continue;
    codes_.at(slot).resize(rows_);
    codes_.at(slot).push_back(static_cast<char>(score.classes.at(slot)));
  }
  ++rows_;
}

void ClassColumns::Fill(const FittedModels& models, v1::ScoreColumns* columns) const {
  for (size_t slot = 0; slot < kSchemes; ++slot) {
    if (codes_.at(slot).empty()) continue;
    const auto scheme = static_cast<SchemeId>(slot);
    v1::ClassColumn* column = columns->add_classes();
    column->set_scheme(Name(scheme));
    for (const std::string& name : ClassNamesOf(models, scheme)) column->add_names(name);
    column->set_codes(codes_.at(slot));
  }
}

void FinishColumns(const FittedModels& models, v1::ScoreColumns* columns) {
  FinishOutlookColumns(models.lifetime.has_value() ? models.lifetime->interval_level : 0, columns);
  FinishClusterColumns(models, columns);
  FinishChurnColumns(models, columns);
}

absl::StatusOr<std::vector<ExportedScore>> ReadColumns(const v1::ScoreColumns& c) {
  if (!HasLength(c, c.customer_ids_size())) return ColumnsInvalid("they differ in length");
  STRATA_RETURN_IF_ERROR(CheckOutlookColumns(c.outlook(), c.customer_ids_size()));
  STRATA_RETURN_IF_ERROR(CheckChurnColumns(c.churn(), c.customer_ids_size()));
  std::vector<ExportedScore> rows(static_cast<size_t>(c.customer_ids_size()));
  for (int i = 0; i < c.customer_ids_size(); ++i) {
    STRATA_RETURN_IF_ERROR(CheckRanges(c, i));
    auto& [id, score, classes, cluster_name, reasons] = rows[static_cast<size_t>(i)];
    id = c.customer_ids(i);
    score.first_day = c.first_days(i);
    score.last_day = c.last_days(i);
    score.purchase_days = c.purchase_days(i);
    score.rows = c.rows(i);
    score.return_rows = c.return_rows(i);
    score.net_micros = c.net_micros(i);
    score.recency_score = static_cast<uint8_t>(c.recency_scores(i));
    score.frequency_score = static_cast<uint8_t>(c.frequency_scores(i));
    score.monetary_score = static_cast<uint8_t>(c.monetary_scores(i));
    score.segment = static_cast<RfmSegment>(c.rfm_segments(i));
    score.cluster = static_cast<int16_t>(c.clusters(i) - 1);
    if (!c.second_clusters().empty()) score.second_cluster = static_cast<int16_t>(c.second_clusters(i) - 1);
    if (!c.cluster_distances().empty()) score.cluster_distance = c.cluster_distances(i);
    if (const auto name = c.cluster_names().find(c.clusters(i)); name != c.cluster_names().end()) {
      cluster_name = name->second;
    }
    score.p_alive = c.p_alive(i);
    score.expected_purchases = c.expected_purchases(i);
    score.p_no_purchase = c.p_no_purchase(i);
    score.expected_spend = c.expected_spend(i);
    score.lifetime_value = c.lifetime_values(i);
    score.churn_probability = c.churn_probabilities(i);
    score.flags = c.flag_bits(i);
    score.outlook = OutlookInColumns(c.outlook(), i);
    score.churn = ChurnInColumns(c.churn(), i);
    reasons = ReasonsInColumns(c.churn(), i);
    STRATA_RETURN_IF_ERROR(ReadClassesOf(c, i, &classes));
  }
  return rows;
}

}  // namespace strata
