#include "wire/snapshot_diff.h"

#include <fmt/format.h>

#include "strata/v1/snapshot_service.pb.h"
#include "wire/dates.h"
#include "wire/errors.h"
#include "wire/ledgers.h"
#include "wire/text.h"

namespace strata {
namespace {

using Response = v1::DiffSnapshotsResponse;

void FillFacts(const SnapshotFacts& facts, const std::string& job, Response::Facts* message) {
  message->set_name(SnapshotResource(job, facts.number));
  message->set_digest(facts.digest);
  FillDate(facts.as_of, message->mutable_as_of());
  if (facts.follows > 0) message->set_follows(SnapshotResource(job, facts.follows));
  message->set_ledger_version(facts.ledger_version);
  message->set_ledger_digest(facts.ledger_digest);
  message->set_shards(facts.shards);
  message->set_currency(facts.currency);
  message->set_customers(facts.customers);
  message->set_customers_with_purchase(facts.customers_with_purchase);
  FillRowCounts(facts.rows, message->mutable_rows());
  message->set_build(EscapeNonUtf8(facts.build));
  FillTime(facts.created_ms, message->mutable_create_time());
  message->set_size_bytes(facts.size_bytes);
}

absl::Status ReadFactsOf(const Response::Facts& message, std::string* job, SnapshotFacts* facts) {
  STRATA_ASSIGN_OR_RETURN(const SnapshotName name, ParseNumberedSnapshotName("name", message.name()));
  *job = name.job;
  facts->number = name.number;
  if (!message.follows().empty()) {
    STRATA_ASSIGN_OR_RETURN(const SnapshotName follows, ParseNumberedSnapshotName("follows", message.follows()));
    facts->follows = follows.number;
  }
  STRATA_ASSIGN_OR_RETURN(facts->as_of, ReadDate(message.as_of(), "as_of"));
  STRATA_ASSIGN_OR_RETURN(facts->created_ms, ReadTime(message.create_time(), "create_time"));
  STRATA_ASSIGN_OR_RETURN(facts->rows, ReadRowCounts(message.rows(), "rows"));
  facts->digest = message.digest();
  facts->ledger_version = message.ledger_version();
  facts->ledger_digest = message.ledger_digest();
  facts->shards = message.shards();
  facts->currency = message.currency();
  facts->customers = message.customers();
  facts->customers_with_purchase = message.customers_with_purchase();
  facts->build = message.build();
  facts->size_bytes = message.size_bytes();
  return absl::OkStatus();
}

absl::Status ReadFacts(std::string_view field, const Response::Facts& message, std::string* job, SnapshotFacts* facts) {
  const absl::Status read = ReadFactsOf(message, job, facts);
  return read.ok() ? read : AnswerInvalid(field, StdView(read.message()));
}

void FillMoves(const std::vector<ClassMove>& moves, google::protobuf::RepeatedPtrField<Response::Move>* messages) {
  for (const ClassMove& move : moves) {
    Response::Move* message = messages->Add();
    message->set_from(move.from);
    message->set_to(move.to);
    message->set_customers(move.customers);
  }
}

absl::Status ReadMoves(std::string_view field, const google::protobuf::RepeatedPtrField<Response::Move>& messages,
                       const SnapshotDiff& diff, std::vector<ClassMove>* moves) {
  int64_t left = 0;
  int64_t entered = 0;
  int64_t stayed = 0;
  for (const Response::Move& message : messages) {
    if (message.customers() < 1) return AnswerInvalid(field, fmt::format("{} customers move", message.customers()));
    moves->push_back({.from = message.from(), .to = message.to(), .customers = message.customers()});
    (message.from().empty() ? entered : message.to().empty() ? left : stayed) += message.customers();
  }
  if (left == diff.customers_left && entered == diff.customers_entered && stayed == diff.customers_in_both)
    return absl::OkStatus();
  return AnswerInvalid(field, "does not add up to the customers");
}

void FillDistribution(const Distribution& distribution, Response::Distribution* message) {
  message->set_present(distribution.present);
  if (distribution.mean.has_value()) message->set_mean(*distribution.mean);
  message->mutable_deciles()->Add(distribution.deciles.begin(), distribution.deciles.end());
}

Distribution ReadDistribution(const Response::Distribution& message) {
  Distribution distribution{
      .present = message.present(), .mean = {}, .deciles = {message.deciles().begin(), message.deciles().end()}};
  if (message.has_mean()) distribution.mean = message.mean();
  return distribution;
}

void FillDrift(const ColumnDrift& drift, Response::Drift* message) {
  message->set_column(drift.column);
  FillDistribution(drift.base, message->mutable_base());
  FillDistribution(drift.other, message->mutable_other());
  if (drift.stability_index.has_value()) message->set_stability_index(*drift.stability_index);
  message->mutable_base_bins()->Add(drift.base_bins.begin(), drift.base_bins.end());
  message->mutable_other_bins()->Add(drift.other_bins.begin(), drift.other_bins.end());
}

bool IsWhole(const Distribution& distribution, const std::vector<int64_t>& bins, int64_t customers) {
  int64_t total = 0;
  for (const int64_t bin : bins) {
    if (bin < 0) return false;
    total += bin;
  }
  const bool has_values = distribution.present > 0;
  return total == customers && distribution.present >= 0 && distribution.mean.has_value() == has_values &&
         distribution.deciles.size() == (has_values ? kDeciles : 0);
}

absl::Status ReadDrift(const Response::Drift& message, SnapshotDiff* diff) {
  ColumnDrift drift{.column = message.column(),
                    .base = ReadDistribution(message.base()),
                    .other = ReadDistribution(message.other()),
                    .base_bins = {message.base_bins().begin(), message.base_bins().end()},
                    .other_bins = {message.other_bins().begin(), message.other_bins().end()},
                    .stability_index = {}};
  if (message.has_stability_index()) drift.stability_index = message.stability_index();
  const bool same_bins = drift.base_bins.size() == drift.other_bins.size();
  if (!same_bins || !IsWhole(drift.base, drift.base_bins, diff->base.customers) ||
      !IsWhole(drift.other, drift.other_bins, diff->other.customers)) {
    return AnswerInvalid("drifts",
                         fmt::format("bins or deciles of column '{}' do not fit its customers", drift.column));
  }
  diff->drifts.push_back(std::move(drift));
  return absl::OkStatus();
}

}  // namespace

absl::Status SnapshotsEqual(const SnapshotName& name) {
  return MakeError(
      absl::StatusCode::kInvalidArgument, "SNAPSHOTS_EQUAL",
      fmt::format("snapshot {} of job '{}' is to be compared with itself; name two snapshots", name.number, name.job),
      {{"job", name.job}});
}

absl::StatusOr<DiffSnapshotsQuestion> ReadDiffSnapshots(const v1::DiffSnapshotsRequest& request) {
  DiffSnapshotsQuestion question;
  STRATA_ASSIGN_OR_RETURN(question.base, ParseSnapshotName("base", request.base()));
  STRATA_ASSIGN_OR_RETURN(question.other, ParseSnapshotName("other", request.other()));
  if (question.base.job != question.other.job) {
    return MakeError(absl::StatusCode::kInvalidArgument, "JOBS_DIFFER",
                     fmt::format("base is of job '{}' and other of job '{}'; allowed are two snapshots of one job",
                                 question.base.job, question.other.job),
                     {{"field", "other"}});
  }
  if (question.base == question.other && !question.base.is_current()) return SnapshotsEqual(question.base);
  return question;
}

void FillDiff(const SnapshotDiff& diff, Response* message) {
  FillFacts(diff.base, diff.job, message->mutable_base());
  FillFacts(diff.other, diff.job, message->mutable_other());
  message->set_customers_in_both(diff.customers_in_both);
  message->set_customers_left(diff.customers_left);
  message->set_customers_entered(diff.customers_entered);
  FillMoves(diff.rfm_moves, message->mutable_rfm_moves());
  FillMoves(diff.cluster_moves, message->mutable_cluster_moves());
  for (const ColumnDrift& drift : diff.drifts) FillDrift(drift, message->add_drifts());
  for (const ParameterPair& pair : diff.parameters) {
    Response::Parameter* parameter = message->add_parameters();
    parameter->set_name(EscapeNonUtf8(pair.name));
    if (pair.base.has_value()) parameter->set_base(*pair.base);
    if (pair.other.has_value()) parameter->set_other(*pair.other);
  }
}

absl::StatusOr<SnapshotDiff> ReadDiff(const Response& message) {
  SnapshotDiff diff;
  std::string other_job;
  STRATA_RETURN_IF_ERROR(ReadFacts("base", message.base(), &diff.job, &diff.base));
  STRATA_RETURN_IF_ERROR(ReadFacts("other", message.other(), &other_job, &diff.other));
  if (other_job != diff.job) return AnswerInvalid("other", fmt::format("is of job '{}'", other_job));
  diff.customers_in_both = message.customers_in_both();
  diff.customers_left = message.customers_left();
  diff.customers_entered = message.customers_entered();
  if (diff.customers_in_both < 0 || diff.customers_left < 0 || diff.customers_entered < 0 ||
      diff.customers_in_both + diff.customers_left != diff.base.customers ||
      diff.customers_in_both + diff.customers_entered != diff.other.customers) {
    return AnswerInvalid("customers_in_both", "does not fit the customers of the snapshots");
  }
  STRATA_RETURN_IF_ERROR(ReadMoves("rfm_moves", message.rfm_moves(), diff, &diff.rfm_moves));
  STRATA_RETURN_IF_ERROR(ReadMoves("cluster_moves", message.cluster_moves(), diff, &diff.cluster_moves));
  for (const Response::Drift& drift : message.drifts()) STRATA_RETURN_IF_ERROR(ReadDrift(drift, &diff));
  for (const Response::Parameter& parameter : message.parameters()) {
    ParameterPair pair{.name = parameter.name(), .base = {}, .other = {}};
    if (parameter.has_base()) pair.base = parameter.base();
    if (parameter.has_other()) pair.other = parameter.other();
    if (!pair.base.has_value() && !pair.other.has_value()) {
      return AnswerInvalid("parameters", fmt::format("'{}' is in neither snapshot", pair.name));
    }
    diff.parameters.push_back(std::move(pair));
  }
  return diff;
}

}  // namespace strata
