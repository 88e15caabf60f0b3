#include "serving/snapshot_service.h"

#include <fmt/format.h>

#include <cmath>

#include "data/snapshot/snapshot_diff.h"
#include "serving/answering.h"
#include "strata/v1/snapshot_service.grpc.pb.h"
#include "wire/models.h"
#include "wire/snapshot_diff.h"
#include "wire/snapshots.h"

namespace strata {
namespace {

absl::Status ReadOnly() {
  return MakeError(absl::StatusCode::kFailedPrecondition, "SERVER_READ_ONLY",
                   "this server only reads the state; ask the coordinator that leads it");
}

bool IsCurrent(const JobView& job, int64_t number) {
  return job.pointer.has_value() && job.pointer->snapshot == number;
}

// A job as the catalogue sees it now.
absl::StatusOr<std::shared_ptr<const JobView>> FindJob(const SnapshotCatalogue& catalogue, const std::string& job) {
  const auto view = catalogue.view();
  if (const auto found = view->find(job); found != view->end()) return found->second;
  return catalogue.UnknownJob(job);
}

absl::Status FillRecord(const JobView& job, const SnapshotName& name, v1::Snapshot* message) {
  const int64_t number = name.is_current() ? job.wanted() : name.number;
  const auto record = job.records.find(number);
  if (record == job.records.end()) {
    return MakeError(absl::StatusCode::kNotFound, "SNAPSHOT_UNKNOWN",
                     name.is_current() ? fmt::format("job '{}' has no current snapshot", name.job)
                                       : fmt::format("job '{}' has no snapshot {}", name.job, number),
                     {{"job", name.job}});
  }
  FillSnapshot(record->second, name.job, IsCurrent(job, number), message);
  return absl::OkStatus();
}

// What the models alone do not know. Every customer with a purchase has a p_alive, or none has.
void FillActive(const Snapshot& snapshot, v1::Models* models) {
  const Manifest& manifest = snapshot.manifest();
  if (!models->has_lifetime() || !manifest.totals.has_value() || std::isnan(manifest.totals->mean_p_alive)) return;
  models->mutable_lifetime()->set_active_customers(manifest.totals->mean_p_alive *
                                                   static_cast<double>(manifest.customers_with_purchase));
}

class SnapshotService final : public v1::SnapshotService::CallbackService {
 public:
  explicit SnapshotService(const ServingContext& serving) : serving_(serving) {}

  grpc::ServerUnaryReactor* ListSnapshots(grpc::CallbackServerContext* context, const v1::ListSnapshotsRequest* request,
                                          v1::ListSnapshotsResponse* response) override {
    const UnaryCall call(serving_, list_snapshots_, context);
    call.Finish(FillList(*request, response));
    return call.reactor();
  }

  grpc::ServerUnaryReactor* GetSnapshot(grpc::CallbackServerContext* context, const v1::GetSnapshotRequest* request,
                                        v1::Snapshot* response) override {
    const UnaryCall call(serving_, get_snapshot_, context);
    call.Finish(FillOne(ParseSnapshotName("name", request->name()), response));
    return call.reactor();
  }

  grpc::ServerUnaryReactor* GetModels(grpc::CallbackServerContext* context, const v1::GetModelsRequest* request,
                                      v1::GetModelsResponse* response) override {
    const UnaryCall call(serving_, get_models_, context);
    AnswerFromSnapshot(serving_, call, ParseModelsName("name", request->name()),
                       [this, response](const ServedSnapshot& served) {
                         FillModels(served.snapshot->models(), response->mutable_models());
                         FillActive(*served.snapshot, response->mutable_models());
                         FillAnswerInfo(FactsOf(serving_, served), response->mutable_info());
                         return absl::OkStatus();
                       });
    return call.reactor();
  }

  grpc::ServerUnaryReactor* VerifySnapshot(grpc::CallbackServerContext* context,
                                           const v1::VerifySnapshotRequest* request,
                                           v1::VerifySnapshotResponse* response) override {
    return OnLane({serving_, verify_snapshot_, context}, [this, request, response]() -> absl::Status {
      STRATA_ASSIGN_OR_RETURN(const SnapshotName name, ParseSnapshotName("name", request->name()));
      STRATA_ASSIGN_OR_RETURN(const ServedSnapshot verified, serving_.catalogue->Verify(name));
      const Manifest& manifest = verified.snapshot->manifest();
      uint64_t size_bytes = 0;
      for (const ManifestEntry& entry : manifest.entries) size_bytes += entry.size_bytes;
      response->set_snapshot(SnapshotResource(verified.job, verified.record.number));
      response->set_digest(manifest.digest);
      response->set_objects(static_cast<int64_t>(manifest.entries.size()));
      response->set_size_bytes(static_cast<int64_t>(size_bytes));
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* DiffSnapshots(grpc::CallbackServerContext* context, const v1::DiffSnapshotsRequest* request,
                                          v1::DiffSnapshotsResponse* response) override {
    return OnLane({serving_, diff_snapshots_, context}, [this, context, request, response]() -> absl::Status {
      STRATA_ASSIGN_OR_RETURN(const DiffSnapshotsQuestion question, ReadDiffSnapshots(*request));
      // Held until the answer, whatever is activated, deleted or asked for meanwhile.
      STRATA_ASSIGN_OR_RETURN(const auto base, serving_.catalogue->Open(question.base));
      STRATA_ASSIGN_OR_RETURN(const auto other, serving_.catalogue->Open(question.other));
      if (base->record.number == other->record.number) {
        return SnapshotsEqual({.job = question.base.job, .number = base->record.number});
      }
      STRATA_ASSIGN_OR_RETURN(const SnapshotDiff diff,
                              strata::DiffSnapshots(*serving_.objects, *base->snapshot, *other->snapshot,
                                                    [context] { return context->IsCancelled(); }));
      FillDiff(diff, response);
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* ActivateSnapshot(grpc::CallbackServerContext* context,
                                             const v1::ActivateSnapshotRequest* request,
                                             v1::ActivateSnapshotResponse* response) override {
    return OnLane({serving_, activate_snapshot_, context}, [this, request, response]() -> absl::Status {
      STRATA_ASSIGN_OR_RETURN(const SnapshotName name, ParseNumberedSnapshotName("name", request->name()));
      if (serving_.actions == nullptr) return ReadOnly();
      STRATA_RETURN_IF_ERROR(serving_.actions->Activate(name.job, name.number));
      STRATA_RETURN_IF_ERROR(serving_.catalogue->RefreshJob(name.job));
      STRATA_ASSIGN_OR_RETURN(const auto job, FindJob(*serving_.catalogue, name.job));
      response->set_generation(job->pointer.has_value() ? job->pointer->generation : 0);
      return FillRecord(*job, name, response->mutable_snapshot());
    });
  }

  grpc::ServerUnaryReactor* DeleteSnapshot(grpc::CallbackServerContext* context,
                                           const v1::DeleteSnapshotRequest* request,
                                           v1::DeleteSnapshotResponse*) override {
    return OnLane({serving_, delete_snapshot_, context}, [this, request]() -> absl::Status {
      STRATA_ASSIGN_OR_RETURN(const SnapshotName name, ParseNumberedSnapshotName("name", request->name()));
      if (serving_.actions == nullptr) return ReadOnly();
      STRATA_RETURN_IF_ERROR(serving_.actions->Delete(name.job, name.number));
      return serving_.catalogue->RefreshJob(name.job);
    });
  }

 private:
  grpc::ServerUnaryReactor* OnLane(const UnaryCall& call, std::function<absl::Status()> work) const {
    AnswerFromLane(serving_, call, std::move(work));
    return call.reactor();
  }

  absl::Status FillOne(const absl::StatusOr<SnapshotName>& name, v1::Snapshot* response) const {
    STRATA_RETURN_IF_ERROR(name.status());
    STRATA_ASSIGN_OR_RETURN(const auto job, FindJob(*serving_.catalogue, name->job));
    return FillRecord(*job, *name, response);
  }

  absl::Status FillList(const v1::ListSnapshotsRequest& request, v1::ListSnapshotsResponse* response) const {
    STRATA_ASSIGN_OR_RETURN(const ListSnapshotsQuestion question, ReadListSnapshots(request));
    STRATA_ASSIGN_OR_RETURN(const auto job, FindJob(*serving_.catalogue, question.job));
    auto record = question.before == 0 ? job->records.end() : job->records.lower_bound(question.before);
    while (record != job->records.begin() && response->snapshots_size() < question.page_size) {
      --record;
      FillSnapshot(record->second, question.job, IsCurrent(*job, record->first), response->add_snapshots());
    }
    if (record != job->records.begin()) response->set_next_page_token(SnapshotsToken(question.job, record->first));
    return absl::OkStatus();
  }

  ServingContext serving_;
  CallMetrics* list_snapshots_ = serving_.metrics->Method("strata.v1.SnapshotService/ListSnapshots");
  CallMetrics* get_snapshot_ = serving_.metrics->Method("strata.v1.SnapshotService/GetSnapshot");
  CallMetrics* get_models_ = serving_.metrics->Method("strata.v1.SnapshotService/GetModels");
  CallMetrics* verify_snapshot_ = serving_.metrics->Method("strata.v1.SnapshotService/VerifySnapshot");
  CallMetrics* diff_snapshots_ = serving_.metrics->Method("strata.v1.SnapshotService/DiffSnapshots");
  CallMetrics* activate_snapshot_ = serving_.metrics->Method("strata.v1.SnapshotService/ActivateSnapshot");
  CallMetrics* delete_snapshot_ = serving_.metrics->Method("strata.v1.SnapshotService/DeleteSnapshot");
};

}  // namespace

std::unique_ptr<grpc::Service> NewSnapshotService(const ServingContext& serving) {
  return std::make_unique<SnapshotService>(serving);
}

}  // namespace strata
