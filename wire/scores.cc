#include "wire/scores.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <limits>

#include "model/classes/schemes.h"
#include "strata/v1/score_service.pb.h"
#include "wire/churn_scores.h"
#include "wire/dates.h"
#include "wire/errors.h"
#include "wire/outlooks.h"
#include "wire/text.h"

namespace strata {
namespace {

static_assert(v1::RFM_SEGMENT_CHAMPIONS == static_cast<int>(RfmSegment::kChampions));
static_assert(v1::RfmSegment_MAX == kRfmSegments && v1::RFM_SEGMENT_LOST == static_cast<int>(RfmSegment::kLost));
// Flag number f is bit f - 1, here and in ScoreColumns.
static_assert(kFlagNoPurchase == 1u << (v1::SCORE_FLAG_NO_PURCHASE - 1));
static_assert(kFlagSpendFromPopulation == 1u << (v1::SCORE_FLAG_SPEND_FROM_POPULATION - 1));
static_assert(kFlagSpendNotPositive == 1u << (v1::SCORE_FLAG_SPEND_NOT_POSITIVE - 1));
static_assert(kFlagChurnInactive == 1u << (v1::SCORE_FLAG_CHURN_INACTIVE - 1));
static_assert(kFlagOutlier == 1u << (v1::SCORE_FLAG_OUTLIER - 1));
static_assert(kFlagClusterMissing == 1u << (v1::SCORE_FLAG_CLUSTER_MISSING - 1));
static_assert(kFlagChurnFromLifetime == 1u << (v1::SCORE_FLAG_CHURN_FROM_LIFETIME - 1));

absl::StatusOr<Day> ReadAnsweredDate(const google::type::Date& date, std::string_view field) {
  const auto day = ReadDate(date, field);
  if (!day.ok()) return AnswerInvalid(field, StdView(day.status().message()));
  return *day;
}

absl::Status ReadRfm(const v1::Score& message, CustomerScore* score) {
  for (const int32_t value : {message.recency_score(), message.frequency_score(), message.monetary_score()}) {
    if (value < 0 || value > std::numeric_limits<uint8_t>::max()) {
      return AnswerInvalid("score", fmt::format("an RFM score of {}", value));
    }
  }
  score->recency_score = static_cast<uint8_t>(message.recency_score());
  score->frequency_score = static_cast<uint8_t>(message.frequency_score());
  score->monetary_score = static_cast<uint8_t>(message.monetary_score());
  if (!v1::RfmSegment_IsValid(message.rfm_segment())) {
    return AnswerInvalid("score.rfm_segment",
                         fmt::format("{} is no segment this program knows", message.rfm_segment()));
  }
  score->segment = static_cast<RfmSegment>(message.rfm_segment());
  return absl::OkStatus();
}

absl::Status ReadClusterId(int32_t id, std::string_view field, int16_t* cluster) {
  if (id < 1 || id > std::numeric_limits<int16_t>::max()) return AnswerInvalid(field, fmt::format("{}", id));
  *cluster = static_cast<int16_t>(id - 1);
  return absl::OkStatus();
}

absl::Status ReadCluster(const v1::Score& message, CustomerScore* score) {
  if (message.has_cluster()) {
    STRATA_RETURN_IF_ERROR(ReadClusterId(message.cluster(), "score.cluster", &score->cluster));
  }
  if (message.has_second_cluster()) {
    STRATA_RETURN_IF_ERROR(ReadClusterId(message.second_cluster(), "score.second_cluster", &score->second_cluster));
  }
  if (message.has_cluster_distance()) score->cluster_distance = message.cluster_distance();
  return absl::OkStatus();
}

}  // namespace

void FillAnswerInfo(const AnswerFacts& facts, v1::AnswerInfo* message) {
  message->set_snapshot(SnapshotResource(facts.job, facts.number));
  FillDate(facts.as_of, message->mutable_as_of());
  FillTime(facts.published_ms, message->mutable_publish_time());
  message->set_age_seconds(facts.age_seconds);
  message->set_stale(facts.stale);
  message->set_digest(facts.digest);
  message->set_currency(facts.currency);
}

absl::StatusOr<AnswerFacts> ReadAnswerInfo(const v1::AnswerInfo& message) {
  AnswerFacts facts;
  const auto name = ParseNumberedSnapshotName("info.snapshot", message.snapshot());
  if (!name.ok()) return AnswerInvalid("info.snapshot", StdView(name.status().message()));
  facts.job = name->job;
  facts.number = name->number;
  STRATA_ASSIGN_OR_RETURN(facts.as_of, ReadAnsweredDate(message.as_of(), "info.as_of"));
  const auto published = ReadTime(message.publish_time(), "info.publish_time");
  if (!published.ok()) return AnswerInvalid("info.publish_time", StdView(published.status().message()));
  facts.published_ms = *published;
  facts.age_seconds = message.age_seconds();
  facts.stale = message.stale();
  facts.digest = message.digest();
  facts.currency = message.currency();
  return facts;
}

void FillScore(const CustomerScore& score, v1::Score* message) {
  if (score.purchase_days > 0) {
    FillDate(score.first_day, message->mutable_first_purchase_date());
    FillDate(score.last_day, message->mutable_last_purchase_date());
  }
  message->set_purchase_days(score.purchase_days);
  message->set_rows(score.rows);
  message->set_return_rows(score.return_rows);
  message->set_net_micros(score.net_micros);
  if (score.recency_score > 0) message->set_recency_score(score.recency_score);
  if (score.frequency_score > 0) message->set_frequency_score(score.frequency_score);
  if (score.monetary_score > 0) message->set_monetary_score(score.monetary_score);
  message->set_rfm_segment(static_cast<v1::RfmSegment>(score.segment));
  if (score.cluster >= 0) message->set_cluster(score.cluster + 1);
  if (score.second_cluster >= 0) message->set_second_cluster(score.second_cluster + 1);
  if (!std::isnan(score.cluster_distance)) message->set_cluster_distance(score.cluster_distance);
  if (!std::isnan(score.p_alive)) message->set_p_alive(score.p_alive);
  if (!std::isnan(score.expected_purchases)) message->set_expected_purchases(score.expected_purchases);
  if (!std::isnan(score.p_no_purchase)) message->set_p_no_purchase(score.p_no_purchase);
  if (!std::isnan(score.expected_spend)) message->set_expected_spend(score.expected_spend);
  if (!std::isnan(score.lifetime_value)) message->set_lifetime_value(score.lifetime_value);
  if (!std::isnan(score.churn_probability)) message->set_churn_probability(score.churn_probability);
  for (uint32_t bits = score.flags; bits != 0; bits &= bits - 1) {
    message->add_flags(static_cast<v1::ScoreFlag>(std::countr_zero(bits) + 1));
  }
}

void FillClasses(const CustomerScore& score, const FittedModels& models, v1::Score* message) {
  for (size_t slot = 0; slot < kSchemes; ++slot) {
    if (score.classes[slot] == 0) continue;
    const auto scheme = static_cast<SchemeId>(slot);
    const std::string_view name = ClassNameOf(models, scheme, score.classes[slot]);
    if (name.empty()) continue;
    v1::ClassOf* of = message->add_classes();
    of->set_scheme(Name(scheme));
    of->set_class_name(name.data(), name.size());
  }
}

void FillClusterName(const CustomerScore& score, const FittedModels& models, v1::Score* message) {
  if (score.cluster < 0 || !models.clustering.has_value()) return;
  const FittedCluster* cluster = models.clustering->Find(score.cluster + 1);
  if (cluster != nullptr) message->set_cluster_name(EscapeNonUtf8(cluster->name));
}

absl::StatusOr<std::vector<NamedClass>> ReadClasses(const v1::Score& message) {
  std::vector<NamedClass> classes;
  for (const v1::ClassOf& of : message.classes()) {
    if (of.scheme().empty() || of.class_name().empty()) {
      return AnswerInvalid("score.classes", "a class without a name, or of no scheme");
    }
    classes.push_back({of.scheme(), of.class_name()});
  }
  return classes;
}

absl::StatusOr<CustomerScore> ReadScore(const v1::Score& message) {
  CustomerScore score;
  if (message.has_first_purchase_date() != (message.purchase_days() > 0) ||
      message.has_last_purchase_date() != message.has_first_purchase_date()) {
    return AnswerInvalid("score.first_purchase_date",
                         "first and last purchase date must be there with a purchase day, and only then");
  }
  if (message.has_first_purchase_date()) {
    STRATA_ASSIGN_OR_RETURN(score.first_day,
                            ReadAnsweredDate(message.first_purchase_date(), "score.first_purchase_date"));
    STRATA_ASSIGN_OR_RETURN(score.last_day, ReadAnsweredDate(message.last_purchase_date(), "score.last_purchase_date"));
  }
  score.purchase_days = message.purchase_days();
  score.rows = message.rows();
  score.return_rows = message.return_rows();
  score.net_micros = message.net_micros();
  STRATA_RETURN_IF_ERROR(ReadRfm(message, &score));
  STRATA_RETURN_IF_ERROR(ReadCluster(message, &score));
  if (message.has_p_alive()) score.p_alive = message.p_alive();
  if (message.has_expected_purchases()) score.expected_purchases = message.expected_purchases();
  if (message.has_p_no_purchase()) score.p_no_purchase = message.p_no_purchase();
  if (message.has_expected_spend()) score.expected_spend = message.expected_spend();
  if (message.has_lifetime_value()) score.lifetime_value = message.lifetime_value();
  if (message.has_churn_probability()) score.churn_probability = message.churn_probability();
  STRATA_ASSIGN_OR_RETURN(score.churn, ReadChurn(message));
  if (message.has_outlook()) {
    STRATA_ASSIGN_OR_RETURN(score.outlook, ReadOutlook(message.outlook()));
  }
  for (const int flag : message.flags()) {
    if (flag < 1 || flag > v1::ScoreFlag_MAX) {
      return AnswerInvalid("score.flags", fmt::format("{} is no flag this program knows", flag));
    }
    score.flags |= 1u << (flag - 1);
  }
  return score;
}

bool IsCustomerId(std::string_view id) { return !id.empty() && id.size() <= kMaxQuestionIdBytes && IsUtf8(id); }

absl::StatusOr<SnapshotName> ReadGetScore(const v1::GetScoreRequest& request) {
  if (!IsCustomerId(request.customer_id())) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, "CUSTOMER_ID_INVALID",
        fmt::format("customer_id has {} bytes{}, must be 1 to {} bytes of UTF-8", request.customer_id().size(),
                    IsUtf8(request.customer_id()) ? "" : ", not all of them UTF-8", kMaxQuestionIdBytes),
        {{"field", "customer_id"}});
  }
  return ParseSnapshotParent("parent", request.parent());
}

absl::StatusOr<SnapshotName> ReadLookup(const v1::LookupScoresRequest& request) {
  if (request.customer_ids().empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "NO_IDS",
                     fmt::format("customer_ids is empty, must have 1 to {} ids", kMaxLookupIds),
                     {{"field", "customer_ids"}});
  }
  if (request.customer_ids_size() > kMaxLookupIds) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, "TOO_MANY_IDS",
        fmt::format("customer_ids has {} ids, must have 1 to {}; ask in several calls, or use ExportScores",
                    request.customer_ids_size(), kMaxLookupIds),
        {{"field", "customer_ids"}});
  }
  return ParseSnapshotParent("parent", request.parent());
}

}  // namespace strata
