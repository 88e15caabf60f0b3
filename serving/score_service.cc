#include "serving/score_service.h"

#include <fmt/format.h>

#include <atomic>
#include <vector>

#include "serving/answering.h"
#include "serving/arena_messages.h"
#include "serving/expected_by_period.h"
#include "serving/export_stream.h"
#include "strata/v1/score_service.grpc.pb.h"
#include "wire/churn_scores.h"
#include "wire/outlooks.h"

namespace strata {
namespace {

absl::Status CustomerUnknown(const ServedSnapshot& served, const std::string& id) {
  const std::string snapshot = SnapshotResource(served.job, served.record.number);
  return MakeError(absl::StatusCode::kNotFound, "CUSTOMER_UNKNOWN",
                   fmt::format("{} (as of {}) has no customer '{}'", snapshot, FormatDay(served.record.as_of), id),
                   {{"snapshot", snapshot}, {"as_of", FormatDay(served.record.as_of)}});
}

void FillSegments(const Snapshot& snapshot, const Snapshot::Place& place, v1::Score* score) {
  if (snapshot.members().empty()) return;
  const MembersFile& members = snapshot.members()[place.shard];
  for (size_t i = 0; i < members.names().size(); ++i) {
    if (members.Has(i, place.row)) score->add_segments(members.names()[i]);
  }
}

void FillAll(const Snapshot& snapshot, const Snapshot::Place& place, v1::Score* message) {
  const CustomerScore score = snapshot.parts()[place.shard].Row(place.row).score;
  FillScore(score, message);
  const auto& lifetime = snapshot.models().lifetime;
  if (lifetime.has_value()) FillOutlook(score.outlook, lifetime->interval_level, message);
  FillChurn(score.churn, snapshot.models(), message);
  FillClasses(score, snapshot.models(), message);
  FillClusterName(score, snapshot.models(), message);
  FillSegments(snapshot, place, message);
}

void FillPeriods(const Snapshot& snapshot, const Snapshot::Place& place, v1::Score* message) {
  if (!message->has_outlook()) return;
  const CustomerScore score = snapshot.parts()[place.shard].Row(place.row).score;
  const std::vector<float> periods = ExpectedByPeriod(score, snapshot.manifest().as_of, snapshot.models());
  message->mutable_outlook()->mutable_expected_purchases_by_period()->Add(periods.begin(), periods.end());
}

void FillResult(const Snapshot& snapshot, const std::string& id, v1::LookupResult* result) {
  if (!IsCustomerId(id)) return result->set_status(v1::LOOKUP_STATUS_INVALID_ID);
  const std::optional<Snapshot::Place> place = snapshot.FindPlace(id);
  if (!place.has_value()) return result->set_status(v1::LOOKUP_STATUS_NOT_FOUND);
  result->set_status(v1::LOOKUP_STATUS_FOUND);
  FillAll(snapshot, *place, result->mutable_score());
}

// One addition per outcome and call, however many ids it asks for.
void CountResults(const v1::LookupScoresResponse& response, ServingMetrics* metrics) {
  uint64_t found = 0;
  uint64_t invalid = 0;
  for (const v1::LookupResult& result : response.results()) {
    found += result.status() == v1::LOOKUP_STATUS_FOUND ? 1 : 0;
    invalid += result.status() == v1::LOOKUP_STATUS_INVALID_ID ? 1 : 0;
  }
  metrics->ids_found().Add(found);
  metrics->ids_invalid().Add(invalid);
  metrics->ids_not_found().Add(static_cast<uint64_t>(response.results_size()) - found - invalid);
}

class ScoreService final : public v1::ScoreService::CallbackService {
 public:
  explicit ScoreService(const ServingContext& serving) : serving_(serving) {
    SetMessageAllocatorFor_LookupScores(&lookup_messages_);
  }

  grpc::ServerUnaryReactor* GetScore(grpc::CallbackServerContext* context, const v1::GetScoreRequest* request,
                                     v1::GetScoreResponse* response) override {
    const UnaryCall call(serving_, get_score_, context);
    AnswerFromSnapshot(serving_, call, ReadGetScore(*request), [this, request, response](const ServedSnapshot& served) {
      const auto place = served.snapshot->FindPlace(request->customer_id());
      (place.has_value() ? serving_.metrics->ids_found() : serving_.metrics->ids_not_found()).Add();
      if (!place.has_value()) return CustomerUnknown(served, request->customer_id());
      FillAll(*served.snapshot, *place, response->mutable_score());
      FillPeriods(*served.snapshot, *place, response->mutable_score());
      FillAnswerInfo(FactsOf(serving_, served), response->mutable_info());
      return absl::OkStatus();
    });
    return call.reactor();
  }

  grpc::ServerUnaryReactor* LookupScores(grpc::CallbackServerContext* context, const v1::LookupScoresRequest* request,
                                         v1::LookupScoresResponse* response) override {
    const UnaryCall call(serving_, lookup_scores_, context);
    AnswerFromSnapshot(serving_, call, ReadLookup(*request), [this, request, response](const ServedSnapshot& served) {
      response->mutable_results()->Reserve(request->customer_ids_size());
      for (const std::string& id : request->customer_ids()) {
        FillResult(*served.snapshot, id, response->add_results());
      }
      CountResults(*response, serving_.metrics);
      FillAnswerInfo(FactsOf(serving_, served), response->mutable_info());
      return absl::OkStatus();
    });
    return call.reactor();
  }

  grpc::ServerWriteReactor<v1::ExportScoresResponse>* ExportScores(grpc::CallbackServerContext*,
                                                                   const v1::ExportScoresRequest* request) override {
    return StartExport(serving_, export_scores_, *request, &exports_);
  }

 private:
  ServingContext serving_;
  CallMetrics* get_score_ = serving_.metrics->Method("strata.v1.ScoreService/GetScore");
  CallMetrics* lookup_scores_ = serving_.metrics->Method("strata.v1.ScoreService/LookupScores");
  CallMetrics* export_scores_ = serving_.metrics->Method("strata.v1.ScoreService/ExportScores");
  ArenaMessages<v1::LookupScoresRequest, v1::LookupScoresResponse> lookup_messages_;
  std::atomic<int> exports_ = 0;
};

}  // namespace

std::unique_ptr<grpc::Service> NewScoreService(const ServingContext& serving) {
  return std::make_unique<ScoreService>(serving);
}

}  // namespace strata
